/** Header fields that two readers may understand in two ways, and so smuggle requests past one of them. */
import { ProtocolError } from '../errors.js';
import { bytesRepr } from '../wire/bytes-repr.js';
import type { Headers } from './message/headers.js';

const hint = 'turn validate_inbound_headers off to let it pass';

/** For each byte whether it may stand in a name (RFC 9110, section 5.6.2). */
const tokenBytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * Refuses names that are no tokens (RFC 9110, section 5.1), and Content-Length beside Transfer-Encoding (RFC 9112,
 * section 6.1).
 * @throws {ProtocolError} that names the field
 */
export function validateHeaders(headers: Headers): void {
  const name = headers.nameOutside(tokenBytes);
  if (name !== undefined) throw new ProtocolError(`invalid name of a header field: ${bytesRepr(name)}; ${hint}`);
  if (headers.has('transfer-encoding') && headers.has('content-length')) {
    throw new ProtocolError(`both Transfer-Encoding and Content-Length were received; ${hint}`);
  }
}
