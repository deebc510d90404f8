/**
 * Messages as flows have them, out of header lists of HTTP/2 and into them (RFC 9113, section 8.3).
 *
 *     :method :scheme :authority :path  <->  rawMethod scheme authority path
 *     :status                           <->  statusCode
 *
 * `:authority` is the request's `authority`; there is a Host field only when one was sent. Text of a header list has a
 * character a byte, that of messages is UTF-8 without loss.
 */
import { ProtocolError } from '../errors.js';
import { asciiLowerCase, listMembers, trimBlanks } from '../wire/field-text.js';
import type { HeaderField } from '../wire/header-field.js';
import { HeaderFields } from '../wire/headers.js';
import type { FieldPart } from '../wire/hpack-encoder.js';
import { connectionFields, sentFieldFault, sentStatusFault, sentValueFault } from './http2-malformed.js';
import { Headers } from './message/headers.js';
import { Request } from './message/request.js';
import { Response } from './message/response.js';
import { defaultPort, parseAuthority } from './message/url.js';
import { decodeUtf8, encodeUtf8 } from './message/utf8.js';

type Fields = readonly HeaderField[];

const http2 = 'HTTP/2.0';

/**
 * The request of a header list; of one that is malformed, as far as it can be understood.
 * @param timestampStart seconds since 1970
 * @returns undefined when it does not say what is wanted
 */
export function readRequest(fields: Fields, timestampStart: number): Request | undefined {
  const method = pseudoHeader(fields, ':method');
  const isConnect = method === 'CONNECT';
  const path = pseudoHeader(fields, ':path') ?? (isConnect ? '' : undefined);
  if (method === undefined || path === undefined) return undefined;
  const scheme = pseudoHeader(fields, ':scheme') ?? (isConnect ? '' : 'http');
  const authority = pseudoHeader(fields, ':authority') ?? '';
  const headers = readHeaders(fields);
  const { host, port } = parseAuthority(authority === '' ? (headers.get('host') ?? '') : textOf(authority));
  return new Request({
    httpVersion: http2,
    method: textOf(method),
    scheme: textOf(scheme),
    host,
    port: port ?? defaultPort(scheme) ?? 443,
    authority: textOf(authority),
    path: textOf(path),
    headers,
    timestampStart,
  });
}

/**
 * The response of a header list; of one that is malformed, as far as it can be understood.
 * @param timestampStart seconds since 1970
 * @returns undefined when it has no status
 */
export function readResponse(fields: Fields, timestampStart: number): Response | undefined {
  const status = pseudoHeader(fields, ':status');
  if (status === undefined || !/^\d{3}$/.test(status)) return undefined;
  return new Response({
    httpVersion: http2,
    statusCode: Number(status),
    headers: readHeaders(fields),
    timestampStart,
  });
}

/** The header or trailer fields of a list, without pseudo-header fields. */
export function readHeaders(fields: Fields): Headers {
  let pseudo = 0;
  while (isPseudo(fields[pseudo])) pseudo++;
  let rest = pseudo === 0 ? fields : fields.slice(pseudo);
  // Behind others there are none, unless the list is malformed.
  if (rest.some(isPseudo)) rest = rest.filter((field) => !isPseudo(field));
  return new Headers(HeaderFields.ofList(rest));
}

/** How header lists are made. */
export interface FieldsOptions {
  /** Whether names of messages that came over HTTP/2 are sent in lower case; those of others always are. */
  readonly normalize: boolean;
  /** Whether a message that HTTP/2 has no place for is refused. */
  readonly validate: boolean;
}

/**
 * The header list of a request. Of one that did not come over HTTP/2 the Host field becomes `:authority`.
 * @param length replaces the length that the fields tell, when they tell one
 * @throws {ProtocolError} for a message that would be malformed
 */
export function requestFields(request: Request, options: FieldsOptions, length?: number): FieldPart[] {
  const { isHttp2, headers } = request;
  const host = isHttp2 ? undefined : headers.get('host');
  const authority = latin1Of(host ?? request.authority);
  const list: SentField[] = [
    { name: ':method', value: latin1Of(request.rawMethod) },
    { name: ':scheme', value: latin1Of(request.scheme) },
    { name: ':path', value: latin1Of(request.path) },
  ];
  if (authority !== '') list.splice(2, 0, { name: ':authority', value: authority });
  if (options.validate) for (const { name, value } of list) refuse('request', sentValueFault(name, value));
  addFields(list, headers, {
    ...{ lowerCase: !isHttp2 || options.normalize, dropHost: host !== undefined, length },
    part: options.validate ? 'request' : undefined,
  });
  return list;
}

/**
 * The header list of a response.
 * @param length replaces the length that the fields tell, when they tell one
 * @throws {ProtocolError} for a message that would be malformed
 */
