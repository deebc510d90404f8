/** Modes as they are written: `mode[:data][@[host:]port]`. */
import { OptionError } from '../errors.js';
import { nearest } from '../options/suggest.js';
import { isValidHost } from './message/url.js';
import type { ProxyMode, ReverseScheme } from './mode.js';

const types = ['regular', 'transparent', 'socks5', 'reverse', 'upstream'] as const;

/** What the ancestor knows besides, and why it is not here. */
const missingTypes: Readonly<Record<string, string>> = {
  dns: 'it answers DNS queries',
  wireguard: 'it is a VPN of datagrams',
  local: 'it redirects programs of this machine by a driver; use transparent, or set HTTP_PROXY for them',
  osproxy: 'it is an old name of local; use transparent, or set HTTP_PROXY for programs',
  tun: 'it makes a network interface; use transparent',
};

/** The schemes of each mode, and the port that each means; undefined where it must be given. */
const schemes: {
  readonly reverse: ReadonlyMap<string, number | undefined>;
  readonly upstream: ReadonlyMap<string, number | undefined>;
} = {
  reverse: new Map([
    ['http', 80],
    ['https', 443],
    ['tcp', undefined],
    ['tls', undefined],
  ]),
  upstream: new Map([
    ['http', 80],
    ['https', 443],
  ]),
};

/** Schemes of the ancestor's newer versions, and what they need. */
const missingSchemes: Readonly<Record<string, string>> = {
  http3: 'HTTP/3 runs over QUIC',
  quic: 'QUIC runs over datagrams',
  udp: 'it passes datagrams on',
  dtls: 'DTLS runs over datagrams',
  dns: 'it passes DNS queries on',
};

/**
 * Reads `mode[:data][@[host:]port]`: `regular`, `socks5@1080`, `reverse:https://example.com@127.0.0.1:8443`. The
 * name of the mode may be in any case. A server without a scheme is spoken to with https when its port is 443 or not
 * given, else with http, for `reverse` and for `upstream`.
 * @throws {OptionError} for another text; the message tells the place
 */
export function readMode(text: string): ProxyMode {
  return new ModeText(text).read();
}

/** Whether code gave what {@link readMode} gives. */
export function isMode(given: unknown): given is ProxyMode {
  if (typeof given !== 'object' || given === null || !('type' in given) || !('text' in given)) return false;
  const { type, text } = given;
  return types.some((known) => known === type) && typeof text === 'string';
}

/** One text, and where its parts stand. */
class ModeText {
  /** Offset of the `@` before the address to listen on; the length when there is none. */
  private readonly at: number;
  /** Offset of the `:` before the data; that of `at` when there is none. */
  private readonly colon: number;

  constructor(private readonly text: string) {
    const at = text.lastIndexOf('@');
    this.at = at === -1 ? text.length : at;
    const colon = text.indexOf(':');
    this.colon = colon === -1 || colon > this.at ? this.at : colon;
  }

  read(): ProxyMode {
    const type = this.readType();
    const listen = this.readListen();
    const common = { text: this.text.slice(0, this.at), ...listen };
    if (type === 'reverse' || type === 'upstream') {
      const { scheme, address } = this.readServer(type);
      // Each mode takes the schemes of its own list.
      return { ...common, type, scheme: scheme as 'http' | 'https', address };
    }
    if (this.colon < this.at) throw this.error(`the mode ${type} takes nothing behind its name`, this.colon);
    return { ...common, type };
  }

  private readType(): (typeof types)[number] {
    const written = this.text.slice(0, this.colon);
    const name = written.toLowerCase();
    const found = types.find((type) => type === name);
    if (found !== undefined) return found;
    const missing = Object.hasOwn(missingTypes, name) ? missingTypes[name] : undefined;
    if (missing !== undefined) throw this.error(`the mode ${name} is not supported: ${missing}`, 0);
    if (written === '') throw this.error(`the name of the mode is missing (known: ${types.join(', ')})`, 0);
    if (schemes.reverse.has(name) && this.text.startsWith('://', this.colon)) {
      throw this.error(`unknown mode ${name}, did you mean reverse:${this.text.slice(0, this.at)}?`, 0);
    }
    throw this.error(`unknown mode ${JSON.stringify(written)}${hint(name, types)}`, 0);
  }

