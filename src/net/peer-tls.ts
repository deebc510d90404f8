import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { tlsFacts } from './tls-facts.js';

/** What TLS with a server came to. */
export class PeerTls {
  /** The protocol that the server chose (RFC 7301): `http/1.1`; null when it chose none. */
  readonly protocol: string | null;
  private asked: Pick<PeerTls, 'cipher' | 'certificates'> | undefined;

  /** @param socket one whose handshake is over */
  constructor(private readonly socket: TLSSocket) {
    this.protocol = typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null;
  }

  /** OpenSSL's name of the cipher suite, the bits of its key, and the version of TLS: `TLSv1.3`. */
  get cipher(): readonly [name: string, bits: number, version: string] | null {
    return this.ask().cipher;
  }

  /** The certificates that the server sent, in its order: its own first. None when the connection was closed before they were asked for. */
  get certificates(): readonly X509Certificate[] {
    return this.ask().certificates;
  }

  private ask(): Pick<PeerTls, 'cipher' | 'certificates'> {
    if (this.asked !== undefined) return this.asked;
    if (this.socket.destroyed) return { cipher: null, certificates: [] };
    // Node hands the chain out once: whoever asks after that gets its rest.
    const certificates = [...chainOf(this.socket.getPeerX509Certificate())];
    return (this.asked = { certificates, cipher: tlsFacts(this.socket, undefined).cipher });
  }
}

function* chainOf(first: X509Certificate | undefined): Iterable<X509Certificate> {
  for (let certificate = first; certificate !== undefined; certificate = certificate.issuerCertificate) {
    yield certificate;
  }
}
