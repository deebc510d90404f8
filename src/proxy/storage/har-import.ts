/** Reads HTTP Archive 1.2, as browsers and proxies write it. What an entry lacks is left open. */
import { FlowFileError, isError } from '../../errors.js';
import { ServerConnection } from '../flow/connection.js';
import { HttpFlow } from '../flow/http-flow.js';
import { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import { Headers } from '../message/headers.js';
import type { Message } from '../message/message.js';
import { encodePercent } from '../message/query.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import { formatHostPort, parseAuthority, parseUrl } from '../message/url.js';
import { decodeUtf8, encodeUtf8 } from '../message/utf8.js';
import { placesOfEntries } from './har-entries.js';
import { bytesKey } from './har-text.js';

/**
 * The flows of an archive, one after the other. Entries of what is no HTTP, such as `data:` and `blob:`, are left out.
 * @throws {FlowFileError} when it is no archive, and behind the last flow when an entry could not be read
 */
export function* flowsOfHar(text: string): Generator<HttpFlow, void, undefined> {
  const { entries, damage } = entriesOf(text);
  let failure: FlowFileError | undefined;
  for (const [i, entry] of entries.entries()) {
    let flow: HttpFlow | undefined;
    try {
      flow = flowOf(entry);
    } catch (error) {
      failure ??= unreadable(text, i, error);
    }
    if (flow !== undefined) yield flow;
  }
  failure ??= damage;
  if (failure !== undefined) throw failure;
}

/** The entries of an archive; of one that is damaged, those before the damage. */
function entriesOf(text: string): { readonly entries: readonly unknown[]; readonly damage?: FlowFileError } {
  try {
    const entries = member(member(parse(text), 'log'), 'entries');
    if (Array.isArray(entries)) return { entries };
  } catch (error) {
    const entries = wholeEntries(text);
    if (entries.length > 0) return { entries, damage: unreadable(text, entries.length, error) };
    throw new FlowFileError(`the file is no HTTP archive: ${reasonOf(error)}`, 0, { cause: error });
  }
  throw new FlowFileError('the file is no HTTP archive: it has no log.entries', 0);
}

function wholeEntries(text: string): unknown[] {
  const entries: unknown[] = [];
  try {
    for (const { start, end } of placesOfEntries(text)) {
      if (end === undefined) break;
      entries.push(parse(text.slice(start, end)));
    }
  } catch {
    // The damage is in this one.
  }
  return entries;
}

function parse(text: string): unknown {
  return JSON.parse(text.replace(/^\ufeff/, ''));
}

/** Says which entry cannot be read, or before which place what stands behind the entries. */
function unreadable(text: string, entry: number, cause: unknown): FlowFileError {
  let [i, at, last] = [0, 0, 0];
  for (const { start, end } of placesOfEntries(text)) {
    [at, last] = [start, end ?? start];
    if (i++ === entry) break;
  }
  const isThere = i === 0 || i > entry;
  const offset = Buffer.byteLength(text.slice(0, isThere ? at : last));
  const place = isThere ? `in log.entries[${String(entry)}]` : `behind log.entries[${String(entry - 1)}]`;
  const message = `the HTTP archive cannot be read at byte ${String(offset)}, ${place}: ${reasonOf(cause)}`;
  return new FlowFileError(message, offset, { cause });
}

function reasonOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** Undefined for an entry of what is no HTTP. */
function flowOf(entry: unknown): HttpFlow | undefined {
  const given = member(entry, 'request');
  if (isForeign(textOf(given, 'url')) && textOf(given, 'method') !== 'CONNECT') return undefined;
  const timings = member(entry, 'timings');
  const started = Date.parse(textOf(entry, 'startedDateTime')) / 1000;
  const start = Number.isNaN(started) ? 0 : started;
  const sent = start + milliseconds(timings, 'send');
  const answered = sent + milliseconds(timings, 'wait');
  const request = requestOf(given, start, sent);
  const serverConn = new ServerConnection();
  serverConn.address = [request.host, request.port];
  serverConn.tls = request.scheme === 'https';
  const address = textOf(entry, 'serverIPAddress').replace(/^\[(.*)\]$/, '$1');
  if (address !== '') serverConn.peername = [address, request.port];
  const flow = new HttpFlow(request, { serverConn });
  flow.comment = textOf(entry, 'comment');
  const answer = member(entry, 'response');
  flow.response = responseOf(answer, answered, answered + milliseconds(timings, 'receive'));
  const failure = textOf(answer, '_error');
  if (failure !== '' || flow.response === undefined) {
    flow.error = { message: failure || 'no response', timestamp: answered };
  }
  flow.websocket = webSocketOf(member(entry, '_webSocketMessages'), member(entry, '_webSocketClose'));
  return flow;
}

/** A URL with another scheme. A browser notes what it had at hand as well: `data:`, `blob:`, `chrome-extension:`. */
function isForeign(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(url) && !/^(https?|wss?):/i.test(url);
}

function requestOf(given: unknown, timestampStart: number, timestampEnd: number): Request {
  const method = textOf(given, 'method');
  const url = textOf(given, 'url');
  if (method === '' || url === '') throw new Error('it has no request with a method and a URL');
  const request = new Request({
    ...{ method, host: '', port: 0, timestampStart, timestampEnd },
    httpVersion: versionOf(given),
    headers: headersOf(given),
    rawContent: Buffer.alloc(0),
  });
  setTarget(request, url);
  const post = member(given, 'postData');
  const body = bodyOf(post, '_encoding');
  if (body !== undefined) setBody(request, body);
  else if (lacksBody(request, numberOf(given, 'bodySize'))) request.rawContent = undefined;
  return request;
}

/** Whether a request without `postData` had a body all the same. @param size -1 when it is not known */
function lacksBody({ headers, method, isHttp10, isHttp11 }: Request, size: number): boolean {
  if (size >= 0) return size > 0;
  const length = headers.get('content-length');
  if (length !== undefined) return Number(length) > 0;
  // Only HTTP/1 has to tell that there is a body (RFC 9112, section 6.3).
  return headers.has('transfer-encoding') || (!isHttp10 && !isHttp11 && bodyMethods.has(method));
}

/** Methods whose requests have a body as a rule. */
const bodyMethods = new Set(['POST', 'PUT', 'PATCH']);

/** Scheme, host, port and path; the headers stay as they are. */
function setTarget(request: Request, url: string): void {
  const { headers } = request;
  request.headers = new Headers();
  if (request.firstLineFormat === 'authority') {
    const authority = url.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, '');
    const { host, port = 443 } = parseAuthority(authority);
    Object.assign(request, { scheme: '', host, port, path: '', authority });
  } else {
    // URLs in archives may hold characters that a request cannot.
    const { scheme, host, port, path } = parseUrl(asciiUrl(url.replace(/^ws/i, 'http')));
    Object.assign(request, { scheme, host, port, path });
    if (request.isHttp2) request.authority = headers.get('host') ?? formatHostPort(scheme, host, port);
  }
  request.headers = headers;
}

