import { OptionError } from '../errors.js';
import type { Files, Seed } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { checkTlsVersions } from '../net/tls-version.js';
import { checkNames, checkOptions } from '../options/check.js';
import { pathocOptions } from './options.js';
import type { PathocInput } from './options.js';
import { routeKeys } from './route.js';
import type { RouteValues } from './route.js';

/** How messages are sent over a connection. */
export interface SendOptions {
  /** Seconds after which to give up when nothing moves: no connection, nothing received and nothing sent. Default: never. */
  readonly timeout?: PathocInput['timeout'];
  /** Where chance begins. The message sent as number `n` over this connection is the same for the same seed. */
  readonly seed?: Seed | undefined;
  /** Destroys the connection when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Where file values come from. Default: any readable file, relative to the working directory. */
  readonly files?: Files | undefined;
  /** Bytes of a response body to keep. Default: 16 MiB. */
  readonly maximumBody?: number | undefined;
  /** Time. Default: that of the machine. */
  readonly clock?: Clock | undefined;
}

/** Whom to connect to, and how. */
export interface ConnectOptions extends SendOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** Default: 443 with TLS, 80 without. */
  readonly port?: PathocInput['port'];
  /** The peer is a proxy: have it connect there with CONNECT. `HOST:PORT`, or its two parts. */
  readonly connectTo?: PathocInput['connectTo'];
  /** `USER:PASS` for that proxy. */
  readonly proxyAuth?: PathocInput['proxyAuth'];
  /** Connect through this SOCKS5 proxy: `[USER:PASS@]HOST[:PORT]`, or its parts. */
  readonly socks?: PathocInput['socks'];
  /** Speak TLS. Certificates are not verified unless `verify` or `ca` says so. */
  readonly ssl?: PathocInput['ssl'];
  /** Name of the server to ask for, and to verify. Default: the host, unless it is an address. */
  readonly sni?: PathocInput['sni'];
  /** Path of a PEM file with a certificate and its private key, or its text, for servers that ask for one. */
  readonly clientCertificate?: PathocInput['clientCertificate'];
  /** Ciphers to offer, in OpenSSL's form. */
  readonly ciphers?: PathocInput['ciphers'];
  /** Version of TLS, by its name on the command line. Default: `secure`. */
  readonly sslVersion?: PathocInput['sslVersion'];
  /** Refuse servers whose certificate is not valid, not for their name, or from no authority that Node.js trusts. */
  readonly verify?: PathocInput['verify'];
  /** Path of a PEM file, or its text: as `verify`, but trust these authorities and no others. */
  readonly ca?: PathocInput['ca'];
  /** Speak HTTP/2, over TLS. */
  readonly http2?: PathocInput['http2'];
  /** Speak HTTP/2 without TLS, to a server that is known to understand it. */
  readonly h2c?: PathocInput['h2c'];
  /** With HTTP/2: begin without the connection preface and its SETTINGS. */
  readonly http2SkipConnectionPreface?: PathocInput['http2SkipConnectionPreface'];
}

/** Every name of {@link ConnectOptions}. */
const names = Object.keys({
  host: true,
  port: true,
  timeout: true,
  connectTo: true,
  proxyAuth: true,
  socks: true,
  ssl: true,
  sni: true,
  clientCertificate: true,
  ciphers: true,
  sslVersion: true,
  verify: true,
  ca: true,
  http2: true,
  h2c: true,
  http2SkipConnectionPreface: true,
  seed: true,
  signal: true,
  files: true,
  maximumBody: true,
  clock: true,
} satisfies Record<keyof ConnectOptions, true>);

const routeNames: ReadonlySet<string> = new Set(routeKeys);

/**
 * Checks what a caller gave, who may not use TypeScript.
 * @throws {TypeError} when it is no object, or has no host
 * @throws {OptionError} when an option is not known, or has a value that it does not take
 */
export function checkConnectOptions(options: ConnectOptions): RouteValues {
  // Whatever the type says, anything may be given.
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`Pathoc.connect takes an object such as { host: '127.0.0.1', port: 80 }, not ${shown(given)}`);
  }
  checkNames(Object.keys(given), names);
  const { host } = options;
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`Pathoc.connect needs a host, a name or an address, not ${shown(host)}`);
  }
  const inTable = Object.entries(options).filter(([key]) => routeNames.has(key));
  const values = checkOptions(pathocOptions, Object.fromEntries(inTable));
  checkParts('socks', values.socks);
  checkParts('connectTo', values.connectTo);
  const { proxyAuth, sslVersion } = values;
  if (proxyAuth !== undefined && typeof proxyAuth !== 'string') throw new OptionError('proxyAuth takes USER:PASS');
  if (sslVersion !== undefined) checkTlsVersions(sslVersion);
  return values;
}

/** Looks at an address that may have been given in its parts. @throws {OptionError} when one of them is none */
function checkParts(name: string, given: unknown): void {
  if (given === undefined) return;
  const { host, port, credentials } = Object(given) as { host?: unknown; port?: unknown; credentials?: unknown };
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535;
  if (typeof host !== 'string' || host === '' || !isPort) {
    throw new OptionError(`${name} takes HOST:PORT, or an object with a host and a port from 1 to 65535`);
  }
  if (credentials === undefined) return;
  const { username, password } = Object(credentials) as { username?: unknown; password?: unknown };
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new OptionError(`the credentials of ${name} are an object with a username and a password, both texts`);
  }
}

function shown(given: unknown): string {
  return typeof given === 'string' ? JSON.stringify(given) : given === null ? 'null' : typeof given;
}
