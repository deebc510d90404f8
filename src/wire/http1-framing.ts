/** How long the body of a message is (RFC 9112, section 6.3). */
import { ProtocolError } from '../errors.js';

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

const none: Framing = { by: 'none' };
const chunks: Framing = { by: 'chunks' };
const close: Framing = { by: 'close' };

/** A request without either field has no body. @throws {ProtocolError} for a Content-Length that cannot be read */
export function requestFraming(fields: FramingFields): Framing {
  if (isChunked(fields)) return chunks;
  return lengthFraming(fields) ?? none;
}

/**
 * A response to HEAD, a 1xx, 204 or 304 and a 2xx to CONNECT have no body; without either field it ends
 * with the connection.
 * @throws {ProtocolError} for a Content-Length that cannot be read
 */
export function responseFraming(code: number, requestMethod: string, fields: FramingFields): Framing {
  if (requestMethod === 'HEAD' || (code >= 100 && code < 200) || code === 204 || code === 304) return none;
  if (requestMethod === 'CONNECT' && code >= 200 && code < 300) return none;
  if (isChunked(fields)) return chunks;
  return lengthFraming(fields) ?? close;
}

function isChunked({ transferEncoding }: FramingFields): boolean {
  return transferEncoding.some((value) => /(^|[\s,])chunked\s*$/i.test(value));
}

function lengthFraming({ contentLength }: FramingFields): Framing | undefined {
  const values = contentLength.flatMap((value) => value.split(',')).map((value) => value.trim());
  const [first] = values;
  if (first === undefined) return undefined;
  if (values.some((value) => !/^\d+$/.test(value))) throw new ProtocolError('Unparseable Content Length');
  const length = Number(first);
  if (values.some((value) => Number(value) !== length)) throw new ProtocolError('Conflicting Content Length Headers');
  if (!Number.isSafeInteger(length)) throw new ProtocolError('Unparseable Content Length');
  return length === 0 ? none : { by: 'length', length };
}

/** Whether a request asks for an interim 100 before it sends its body (RFC 9110, section 10.1.1). */
export function expectsContinue(values: readonly string[]): boolean {
  return values.some((value) => value.trim().toLowerCase() === '100-continue');
}
