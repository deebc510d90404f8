import type { TLSSocket } from 'node:tls';
import { PeerTls } from '../net/peer-tls.js';

/** The certificates that the other side of a finished handshake sent, its own first, in PEM. */
export function tlsChain(socket: TLSSocket): readonly Buffer[] {
  return new PeerTls(socket).certificates.map((certificate) => Buffer.from(certificate.toString(), 'latin1'));
}