  private readListen(): { readonly listenHost: string | undefined; readonly listenPort: number | undefined } {
    const { text, at } = this;
    if (at === text.length) return { listenHost: undefined, listenPort: undefined };
    const written = text.slice(at + 1);
    const match = /^(?:(.*):)?(\d+)$/s.exec(written);
    if (match === null) {
      const form = `behind @ stands where to listen, [HOST:]PORT, not ${JSON.stringify(written)}`;
      // Whoever writes USER@HOST means something else.
      throw this.error(this.colon < at ? `${form}; user names and passwords go into upstream_auth` : form, at + 1);
    }
    const [, host, digits] = match;
    const port = Number(digits);
    if (port > 65535) throw this.error(`a port is at most 65535, not ${String(port)}`, at + 1);
    if (host === undefined) return { listenHost: undefined, listenPort: port };
    const plain = withoutBrackets(host);
    if (plain === undefined || (plain !== '' && !isValidHost(plain))) {
      throw this.error(`${JSON.stringify(host)} cannot be a host to listen on (IPv6 stands in brackets)`, at + 1);
    }
    return { listenHost: plain, listenPort: port };
  }

  private readServer(type: 'reverse' | 'upstream'): {
    readonly scheme: ReverseScheme;
    readonly address: readonly [host: string, port: number];
  } {
    const from = this.colon + 1;
    const data = this.text.slice(from, this.at);
    if (data === '') throw this.error(`${type} needs a server: ${type}:[SCHEME://]HOST[:PORT]`, this.at);
    const separator = data.indexOf('://');
    const given = separator === -1 ? undefined : data.slice(0, separator);
    if (given !== undefined) this.checkScheme(type, given, from);
    const begin = separator === -1 ? 0 : separator + 3;
    const { host, port } = this.readHostPort(data.slice(begin), from + begin);
    const scheme = given ?? (port === undefined || port === 443 ? 'https' : 'http');
    const known = port ?? schemes[type].get(scheme);
    if (known === undefined) throw this.error(`${scheme} servers need a port: ${scheme}://HOST:PORT`, this.at);
    // It stands in the list.
    return { scheme: scheme as ReverseScheme, address: [host, known] };
  }

  private checkScheme(type: 'reverse' | 'upstream', scheme: string, place: number): void {
    const known = schemes[type];
    if (known.has(scheme)) return;
    const missing = Object.hasOwn(missingSchemes, scheme) ? missingSchemes[scheme] : undefined;
    if (missing !== undefined) throw this.error(`the scheme ${scheme} is not supported: ${missing}`, place);
    if (type === 'upstream' && schemes.reverse.has(scheme)) {
      throw this.error(`the proxy of upstream mode speaks http or https, not ${scheme}`, place);
    }
    throw this.error(`unknown scheme ${JSON.stringify(scheme)}${hint(scheme, [...known.keys()])}`, place);
  }

  private readHostPort(written: string, place: number): { readonly host: string; readonly port: number | undefined } {
    const authority = written.replace(/\/$/, '');
    if (authority === '') throw this.error('the host is missing', place);
    const slash = authority.indexOf('/');
    if (slash !== -1) {
      throw this.error('a server has no path here: requests keep their own', place + slash);
    }
    const user = authority.lastIndexOf('@');
    if (user !== -1) throw this.error('a server has no user name here; see upstream_auth', place + user);
    const [matched, name = '', digits] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d+))?$/s.exec(authority) ?? [];
    if (matched === undefined) {
      throw this.error(`${JSON.stringify(authority)} is not HOST[:PORT] (IPv6 stands in brackets)`, place);
    }
    const host = withoutBrackets(name);
    if (host === undefined || !isValidHost(host)) throw this.error(`${JSON.stringify(name)} cannot be a host`, place);
    if (digits === undefined) return { host, port: undefined };
    const port = Number(digits);
    if (port > 65535) throw this.error(`a port is at most 65535, not ${digits}`, place + name.length + 1);
    return { host, port };
  }

  private error(message: string, offset: number): OptionError {
    const { text } = this;
    return new OptionError(`invalid mode ${JSON.stringify(text)}: ${message}`, `${text}\n${' '.repeat(offset)}^`);
  }
}

/** What stands in brackets must be an IPv6 address, and the other way round; undefined otherwise. */
function withoutBrackets(host: string): string | undefined {
  const inner = /^\[(.*)\]$/s.exec(host)?.[1];
  if (inner === undefined) return host.includes(':') ? undefined : host;
  return inner.includes(':') ? inner : undefined;
}

function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? ` (known: ${known.join(', ')})` : `, did you mean ${near}?`;
}
