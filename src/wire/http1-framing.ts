/** How long the body of a message is (RFC 9112, section 6.3). */
import { ProtocolError } from '../errors.js';
import { asciiLowerCase, listMembers, trimBlanks } from './field-text.js';

/** The end of a body: none at all, after so many bytes, after the last chunk, or where the connection ends. */
export type Framing =
  | { readonly by: 'none' }
  | { readonly by: 'length'; readonly length: number }
  | { readonly by: 'chunks' }
  | { readonly by: 'close' };

/** What decides it, besides the kind of message. */
export interface FramingFields {
  /** The values of Content-Length, in order. */
  readonly contentLength: readonly string[];
  /** The values of Transfer-Encoding, in order. */
  readonly transferEncoding: readonly string[];
}

/** The framing of a message without a body. */
export const noBody: Framing = { by: 'none' };
const chunks: Framing = { by: 'chunks' };
const close: Framing = { by: 'close' };

/**
 * Chunked if that is the last transfer coding, else by Content-Length, else there is no body. A request
 * with some other last coding has no length that can be known: it is read by its Content-Length, if any.
 * @throws {ProtocolError} for a Content-Length that cannot be read
 */
export function requestFraming(fields: FramingFields): Framing {
  if (lastCoding(fields) === 'chunked') return chunks;
  return lengthFraming(fields) ?? noBody;
}

/**
 * A response to HEAD, a 1xx, 204 or 304 and a 2xx to CONNECT have no body. Chunked if that is the last
 * transfer coding; until the connection ends if the last is another; else by Content-Length; without
 * either field until the connection ends.
 * @throws {ProtocolError} for a Content-Length that cannot be read
 */
export function responseFraming(code: number, requestMethod: string, fields: FramingFields): Framing {
  if (requestMethod === 'HEAD' || (code >= 100 && code < 200) || code === 204 || code === 304) return noBody;
  if (requestMethod === 'CONNECT' && code >= 200 && code < 300) return noBody;
  const coding = lastCoding(fields);
  if (coding === 'chunked') return chunks;
  if (coding !== undefined) return close;
  return lengthFraming(fields) ?? close;
}

/** The last transfer coding in lower case. `identity` of the older RFC 2616 is none. */
function lastCoding({ transferEncoding }: FramingFields): string | undefined {
  if (transferEncoding.length === 0) return undefined;
  return listMembers(transferEncoding)
    .filter((coding) => coding !== 'identity')
    .at(-1);
}

function lengthFraming({ contentLength }: FramingFields): Framing | undefined {
  const [only = ''] = contentLength;
  if (contentLength.length === 0) return undefined;
  if (contentLength.length === 1 && /^[1-9]\d{0,14}$/.test(only)) return { by: 'length', length: Number(only) };
  const values = contentLength.flatMap((value) => value.split(',')).map(trimBlanks);
  const [first = ''] = values;
  const length = lengthOf(first);
  if (values.some((value) => value !== first && !Object.is(lengthOf(value), length))) {
    throw new ProtocolError('Conflicting Content Length Headers');
  }
  if (!Number.isSafeInteger(length)) throw new ProtocolError('Unparseable Content Length');
  return length === 0 ? noBody : { by: 'length', length };
}

function lengthOf(value: string): number {
  return /^\d+$/.test(value) ? Number(value) : NaN;
}

/**
 * Whether a request asks for an interim 100 before it sends its body. Only HTTP/1.1 has such
 * (RFC 9110, section 10.1.1).
 * @param values the values of Expect
 */
export function expectsContinue(values: readonly string[], httpVersion = 'HTTP/1.1'): boolean {
  return httpVersion !== 'HTTP/1.0' && values.some((value) => asciiLowerCase(trimBlanks(value)) === '100-continue');
}
