/** What the first bytes of a connection are: a TLS handshake, the preface of HTTP/2, HTTP/1, or something else. */
export type Protocol = 'tls' | 'http2' | 'http1' | 'unknown';

/** What a client of HTTP/2 sends first (RFC 9113, section 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Tells what begins with these bytes; undefined when it takes more of them to know. */
export function sniff(bytes: Buffer): Protocol | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  // A record that holds a handshake, of SSL 3.0 or later (RFC 8446, section 5.1).
  if (first === 0x16) return bytes.length === 1 ? undefined : bytes[1] === 0x03 ? 'tls' : 'unknown';
  const common = Math.min(bytes.length, preface.length);
  if (bytes.compare(preface, 0, common, 0, common) === 0) return common === preface.length ? 'http2' : undefined;
  // A method is a token (RFC 9110, section 5.6.2), and empty lines may stand before it (RFC 9112, section 2.2).
  return isTokenCharacter(first) || first === 0x0d || first === 0x0a ? 'http1' : 'unknown';
}

function isTokenCharacter(code: number): boolean {
  return /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(code));
}
