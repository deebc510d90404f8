/** How long a body is, as its head tells, and heads that tell it in two ways (RFC 9112, section 6.3). */
import { ProtocolError } from '../errors.js';
import { bytesRepr } from '../wire/bytes-repr.js';
import { asciiLowerCase, trimBlanks } from '../wire/field-text.js';
import type { Headers } from './message/headers.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';
import { encodeUtf8 } from './message/utf8.js';

/** Bytes of a body; or it ends with its last chunk, or with the connection. */
export type BodySize = number | 'chunks' | 'close';

/** Transfer codings that change a body, and may stand before `chunked` (RFC 9112, section 7). */
const known = new Set(['chunked', 'compress', 'deflate', 'gzip', 'identity']);

/**
 * The size of a request's body, or of that of its response.
 * @throws {ProtocolError} when it cannot be known, or two readers may see it in two ways
 */
export function bodySizeOf(request: Pick<Request, 'method' | 'headers'>, response?: Response): BodySize {
  if (response === undefined) return sizeIn(request.headers, true) ?? 0;
  const { statusCode } = response;
  const isSuccess = statusCode >= 200 && statusCode < 300;
  if (request.method === 'HEAD' || (request.method === 'CONNECT' && isSuccess)) return 0;
  if (statusCode < 200 || statusCode === 204 || statusCode === 304) return 0;
  return sizeIn(response.headers, false) ?? 'close';
}

/** Refuses a head whose body has no certain end; as {@link bodySizeOf}. */
export function demandBodySize(headers: Headers, isRequest: boolean): void {
  sizeIn(headers, isRequest);
}

/**
 * Whether a Content-Length tells this size: as a decimal number, with as many zeros before it as there may be, or as a
 * list of such numbers (RFC 9110, section 8.6).
 */
export function tellsLength(value: string, size: number): boolean {
  // Nearly every message that is sent is asked for this, and tells it so.
  if (value === String(size)) return true;
  if (value.includes(',')) return value.split(',').every((member) => tellsLength(member, size));
  return Number(value) === size && /^[ \t]*\d+[ \t]*$/.test(value);
}

function sizeIn(headers: Headers, isRequest: boolean): BodySize | undefined {
  const codings = headers.getAll('transfer-encoding');
  if (codings.length > 0) return sizeByCoding(codings.join(', '), isRequest);
  const lengths = headers.getAll('content-length');
  const [first] = lengths;
  if (first === undefined) return undefined;
  if (lengths.some((length) => length !== first)) {
    throw new ProtocolError(`conflicting Content-Length fields: ${lengths.join(' and ')}`);
  }
  // A plus sign means nothing to the ancestor. The reader of heads is stricter (RFC 9110, section 8.6), and comes first.
  const length = /^[ \t]*\+?\d+[ \t]*$/.test(first) ? Number(first) : NaN;
  if (!Number.isSafeInteger(length)) throw new ProtocolError(`invalid Content-Length: ${JSON.stringify(first)}`);
  return length;
}

function sizeByCoding(text: string, isRequest: boolean): BodySize {
  const codings = text.split(',').map((coding) => asciiLowerCase(trimBlanks(coding)));
  const at = codings.indexOf('chunked');
  const isKnown = codings.every((coding) => known.has(coding));
  if (isKnown && at !== -1 && at === codings.length - 1) return 'chunks';
  if (isKnown && at === -1 && !isRequest) return 'close';
  throw new ProtocolError(`the end of the body cannot be known with Transfer-Encoding: ${bytesRepr(encodeUtf8(text))}`);
}
