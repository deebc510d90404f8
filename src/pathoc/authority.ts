/** Whom to connect to, as it is written: `host`, `host:port`, `[::1]:80`, `::1`. */
import { isIPv6 } from 'node:net';
import { OptionError } from '../errors.js';

/** A host, and a port when one was written. */
export interface Authority {
  /** A name or an address; an IPv6 address without its brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port?: number;
}

/** Takes an authority apart; undefined when it is none. */
export function parseAuthority(text: string): Authority | undefined {
  if (isIPv6(text)) return { host: text };
  const [, address, name, digits] = /^(?:\[([^\]]*)\]|([^:[\]/\s]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined || (address !== undefined && !isIPv6(address))) return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? { host, port } : undefined;
}

/**
 * Reads the host that a program is given.
 * @throws {OptionError} when it is none, or its port is none
 */
export function readHost(text: string): Authority {
  const authority = parseAuthority(text);
  if (authority !== undefined) return authority;
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(0, colon));
  const badPort = host !== '' && parseAuthority(host) !== undefined;
  throw new OptionError(
    badPort ? `Invalid port in host spec: ${text}` : `Invalid host spec: ${text} (write HOST or HOST:PORT)`,
  );
}
