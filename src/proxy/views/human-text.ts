/** Sizes, durations and addresses as people read them. */
import type { Address } from '../flow/connection.js';

const units = ['b', 'k', 'm', 'g', 't'];

/** A size in bytes: `86b`, `1.5k`, `118m`. */
export function prettySize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = unit > 0 && size < 99.95 ? 1 : 0;
  return `${size.toFixed(digits)}${units[unit] ?? ''}`;
}

/** A duration in seconds: `12ms`, `1.23s`, `100s`. */
export function prettyDuration(seconds: number): string {
  if (seconds >= 100) return `${rounded(seconds, 0)}s`;
  if (seconds >= 10) return `${rounded(seconds, 1)}s`;
  if (seconds >= 1) return `${rounded(seconds, 2)}s`;
  return `${rounded(seconds * 1000, 0)}ms`;
}

/** `127.0.0.1:80`, `[::1]:80`; an IPv4 address that is written as one of IPv6 stands as itself. */
export function formatAddress(address: Address | undefined): string {
  if (address === undefined) return '<no address>';
  const [host, port] = address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1];
  const name = mapped ?? (host.includes(':') ? `[${host}]` : host);
  return `${name}:${String(port)}`;
}

/** A number with these decimals; one that lies between two goes to the even one, as in Python. */
function rounded(value: number, decimals: number): string {
  if (decimals > 0) return value.toFixed(decimals);
  const below = Math.floor(value);
  const isTie = value - below === 0.5;
  return String(isTie ? below + (below % 2 === 0 ? 0 : 1) : Math.round(value));
}
