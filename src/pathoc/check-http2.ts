import { ConnectionError } from '../errors.js';
import type { DialledChain } from '../net/dial-chain.js';
import { formatAddress } from '../net/format-address.js';
import type { Route } from './route.js';

/**
 * Sees to it that a server chose HTTP/2 (ALPN, RFC 7301).
 * @throws {ConnectionError} when it did not; the connection is closed then
 */
export function checkHttp2({ duplex, tls }: DialledChain, { host, port, connectTo }: Route): void {
  const protocol = tls?.protocol ?? null;
  if (protocol === 'h2') return;
  duplex.destroy();
  const address = connectTo === undefined ? formatAddress(host, port) : formatAddress(connectTo.host, connectTo.port);
  const chosen = protocol === null ? 'no protocol' : protocol;
  throw new ConnectionError(`${address} does not offer HTTP/2: it chose ${chosen} (ALPN)`, 'tls', address);
}
