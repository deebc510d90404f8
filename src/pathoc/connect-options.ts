import type { Files, Seed } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { checkNames, checkOptions } from '../options/check.js';
import { defaultPort, pathocOptions } from './options.js';
import type { PathocInput, PathocValues } from './options.js';

/** Whom to connect to, and how. */
export interface ConnectOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** Default: 80. */
  readonly port?: PathocInput['port'];
  /** Seconds after which to give up when nothing moves: no connection, nothing received and nothing sent. Default: never. */
  readonly timeout?: PathocInput['timeout'];
  /** The peer is a proxy: have it connect there with CONNECT. `HOST:PORT`, or its two parts. */
  readonly connectTo?: PathocInput['connectTo'];
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

/** Every name of {@link ConnectOptions}. */
const names = Object.keys({
  host: true,
  port: true,
  timeout: true,
  connectTo: true,
  seed: true,
  signal: true,
  files: true,
  maximumBody: true,
  clock: true,
} satisfies Record<keyof ConnectOptions, true>);

/** What {@link ConnectOptions} come to. */
export interface CheckedConnectOptions {
  readonly port: number;
  readonly timeout: PathocValues['timeout'];
  readonly connectTo: PathocValues['connectTo'];
}

/**
 * Checks what a caller gave, who may not use TypeScript.
 * @throws {TypeError} when it is no object, or has no host
 * @throws {OptionError} when an option is not known, or has a value that it does not take
 */
export function checkConnectOptions(options: ConnectOptions): CheckedConnectOptions {
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
  const inTable = { port: options.port, timeout: options.timeout, connectTo: options.connectTo };
  const { port = defaultPort, timeout, connectTo } = checkOptions(pathocOptions, inTable);
  return { port, timeout, connectTo };
}

function shown(given: unknown): string {
  return typeof given === 'string' ? JSON.stringify(given) : given === null ? 'null' : typeof given;
}
