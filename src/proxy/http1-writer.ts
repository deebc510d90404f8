/**
 * Messages of flows as HTTP/1 sends them (RFC 9112): the field lines byte for byte. Only what would keep a body from
 * arriving is mended: a Content-Length that is not that of the body, chunks for a peer that knows none.
 */
import { responseFraming } from '../wire/http1-framing.js';
import { tellsLength } from './body-size.js';
import { authorityOf } from './exchange-target.js';
import { http1Headers } from './http2-message.js';
import { chunkOf, endOfChunks } from './http1-outgoing-body.js';
import type { Headers } from './message/headers.js';
import type { Message } from './message/message.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';
import { encodeUtf8 } from './message/utf8.js';

/** Bytes of a body up to which it is copied behind its head: one write is cheaper than two. */
const small = 16 * 1024;

const nothing: Buffer = Buffer.alloc(0);

/** How a body is sent: not at all, as long as Content-Length says, in chunks, or up to the end of the connection. */
export type SentAs = 'none' | 'length' | 'chunks' | 'close';

/** A head to be written. */
export interface SentHead {
  readonly startLine: string;
  readonly headers: Headers;
  readonly as: SentAs;
}

/** A message whose body is at hand, in one piece, or its head and a large body. */
export function wholeMessage({ startLine, headers, as }: SentHead, body: Buffer, trailers?: Headers): Buffer[] {
  if (as === 'none' || (body.length === 0 && as !== 'chunks')) return [headBytes(startLine, headers.lines, nothing)];
  if (as === 'chunks') {
    const end = endOfChunks(trailers);
    const chunks = body.length === 0 ? end : Buffer.concat([chunkOf(body), end]);
    return joined(startLine, headers.lines, chunks);
  }
  return joined(startLine, headers.lines, body);
}

function joined(startLine: string, block: Buffer, body: Buffer): Buffer[] {
  if (body.length <= small) return [headBytes(startLine, block, body)];
  return [headBytes(startLine, block, nothing), body];
}

/** A head, and what follows it. */
export function headBytes(startLine: string, block: Buffer, body: Buffer = nothing): Buffer {
  const bytes = Buffer.allocUnsafe(startLine.length + block.length + 4 + body.length);
  let at = bytes.write(startLine, 0, 'latin1');
  at = lineEnd(bytes, at);
  bytes.set(block, at);
  at = lineEnd(bytes, at + block.length);
  if (body.length > 0) bytes.set(body, at);
  return bytes;
}

function lineEnd(bytes: Buffer, at: number): number {
  bytes[at] = 0x0d;
  bytes[at + 1] = 0x0a;
  return at + 2;
}

/** The head of a request whose body is at hand. @param absolute whether it is for a proxy, which is told the whole URL */
export function requestWithBody(request: Request, body: Buffer, absolute: boolean): SentHead {
  const startLine = requestLine(request, absolute);
  const headers = http1Headers(request);
  if (isChunked(headers)) return { startLine, headers, as: 'chunks' };
  if (bringsTrailers(request)) return { startLine, headers: inChunks(headers), as: 'chunks' };
  const isNeeded = body.length > 0 || (request.isHttp2 && mayHaveBody(request.method));
  return { startLine, headers: withLength(headers, body.length, isNeeded), as: 'length' };
}

/** The head of a request whose body is to follow: in chunks when its length is not told. */
export function requestBeforeBody(request: Request, absolute: boolean): SentHead {
  const startLine = requestLine(request, absolute);
  const headers = http1Headers(request);
  if (isChunked(headers)) return { startLine, headers, as: 'chunks' };
  if (!headers.has('content-length')) return { startLine, headers: inChunks(headers), as: 'chunks' };
  return { startLine, headers, as: 'length' };
}

function requestLine(request: Request, absolute: boolean): string {
  const version = request.isHttp2 || request.isHttp3 ? 'HTTP/1.1' : request.httpVersion;
  return `${latin1Of(request.rawMethod)} ${latin1Of(targetOf(request, absolute))} ${version}`;
}

function targetOf(request: Request, absolute: boolean): string {
  if (request.firstLineFormat === 'authority') return request.authority;
  const isGiven = request.authority !== '' && !request.isHttp2;
  if (!absolute && !isGiven) return request.path;
  const authority = request.authority || authorityOf(request.scheme, request.host, request.port);
  return `${request.scheme}://${authority}${request.path === '*' ? '' : request.path}`;
}

