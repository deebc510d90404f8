/** Messages of flows out of the heads that HTTP/1 sends, byte for byte (RFC 9112, sections 2 to 5). */
import { ProtocolError } from '../errors.js';
import { lineRepr } from '../wire/bytes-repr.js';
import type { RequestHead, ResponseHead } from '../wire/http1-head.js';
import { parseTarget } from '../wire/request-target.js';
import { Headers } from './message/headers.js';
import { Request } from './message/request.js';
import { Response } from './message/response.js';
import { defaultPort, demandAuthority } from './message/url.js';

const slash = 0x2f;
const space = 0x20;
const tab = 0x09;

/** Where a request line says that its request goes; all of it empty when the target is a path. */
interface Target {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly authority: string;
  readonly path: string;
}

/**
 * A request as its head has it, without its body. Host, port and scheme are those of an absolute target, host and
 * port those of an authority; empty and 0 otherwise.
 * @param timestamp seconds since 1970
 * @throws {ProtocolError} for a target that leads nowhere
 */
export function requestOf(head: RequestHead, timestamp: number): Request {
  const method = head.method;
  const target = targetOf(head, method);
  return new Request({
    ...target,
    method,
    httpVersion: head.httpVersion,
    headers: new Headers(head.headers),
    timestampStart: timestamp,
  });
}

function targetOf(head: RequestHead, method: string): Target {
  const bytes = head.target;
  if (bytes[0] === slash && method !== 'CONNECT') return pathOnly(head.targetText);
  const { form, scheme = '', authority = '', path } = parseTarget(bytes, method);
  if (form === 'origin' || form === 'asterisk') return pathOnly(path);
  const { host, port = defaultPort(scheme.toLowerCase()) } = split(authority, head);
  const isKnown = form === 'authority' || defaultPort(scheme.toLowerCase()) !== undefined;
  if (port === undefined || !isKnown) throw badLine(head);
  return { scheme: scheme.toLowerCase(), host, port, authority, path: form === 'authority' ? '' : path };
}

function pathOnly(path: string): Target {
  return { scheme: '', host: '', port: 0, authority: '', path };
}

function split(authority: string, head: RequestHead): { host: string; port?: number | undefined } {
  try {
    return demandAuthority(authority);
  } catch {
    throw badLine(head);
  }
}

function badLine(head: RequestHead): ProtocolError {
  return new ProtocolError(`Bad HTTP request line: ${lineRepr(head.startLine)}`);
}

/**
 * A response as its head has it, without its body.
 * @param timestamp seconds since 1970
 */
export function responseOf(head: ResponseHead, timestamp: number): Response {
  return new Response({
    statusCode: head.code,
    reason: reasonOf(head),
    httpVersion: head.httpVersion,
    headers: new Headers(head.headers),
    timestampStart: timestamp,
  });
}

/** The phrase with the blanks behind it, which the head leaves out. */
function reasonOf(head: ResponseHead): string {
  const line = head.startLine;
  const last = line[line.length - 1];
  if (last !== space && last !== tab) return head.reason.toString('latin1');
  return /^[ \t]*[^ \t]+[ \t]+[^ \t]+[ \t]*(.*)$/s.exec(line.toString('latin1'))?.[1] ?? '';
}
