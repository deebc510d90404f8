/** Vectors of headers, messages, and what they are made of. */
import { decodeContent } from '../../src/proxy/message/content-coding.js';
import { parseContentType } from '../../src/proxy/message/content-type.js';
import { formatCookies, parseCookies } from '../../src/proxy/message/cookies.js';
import { Headers } from '../../src/proxy/message/headers.js';
import { decodeMultipart, encodeMultipart } from '../../src/proxy/message/multipart.js';
import { decodePairs, encodePairs } from '../../src/proxy/message/query.js';
import { reasonPhrase } from '../../src/proxy/message/reason-phrase.js';
import { refreshedCookies } from '../../src/proxy/message/refresh.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { formatSetCookie, parseSetCookie } from '../../src/proxy/message/set-cookie.js';
import { demandAuthority, formatUrl, isValidHost, parseAuthority, parseUrl } from '../../src/proxy/message/url.js';
import { decodeUtf8, encodeUtf8 } from '../../src/proxy/message/utf8.js';
import { headerSubjects } from './header-subjects.js';
import { mutatedRequest } from './mutated-request.js';
import type { Mutation } from './mutated-request.js';

type Pairs = [name: string, value: string][];

interface RequestFields {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly hs: Pairs;
  readonly auth: string;
  readonly ver: string;
}

export const messageSubjects = {
  ...headerSubjects,
  cookies_parse_cookie_header: (header: string) => parseCookies(header),
  cookies_format_cookie_header: (pairs: Pairs) => formatCookies(pairs),
  cookies_parse_set_cookie_header: (header: string) =>
    parseSetCookie(header).map(([name, { value, attributes }]) => [name, value, attributes]),
  cookies_format_set_cookie_header: (cookies: [string, string, Pairs][]) =>
    formatSetCookie(cookies.map(([name, value, attributes]) => [name, { value, attributes }])),
  cookies_refresh_set_cookie_header: ({ cookie, delta }: { cookie: string; delta: number }) =>
    demand(refreshedCookies(cookie, delta)),
  encoding_decode: ({ encoding, body_hex: body }: { encoding: string; body_hex: string }) =>
    /^utf-?8$/i.test(encoding)
      ? // A charset is no content coding here; that it gives text is the corpus's own remark.
        { type: 'str', value: decodeUtf8(Buffer.from(body, 'hex')) }
      : { type: 'bytes', hex: decodeContent(Buffer.from(body, 'hex'), encoding).toString('hex') },
  is_valid_host: (host: string) => isValidHost(host),
  message_text: messageText,
  multipart_decode: ({ content_type: type, body_hex: body }: { content_type: string; body_hex: string }) =>
    demand(decodeMultipart(type, Buffer.from(body, 'hex'))).map(([name, value]) => [
      encodeUtf8(name).toString('hex'),
      value.toString('hex'),
    ]),
  multipart_encode: ({ content_type: type, parts }: { content_type: string; parts: Pairs }) =>
    encodeMultipart(
      type,
      parts.map(([name, value]) => [decodeUtf8(Buffer.from(name, 'hex')), Buffer.from(value, 'hex')]),
    )?.toString('hex') ?? null,
  parse_content_type: (text: string) => {
    const type = parseContentType(text);
    return type === undefined ? null : [type.type, type.subtype, Object.fromEntries(type.parameters)];
  },
  request_mutation: (mutation: Mutation) => mutatedRequest(mutation),
  request_properties: requestProperties,
  request_set_url: requestSetUrl,
  response_refresh: (given: { headers: Pairs; timestamp_start: number; now: number }) => {
    const response = new Response({ statusCode: 200, headers: given.headers, timestampStart: given.timestamp_start });
    response.refresh(given.now);
    return [...response.headers];
  },
  status_reason: (code: number) => reasonPhrase(code) ?? null,
  url_decode: (text: string) => decodePairs(text),
  url_encode: ({ pairs, similar_to: like }: { pairs: Pairs; similar_to: string | null }) =>
    encodePairs(pairs, like ?? ''),
  url_parse: (url: string) => {
    const { scheme, host, port, path } = parseUrl(url);
    return [scheme, host, port, path];
  },
  url_parse_authority: ({ authority, check }: { authority: string; check: boolean }) => {
    const { host, port } = check ? demandAuthority(authority) : parseAuthority(authority);
    return [host, port ?? null];
  },
  url_unparse: (parts: [string, string, number, string]) => formatUrl(...parts),
};

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not possible');
  return value;
}

function messageText(given: { content_type: string | null; body_hex: string; content_encoding?: string }): unknown {
  const headers = new Headers();
  if (given.content_type !== null) headers.add('content-type', given.content_type);
  if (given.content_encoding) headers.add('content-encoding', given.content_encoding);
  const response = new Response({ statusCode: 200, headers, rawContent: Buffer.from(given.body_hex, 'hex') });
  let strict: unknown;
  try {
    strict = { out: response.text };
  } catch {
    strict = { error: 'ValueError' };
  }
  return {
    charset: response.charsetOf(response.getContent(false) ?? Buffer.alloc(0)),
    strict,
    lax: response.getText(false),
  };
}

function requestOf({ method, scheme, host, port, path, hs, auth, ver }: RequestFields): Request {
  return new Request({ method, scheme, host, port, path, headers: hs, authority: auth, httpVersion: ver });
}

function requestProperties(fields: RequestFields): unknown {
  const request = requestOf(fields);
  return {
    url: { out: request.url },
    pretty_url: { out: request.prettyUrl },
    pretty_host: { out: request.prettyHost },
    host_header: { out: request.hostHeader ?? null },
    first_line_format: request.firstLineFormat,
    query: { out: [...request.query] },
    cookies: { out: [...request.cookies] },
    path_components: { out: request.pathComponents },
    method: request.method,
    repr: `Request(${request.method} ${request.host}:${String(request.port)}${request.path})`,
  };
}

function requestSetUrl(given: { url: string; headers: Pairs; authority: string; ver: string }): unknown {
  const { authority, ver: httpVersion, headers } = given;
  const request = new Request({ host: 'old.test', port: 81, headers, authority, httpVersion });
  request.url = given.url;
  return {
    scheme: request.scheme,
    host: request.host,
    port: request.port,
    path: request.path,
    authority: request.authority,
    headers: [...request.headers],
    url: request.url,
    pretty_url: request.prettyUrl,
  };
}
