/** Messages of flows out of the heads that HTTP/1 sends, byte for byte (RFC 9112, sections 2 to 5). */
import { ProtocolError } from '../errors.js';
import { lineRepr } from '../wire/bytes-repr.js';
import type { RequestHead, ResponseHead } from '../wire/http1-head.js';
import { parseTarget } from '../wire/request-target.js';
import { Headers } from './message/headers.js';
import { Request } from './message/request.js';
import { Response } from './message/response.js';
import { defaultPort, demandAuthority } from './message/url.js';
import { decodeUtf8 } from './message/utf8.js';

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
 * @param timestampStart seconds since 1970
 * @throws {ProtocolError} for a target that leads nowhere
 */
export function requestOf(head: RequestHead, timestampStart: number): Request {
  const { method, httpVersion } = head;
  const headers = new Headers(head.headers);
  if (head.isPath && method !== 'CONNECT') {
    const path = textOf(head.targetText);
    return new Request({
      method: textOf(method),
      scheme: '',
      host: '',
      port: 0,
      path,
      httpVersion,
      headers,
      timestampStart,
    });
  }
  return new Request({ ...targetOf(head, method), method: textOf(method), httpVersion, headers, timestampStart });
}

function targetOf(head: RequestHead, method: string): Target {
  const { form, scheme = '', authority = '', path } = parseTarget(head.target, method);
  if (form === 'origin' || form === 'asterisk') {
    return { scheme: '', host: '', port: 0, authority: '', path: textOf(path) };
  }
  const { host, port = defaultPort(scheme.toLowerCase()) } = split(authority, head);
  const isKnown = form === 'authority' || defaultPort(scheme.toLowerCase()) !== undefined;
  if (port === undefined || !isKnown) throw badLine(head);
  return { scheme: scheme.toLowerCase(), host, port, authority, path: form === 'authority' ? '' : textOf(path) };
}

function split(authority: string, head: RequestHead): { host: string; port?: number | undefined } {
  try {
    return demandAuthority(authority);
  } catch {
    throw badLine(head);
  }
}

/** Text of messages, of text with a character a byte. */
function textOf(latin1: string): string {
  return /[^\0-\x7f]/.test(latin1) ? decodeUtf8(Buffer.from(latin1, 'latin1')) : latin1;
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
