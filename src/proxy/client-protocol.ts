import type { TlsArrival } from './proxy-tls.js';

/**
 * The protocol that is agreed on with a client (RFC 7301): the one that the server chose, where there is a server and
 * we speak that with the client; else the one of ours that we prefer.
 * @returns undefined when the client is not to be answered: it offered none that we speak, or the server gave no answer
 */
export function clientProtocol({
  hello,
  server,
  alpn,
}: Pick<TlsArrival, 'hello' | 'server' | 'alpn'>): string | undefined {
  const chosen = server?.connection.tlsEstablished === true ? server.connection.alpn : undefined;
  if (chosen === '') return undefined;
  const common = alpn.filter((name) => hello.alpn.includes(name));
  return chosen !== undefined && common.includes(chosen) ? chosen : common[0];
}
