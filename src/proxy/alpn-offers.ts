import type { ClientConnection } from './flow/connection.js';

const http1 = ['http/1.1'];
const both = ['h2', 'http/1.1'];

/**
 * What a server is offered by ALPN (RFC 7301): what the client offers, so that both sides come to speak the same.
 * @param http2 whether HTTP/2 may be spoken at all
 * @param clientSpeaksHttp2 whether the client was found to speak it, with or without ALPN
 */
export function alpnOffers(client: ClientConnection, http2: boolean, clientSpeaksHttp2: boolean): readonly string[] {
  if (clientSpeaksHttp2 || client.alpn === 'h2') return http2 ? both : http1;
  // Before the handshake with the client it is still open what it will speak.
  if (client.alpn === undefined && client.alpnOffers.length > 0) {
    return http2 ? client.alpnOffers : client.alpnOffers.filter((name) => name !== 'h2');
  }
  return http1;
}