/** The host as IDNA has it, and the rest percent-encoded; nothing else changes. */
function asciiUrl(url: string): string {
  const [, start = '', rest = ''] = /^([^/?#]*\/\/[^/?#]*)(.*)$/s.exec(url) ?? [];
  if (!outsideAscii.test(url) || start === '') return url;
  const origin = outsideAscii.test(start) ? new URL(start).origin : start;
  return origin + rest.replace(/[^\0-\x7f]+/g, (text) => encodePercent(text, ''));
}

const outsideAscii = /[^\0-\x7f]/;

function responseOf(given: unknown, timestampStart: number, timestampEnd: number): Response | undefined {
  const statusCode = numberOf(given, 'status');
  if (statusCode <= 0) return undefined;
  const response = new Response({
    ...{ statusCode, timestampStart, timestampEnd },
    reason: textOf(given, 'statusText'),
    httpVersion: versionOf(given),
    headers: headersOf(given),
  });
  const content = member(given, 'content');
  const body = bodyOf(content, 'encoding');
  if (body !== undefined) setBody(response, body);
  else if (numberOf(content, 'size') === 0 && numberOf(given, 'bodySize') === 0) response.rawContent = Buffer.alloc(0);
  return response;
}

/** Bodies in archives are decoded, and encoded again where that is possible; the headers stay as they were. */
function setBody(message: Message, body: Buffer): void {
  const headers = message.headers.clone();
  message.content = body;
  message.headers = headers;
}

/** @param close only archives that were written here tell of it */
function webSocketOf(messages: unknown, close: unknown): WebSocketData | undefined {
  if (!Array.isArray(messages)) return undefined;
  const data = new WebSocketData();
  // Among them Chromium has what went wrong, with the opcode -1.
  const said = messages.filter((message: unknown) => [0, 1, 2].includes(numberOf(message, 'opcode')));
  data.messages = said.map((message: unknown) => {
    const isText = numberOf(message, 'opcode') !== 2;
    const content = textOf(message, 'data');
    return new WebSocketMessage(
      isText ? 1 : 2,
      textOf(message, 'type') === 'send',
      isText ? encodeUtf8(content) : Buffer.from(content, 'base64'),
      numberOf(message, 'time'),
    );
  });
  const closedBy = textOf(close, 'closedBy');
  if (closedBy === 'client' || closedBy === 'server') data.closedByClient = closedBy === 'client';
  data.closeCode = knownNumber(close, 'code');
  if (member(close, 'reason') !== undefined) data.closeReason = textOf(close, 'reason');
  data.timestampEnd = knownNumber(close, 'time');
  return data;
}

/** Names of HTTP/2 and 3 differ between browsers; pseudo-header fields are no fields. */
function headersOf(given: unknown): Headers {
  const list = member(given, 'headers');
  const fields = Array.isArray(list) ? (list as unknown[]) : [];
  return new Headers(
    fields
      .map((field) => [textOf(field, 'name'), textOf(field, 'value')] as const)
      .filter(([name]) => name !== '' && !name.startsWith(':')),
  );
}

function versionOf(given: unknown): string {
  const name = textOf(given, 'httpVersion').toUpperCase();
  if (/^(H2|HTTP\/2(\.0)?)$/.test(name)) return 'HTTP/2.0';
  if (/^(H3|HTTP\/3(\.0)?)$/.test(name)) return 'HTTP/3';
  return /^HTTP\/\d\.\d$/.test(name) ? name : 'HTTP/1.1';
}

function bodyOf(given: unknown, encodingKey: string): Buffer | undefined {
  const text = member(given, 'text');
  if (typeof text !== 'string') return undefined;
  return textOf(given, encodingKey) === 'base64' ? Buffer.from(text, 'base64') : encodeUtf8(text);
}

function member(of: unknown, key: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, key)
    ? (of as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function textOf(of: unknown, key: string): string {
  const bytes = member(of, bytesKey(key));
  if (typeof bytes === 'string') return decodeUtf8(Buffer.from(bytes, 'base64'));
  const value = member(of, key);
  return typeof value === 'string' ? value : '';
}

function numberOf(of: unknown, key: string): number {
  return knownNumber(of, key) ?? 0;
}

function knownNumber(of: unknown, key: string): number | undefined {
  const value = member(of, key);
  return typeof value === 'number' ? value : undefined;
}

/** A duration in seconds; -1 stands for none. */
function milliseconds(of: unknown, key: string): number {
  return Math.max(numberOf(of, key), 0) / 1000;
}