/** What a response answers, as far as its framing depends on it. */
export interface Answered {
  readonly method: string;
  readonly isHttp10: boolean;
}

/** The head of a response whose body is at hand. */
export function responseWithBody(response: Response, body: Buffer, answered: Answered): SentHead {
  const startLine = statusLine(response);
  const { headers } = response;
  if (hasNoBody(response, answered)) return { startLine, headers, as: 'none' };
  if (isChunked(headers)) {
    if (!answered.isHttp10) return { startLine, headers, as: 'chunks' };
    return { startLine, headers: withLength(withoutChunks(headers), body.length, true), as: 'length' };
  }
  if (bringsTrailers(response) && !answered.isHttp10) return { startLine, headers: inChunks(headers), as: 'chunks' };
  // A body that ended with its connection does so again.
  const isOpenEnded = !response.isHttp2 && !headers.has('content-length');
  if (isOpenEnded) return { startLine, headers, as: 'close' };
  return { startLine, headers: withLength(headers, body.length, true), as: 'length' };
}

/** The head of a response whose body is to follow. */
export function responseBeforeBody(response: Response, answered: Answered): SentHead {
  const startLine = statusLine(response);
  const { headers } = response;
  if (hasNoBody(response, answered)) return { startLine, headers, as: 'none' };
  if (isChunked(headers)) {
    if (!answered.isHttp10) return { startLine, headers, as: 'chunks' };
    return { startLine, headers: withoutChunks(headers), as: 'close' };
  }
  if (headers.has('content-length')) return { startLine, headers, as: 'length' };
  if (answered.isHttp10 || response.isHttp10) return { startLine, headers, as: 'close' };
  return { startLine, headers: inChunks(headers), as: 'chunks' };
}

/** The first line of a response, without its line end. */
function statusLine({ isHttp2, isHttp3, httpVersion, statusCode, reason }: Response): string {
  const version = isHttp2 || isHttp3 ? 'HTTP/1.1' : httpVersion;
  return `${version} ${codeText(statusCode)} ${reason}`;
}

/** At least three digits (RFC 9112, section 4). */
function codeText(code: number): string {
  return code >= 0 && code < 100 ? String(code).padStart(3, '0') : String(code);
}

function hasNoBody({ statusCode }: Response, { method }: Answered): boolean {
  return responseFraming(statusCode, method, noFields).by === 'none';
}

const noFields = { contentLength: [], transferEncoding: [] };

function isChunked(headers: Headers): boolean {
  const values = headers.getAll('transfer-encoding');
  return values.length > 0 && /(?:^|,)[ \t]*chunked[ \t]*$/i.test(values.at(-1) ?? '');
}

/** The fields with the length of the body, when they do not have it. */
function withLength(headers: Headers, length: number, isNeeded: boolean): Headers {
  const values = headers.getAll('content-length');
  const fits = values.length === 0 ? !isNeeded : values.every((value) => tellsLength(value, length));
  if (fits) return headers;
  const mended = headers.clone();
  mended.set('content-length', String(length));
  return mended;
}

/** Whether there are trailer fields that came without chunks: here only chunks can carry them. */
function bringsTrailers({ isHttp2, trailers }: Message): boolean {
  return isHttp2 && trailers !== undefined && trailers.size > 0;
}

function inChunks(headers: Headers): Headers {
  const mended = headers.clone();
  mended.delete('content-length');
  mended.set('transfer-encoding', 'chunked');
  return mended;
}

function withoutChunks(headers: Headers): Headers {
  const mended = headers.clone();
  const rest = headers
    .getAll('transfer-encoding')
    .join(', ')
    .replace(/(?:^|,)[ \t]*chunked[ \t]*$/i, '');
  if (rest === '') mended.delete('transfer-encoding');
  else mended.set('transfer-encoding', rest);
  mended.delete('trailer');
  return mended;
}

function mayHaveBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

/** Text with a character a byte, of text of messages. */
function latin1Of(text: string): string {
  return /[^\0-\x7f]/.test(text) ? encodeUtf8(text).toString('latin1') : text;
}

/** The body of a message to be sent: nothing when it was not kept. */
export function bodyOf(message: Message): Buffer {
  return message.rawContent ?? nothing;
}