export function responseFields(response: Response, options: FieldsOptions, length?: number): FieldPart[] {
  const { validate, normalize } = options;
  if (validate) refuse('response', sentStatusFault(response.statusCode));
  const list: SentField[] = [{ name: ':status', value: String(response.statusCode) }];
  addFields(list, response.headers, {
    ...{ lowerCase: !response.isHttp2 || normalize, dropHost: false, length },
    part: validate ? 'response' : undefined,
  });
  return list;
}

/** The header list of a trailer section. @throws {ProtocolError} when it would be malformed */
export function trailerFields(trailers: Headers, { validate }: FieldsOptions): FieldPart[] {
  const list: SentField[] = [];
  const part = validate ? 'trailer section' : undefined;
  addFields(list, trailers, { lowerCase: true, dropHost: false, length: undefined, part });
  return list;
}

/**
 * The header fields with which a request is sent over HTTP/1. One that came over HTTP/2 gets a Host field of its
 * `:authority`, and one Cookie field of all (RFC 9113, section 8.2.3).
 */
export function http1Headers(request: Request): Headers {
  if (!request.isHttp2) return request.headers;
  const cookies = request.headers.getAll('cookie');
  const needsHost = request.authority !== '' && !request.headers.has('host');
  if (!needsHost && cookies.length < 2) return request.headers;
  const headers = request.headers.clone();
  if (cookies.length > 1) headers.setAll('cookie', [cookies.join('; ')]);
  if (needsHost) headers.insert(0, 'Host', request.authority);
  return headers;
}

/** The length of a body as its header list tells it. */
export function contentLength(fields: Fields): number | undefined {
  for (const { name, value } of fields) {
    if (name === 'content-length') return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  }
  return undefined;
}

/** Text has a character a byte. */
type SentField = FieldPart & { readonly name: string; readonly value: string };

interface AddOptions {
  readonly lowerCase: boolean;
  readonly dropHost: boolean;
  readonly length: number | undefined;
  /** What is checked, for complaints; undefined when nothing is. */
  readonly part: string | undefined;
}

/** Adds the fields of a message, without those that speak of its connection (RFC 9113, section 8.2.2). */
function addFields(list: SentField[], headers: Headers, { lowerCase, dropHost, length, part }: AddOptions): void {
  const fields = headers.latin1();
  const nominated = nominatedBy(fields);
  for (const [spelt, given] of fields) {
    const name = asciiLowerCase(spelt);
    if (connectionFields.has(name) || nominated?.has(name) === true || (dropHost && name === 'host')) continue;
    if (name === 'te') {
      if (/(?:^|,)[ \t]*trailers[ \t]*(?:$|[,;])/i.test(given)) list.push({ name, value: 'trailers' });
    } else if (name === 'http2-settings') continue;
    else if (name === 'content-length' && length !== undefined && !tellsOneLength(given, length))
      list.push({ name, value: String(length) });
    else {
      // Blanks around a value belong to HTTP/1 (RFC 9113, section 8.2.1).
      const value = lowerCase ? trimBlanks(given) : given;
      if (part !== undefined) refuse(part, sentFieldFault(name, value));
      list.push({ name: lowerCase ? name : spelt, value, neverIndexed: isSecret(name, value) });
    }
  }
}

/** Whether a value tells the length as one number that is not too long, for HTTP/2 knows no lists of lengths. */
function tellsOneLength(value: string, length: number): boolean {
  return /^\d{1,15}$/.test(value) && Number(value) === length;
}

/** @throws {ProtocolError} when there is a fault */
function refuse(part: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new ProtocolError(
    `the ${part} cannot be sent over HTTP/2: ${fault}; turn validate_inbound_headers off to let it pass`,
  );
}

/** The fields that a Connection field names: they go no further (RFC 9110, section 7.6.1). */
function nominatedBy(fields: readonly (readonly [string, string])[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (const [name, value] of fields) {
    if (name.length !== 10 || asciiLowerCase(name) !== 'connection') continue;
    names ??= new Set();
    for (const option of listMembers([value])) names.add(option);
  }
  // TE has a rule of its own.
  names?.delete('te');
  return names;
}

/** Whether a value is so short or so precious that it might be guessed from how well it compresses (RFC 7541, section 7.1.3). */
function isSecret(name: string, value: string): boolean {
  if (name === 'cookie') return value.length < 20;
  return name === 'authorization' || name === 'proxy-authorization';
}

function isPseudo(field: HeaderField | undefined): boolean {
  return field?.name.charCodeAt(0) === 0x3a;
}

function pseudoHeader(fields: Fields, name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

/** Text of messages, of text with a character a byte. */
function textOf(latin1: string): string {
  return /[^\0-\x7f]/.test(latin1) ? decodeUtf8(Buffer.from(latin1, 'latin1')) : latin1;
}

/** Text with a character a byte, of text of messages. */
function latin1Of(text: string): string {
  return /[^\0-\x7f]/.test(text) ? encodeUtf8(text).toString('latin1') : text;
}
