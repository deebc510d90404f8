/** Reads HTTP Archive 1.2, as browsers and proxies write it. What an entry lacks is left open. */
import { FlowFileError } from '../../errors.js';
import { ServerConnection } from '../flow/connection.js';
import { HttpFlow } from '../flow/http-flow.js';
import { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import { Headers } from '../message/headers.js';
import type { Message } from '../message/message.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import { formatHostPort, parseAuthority, parseUrl } from '../message/url.js';
import { encodeUtf8 } from '../message/utf8.js';

/**
 * The flows of an archive.
 * @throws {FlowFileError} when it is no archive, or an entry has no request that can be told
 */
export function flowsOfHar(text: string): HttpFlow[] {
  let archive: unknown;
  try {
    archive = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new FlowFileError(`the file is no HTTP archive: ${(error as SyntaxError).message}`, 0, { cause: error });
  }
  const entries = member(member(archive, 'log'), 'entries');
  if (!Array.isArray(entries)) throw new FlowFileError('the file is no HTTP archive: it has no log.entries', 0);
  return entries.map((entry: unknown, i) => {
    try {
      return flowOf(entry);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new FlowFileError(`entry ${String(i)} of the HTTP archive cannot be read: ${why}`, 0, { cause: error });
    }
  });
}

function flowOf(entry: unknown): HttpFlow {
  const timings = member(entry, 'timings');
  const started = Date.parse(textOf(entry, 'startedDateTime')) / 1000;
  const start = Number.isNaN(started) ? 0 : started;
  const sent = start + milliseconds(timings, 'send');
  const answered = sent + milliseconds(timings, 'wait');
  const request = requestOf(member(entry, 'request'), start, sent);
  const serverConn = new ServerConnection();
  serverConn.address = [request.host, request.port];
  serverConn.tls = request.scheme === 'https';
  const address = textOf(entry, 'serverIPAddress').replace(/^\[(.*)\]$/, '$1');
  if (address !== '') serverConn.peername = [address, request.port];
  const flow = new HttpFlow(request, { serverConn });
  flow.comment = textOf(entry, 'comment');
  const given = member(entry, 'response');
  flow.response = responseOf(given, answered, answered + milliseconds(timings, 'receive'));
  const failure = textOf(given, '_error');
  if (failure !== '' || flow.response === undefined) {
    flow.error = { message: failure || 'no response', timestamp: answered };
  }
  flow.websocket = webSocketOf(member(entry, '_webSocketMessages'));
  return flow;
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
  else if (numberOf(given, 'bodySize') !== 0) request.rawContent = undefined;
  return request;
}

/** Scheme, host, port and path; the headers stay as they are. */
function setTarget(request: Request, url: string): void {
  const { headers } = request;
  request.headers = new Headers();
  if (request.method === 'CONNECT' && !url.includes('//')) {
    const { host, port = 443 } = parseAuthority(url);
    Object.assign(request, { scheme: '', host, port, path: '', authority: url });
  } else {
    // URLs in archives may hold characters that a request cannot.
    const { scheme, host, port, path } = parseUrl(asciiUrl(url.replace(/^ws/i, 'http')));
    Object.assign(request, { scheme, host, port, path });
    if (request.isHttp2) request.authority = headers.get('host') ?? formatHostPort(scheme, host, port);
  }
  request.headers = headers;
}

function asciiUrl(url: string): string {
  return /[^\0-\x7f]/.test(url) ? new URL(url).href : url;
}

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

function webSocketOf(messages: unknown): WebSocketData | undefined {
  if (!Array.isArray(messages)) return undefined;
  const data = new WebSocketData();
  data.messages = messages.map((message: unknown) => {
    const isText = numberOf(message, 'opcode') !== 2;
    const content = textOf(message, 'data');
    return new WebSocketMessage(
      isText ? 1 : 2,
      textOf(message, 'type') === 'send',
      isText ? encodeUtf8(content) : Buffer.from(content, 'base64'),
      numberOf(message, 'time'),
    );
  });
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
  const value = member(of, key);
  return typeof value === 'string' ? value : '';
}

function numberOf(of: unknown, key: string): number {
  const value = member(of, key);
  return typeof value === 'number' ? value : 0;
}

/** A duration in seconds; -1 stands for none. */
function milliseconds(of: unknown, key: string): number {
  return Math.max(numberOf(of, key), 0) / 1000;
}
