/** URLs of requests, taken apart and put together without changing what stands in them. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { joinPath, splitPath } from './path-parts.js';

/** The parts of a URL. */
export interface Url {
  /** In lower case. */
  readonly scheme: string;
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** With parameters, query and fragment; begins with a slash. */
  readonly path: string;
}

/** The port that a URL of a scheme means when it names none. */
export function defaultPort(scheme: string): number | undefined {
  return scheme === 'http' ? 80 : scheme === 'https' ? 443 : undefined;
}

/** Takes an absolute URL apart. @throws {TypeError} when it has no host, or one that is not possible */
export function parseUrl(text: string): Url {
  // As browsers do: blanks before it are passed over, and line ends within.
  const url = text.replace(/^[\0- ]+/, '').replace(/[\t\r\n]/g, '');
  const {
    scheme = '',
    authority = '',
    path = '',
  } = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):)?\/\/(?<authority>[^/?#]*)(?<path>.*)$/is.exec(url)?.groups ?? {};
  const [, host = '', port = ''] = /^(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/s.exec(authority) ?? [];
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === '') throw new TypeError(`the URL ${JSON.stringify(url)} has no host`);
  if (/[^\0-\x7f]/.test(url)) throw new TypeError(`the URL ${JSON.stringify(url)} holds a character outside ASCII`);
  if (!isValidHost(name) || Number(port) > 65535)
    throw new TypeError(`the URL ${JSON.stringify(url)} has no valid host`);
  return {
    scheme: scheme.toLowerCase(),
    host: name,
    port: Number(port) || (scheme.toLowerCase() === 'https' ? 443 : 80),
    path: withSlash(joinPath(splitPath(path))),
  };
}

function withSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** Puts a URL together. The port is left out when the scheme means it; the path `*` stands for none. */
export function formatUrl(scheme: string, host: string, port: number, path: string): string {
  return `${scheme}://${formatHostPort(scheme, host, port)}${path === '*' ? '' : path}`;
}

/** A host with its port, unless the scheme means that port. */
export function formatHostPort(scheme: string, host: string, port: number): string {
  return defaultPort(scheme) === port ? host : `${host}:${String(port)}`;
}

/** Splits a host from its port. What cannot be split is a host. */
export function parseAuthority(authority: string): { readonly host: string; readonly port: number | undefined } {
  return tryAuthority(authority) ?? { host: authority, port: undefined };
}

function tryAuthority(authority: string): { host: string; port: number | undefined } | undefined {
  const [, name, port] = /^([^:]+|\[.+\])(?::(\d+))?$/.exec(authority) ?? [];
  const host = name?.startsWith('[') ? name.replace(/^\[(.*)\]$/, '$1') : name;
  if (host === undefined || Number(port ?? 0) > 65535 || !isValidHost(host)) return undefined;
  return { host, port: port === undefined ? undefined : Number(port) };
}

/** As {@link parseAuthority}. @throws {TypeError} when it cannot be split, or the host is not possible */
export function demandAuthority(authority: string): { readonly host: string; readonly port: number | undefined } {
  const found = tryAuthority(authority);
  if (found === undefined) {
    throw new TypeError(`${JSON.stringify(authority)} is not a host with or without a port`);
  }
  return found;
}

const plainHost = /^(?!xn--)[a-z0-9_-]{1,63}(?:\.(?!xn--)[a-z0-9_-]{1,63})*$/i;

/** Whether a text can be a host: an address, or labels of letters, digits, `-` and `_`. */
export function isValidHost(host: string): boolean {
  // Nearly every host is one of these, and this is asked for every URL that is shown or matched.
  if (host.length <= 255 && plainHost.test(host)) return true;
  if (isIP(host) !== 0) return true;
  if (host.length > 255) return false;
  return host.replace(/\.$/, '').split('.').every(isValidLabel);
}

/** Labels may be in Punycode already, or to be turned into it. */
function isValidLabel(label: string): boolean {
  if (/[\0-,/:-@[-^`{-\x7f]/.test(label) || label === '') return false;
  const ascii = /[^\0-\x7f]|^xn--/i.test(label) ? domainToASCII(label) : label;
  return ascii !== '' && ascii.length <= 63;
}
