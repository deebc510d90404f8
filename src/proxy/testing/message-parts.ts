/** Requests and responses, said as briefly as a test can. */
import { Headers } from '../message/headers.js';
import type { HeadersInit } from '../message/headers.js';
import type { Message, MessageInit } from '../message/message.js';
import { reasonPhrase } from '../message/reason-phrase.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import { formatHostPort, parseUrl } from '../message/url.js';
import { checkKeys } from './check-keys.js';
import { flowTimes } from './flow-times.js';

/** What requests and responses may be made with. */
export interface MessageParts {
  /** `HTTP/2.0`, for instance. Default: `HTTP/1.1`. */
  readonly httpVersion?: string | undefined;
  readonly headers?: HeadersInit | undefined;
  /** The body. It is encoded as Content-Encoding says, and Content-Length follows. */
  readonly content?: string | Buffer | undefined;
  /** A body of JSON, in place of `content`; Content-Type follows. */
  readonly json?: unknown;
  readonly trailers?: HeadersInit | undefined;
}

/** What a request is made with. */
export interface RequestParts extends MessageParts {
  /** Default: POST when there is a body, else GET. */
  readonly method?: string | undefined;
  /** Default: `http://example.com/`. The Host header, or the authority of HTTP/2, follows unless it is given. */
  readonly url?: string | undefined;
}

/** What a response is made with. */
export interface ResponseParts extends MessageParts {
  /** Default: 200. */
  readonly statusCode?: number | undefined;
  /** Default: that of the status code. */
  readonly reason?: string | undefined;
}

const messageKeys: readonly (keyof MessageParts)[] = ['httpVersion', 'headers', 'content', 'json', 'trailers'];
const requestKeys: readonly (keyof RequestParts)[] = ['method', 'url', ...messageKeys];
const responseKeys: readonly (keyof ResponseParts)[] = ['statusCode', 'reason', ...messageKeys];

/** A request. @throws {TypeError} when the URL is not absolute, and for a part that there is not */
export function requestOf(given: string | RequestParts | Request): Request {
  if (given instanceof Request) return given;
  const parts = typeof given === 'string' ? { url: given } : given;
  checkKeys('a request', parts, requestKeys);
  const hasBody = parts.content !== undefined || parts.json !== undefined;
  const request = new Request({
    ...initOf(parts),
    ...{ ...parseUrl(parts.url ?? 'http://example.com/'), method: parts.method ?? (hasBody ? 'POST' : 'GET') },
    ...{ timestampStart: flowTimes.request, timestampEnd: flowTimes.requestEnd },
  });
  nameHost(request);
  fill(request, parts);
  return request;
}

/** A response; `true` is 200 with the text `hello`. @throws {TypeError} for a part that there is not */
export function responseOf(given: true | number | ResponseParts | Response): Response {
  if (given instanceof Response) return given;
  const parts = partsOf(given);
  checkKeys('a response', parts, responseKeys);
  const { statusCode = 200 } = parts;
  const response = new Response({
    ...initOf(parts),
    ...{ statusCode, timestampStart: flowTimes.response, timestampEnd: flowTimes.responseEnd },
  });
  response.reason = parts.reason ?? (response.isHttp2 ? '' : (reasonPhrase(statusCode) ?? ''));
  // Those that have no body have no length either (RFC 9110, section 8.6).
  const hasLength = statusCode >= 200 && statusCode !== 204 && statusCode !== 304;
  fill(response, hasLength ? { content: '', ...parts } : parts);
  return response;
}

function partsOf(given: true | number | ResponseParts): ResponseParts {
  if (given === true) return { headers: { 'Content-Type': 'text/plain; charset=utf-8' }, content: 'hello' };
  return typeof given === 'number' ? { statusCode: given } : given;
}

function initOf({ httpVersion, headers, trailers }: MessageParts): MessageInit {
  return {
    ...{ httpVersion, rawContent: Buffer.alloc(0), headers: new Headers(headers) },
    trailers: trailers === undefined ? undefined : new Headers(trailers),
  };
}

/** Says in the request where it goes, as clients do. */
function nameHost(request: Request): void {
  const { scheme, host, port } = request;
  const name = host.includes(':') ? `[${host}]` : host;
  const isConnect = request.method === 'CONNECT';
  const authority = isConnect ? `${name}:${String(port)}` : formatHostPort(scheme, name, port);
  if (isConnect) Object.assign(request, { scheme: '', path: '' });
  if (isConnect || request.isHttp2) request.authority = authority;
  if (!request.isHttp2 && !request.headers.has('host')) request.headers.insert(0, 'Host', authority);
}

function fill(message: Message, { json, content }: MessageParts): void {
  if (json !== undefined) {
    if (!message.headers.has('content-type')) message.headers.set('Content-Type', 'application/json');
    message.text = JSON.stringify(json);
  } else if (typeof content === 'string') message.text = content;
  else if (content !== undefined) message.content = content;
}
