/** Messages in the specification language: what pathoc sends, and pathod serves, byte for byte. */
import { ContentError } from '../../errors.js';
import { encodeEscapes } from '../../language/escapes.js';
import type { HttpFlow } from '../flow/http-flow.js';
import { requestWithBody, responseWithBody, wholeMessage } from '../http1-writer.js';
import type { SentHead } from '../http1-writer.js';
import type { Headers } from '../message/headers.js';

/** Methods that stand without quotes. */
const named = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** A request for pathoc. @throws {ContentError} when its body was not kept */
export function pathocSpec({ request }: HttpFlow): string {
  const body = request.rawContent;
  if (body === undefined) throw new ContentError('the body of the request was not kept');
  const head = requestWithBody(request, body, false);
  const [, method = '', target = '', version = ''] = /^(\S*) (.*) (\S*)$/s.exec(head.startLine) ?? [];
  const first = named.has(method) ? method.toLowerCase() : quoted(method);
  const path = /^\/[\w./-]*$/.test(target) ? target : quoted(target);
  return [first, path, 'r', ...versionOf(version), ...rest(head, body, request.trailers)].join(':');
}

/** A response for pathod. @throws {ContentError} when there is none, or its body was not kept */
export function pathodSpec({ request, response }: HttpFlow): string {
  if (response === undefined) throw new ContentError('the flow has no response');
  const body = response.rawContent;
  if (body === undefined) throw new ContentError('the body of the response was not kept');
  const head = responseWithBody(response, body, { method: request.method, isHttp10: false });
  const [, version = '', code = '', reason = ''] = /^(\S*) (\S*) ?(.*)$/s.exec(head.startLine) ?? [];
  const clauses = [code, 'r', ...versionOf(version), `m${quoted(reason)}`, ...rest(head, body, response.trailers)];
  return clauses.join(':');
}

function versionOf(version: string): readonly string[] {
  return version === 'HTTP/1.1' ? [] : [`v${quoted(version)}`];
}

/** The fields, and the body as it is framed. */
function rest({ headers, ...head }: SentHead, body: Buffer, trailers: Headers | undefined): readonly string[] {
  const bytes = Buffer.concat(wholeMessage({ ...head, headers, startLine: '' }, body, trailers));
  const sent = bytes.subarray(headers.lines.length + 2 * lineEnd);
  const fields = headers.fields.map(([name, value]) => `h${quoted(name)}=${quoted(value)}`);
  return sent.length === 0 ? fields : [...fields, `b${quoted(sent)}`];
}

/** Bytes of a line end. */
const lineEnd = 2;

/** A literal value: text has a character a byte. */
function quoted(value: Buffer | string): string {
  return `'${encodeEscapes(typeof value === 'string' ? Buffer.from(value, 'latin1') : value)}'`;
}
