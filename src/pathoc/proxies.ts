/** Proxies as they are written. */
import { OptionError } from '../errors.js';
import type { SocksProxy } from '../net/dial-chain.js';
import { parseAuthority } from './authority.js';

/** The port of SOCKS proxies (RFC 1928, section 3). */
const socksPort = 1080;

/** Bytes that RFC 1929 has room for. */
const longestCredential = 255;

/**
 * Takes `[USER:PASS@]HOST[:PORT]` apart; `socks5://` or `socks5h://` may stand before it.
 * @throws {OptionError} when it is not of that form
 */
export function readSocksProxy(text: string): SocksProxy {
  const rest = text.replace(/^socks5h?:\/\//i, '').replace(/\/$/, '');
  const at = rest.lastIndexOf('@');
  const authority = parseAuthority(rest.slice(at + 1));
  const colon = rest.indexOf(':');
  if (authority === undefined || (at !== -1 && (colon < 1 || colon > at))) {
    // Not the text itself: it may hold a password.
    throw new OptionError('Invalid SOCKS proxy (write [USER:PASS@]HOST[:PORT])');
  }
  const { host, port = socksPort } = authority;
  if (at === -1) return { host, port };
  const credentials = { username: rest.slice(0, colon), password: rest.slice(colon + 1, at) };
  if (Object.values(credentials).some((part) => Buffer.byteLength(part) > longestCredential)) {
    throw new OptionError(`SOCKS carries user names and passwords of at most ${String(longestCredential)} bytes`);
  }
  return { host, port, credentials };
}

/**
 * Checks `USER:PASS`, the form of the Basic scheme (RFC 7617, section 2).
 * @throws {OptionError} when there is no colon
 */
export function readProxyCredentials(text: string): string {
  if (text.includes(':')) return text;
  throw new OptionError('--proxy-auth takes USER:PASS');
}
