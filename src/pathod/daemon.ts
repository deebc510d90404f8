/** The daemon: a server of crafted responses, and the fixture that tests use. */
import { isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { OptionError, TimeoutError } from '../errors.js';
import { TextCache } from '../language/cache.js';
import { Random } from '../language/index.js';
import type { Seed } from '../language/index.js';
import { systemClock } from '../net/clock.js';
import type { Clock } from '../net/clock.js';
import { formatAddress } from '../net/format-address.js';
import { listen } from '../net/listen.js';
import type { Listener } from '../net/listen.js';
import { checkOptions } from '../options/check.js';
import { patternText } from './anchors.js';
import type { Anchor } from './anchors.js';
import { Connection } from './connection.js';
import { checkCraftPrefix, pathOfSpec } from './craft-path.js';
import { Log } from './log.js';
import type { LogRecord } from './log-record.js';
import { NoteEntry } from './note-entry.js';
import { pathodOptions } from './options.js';
import type { DaemonOptions, PathodValues } from './options.js';
import { Reflection } from './reflection.js';
import { Router } from './router.js';
import type { Service } from './service.js';
import { specSources } from './spec-sources.js';
import type { Tls } from './tls.js';
import { block, remark } from './text-log.js';
import { checkTlsValues } from './tls-options.js';
import { Watchers } from './watchers.js';

/** What a daemon reaches the outside world by, besides the network. */
export interface DaemonPorts {
  /** Default: the time of the machine. */
  readonly clock?: Clock | undefined;
  /** Gets the text log, a block at a time, as things happen. */
  readonly print?: ((block: string) => void) | undefined;
  /** Gets a line about a certificate that has expired or is not valid yet, or a file of the authority that wants care. */
  readonly notice?: ((line: string) => void) | undefined;
}

/** An anchor that was added to a running daemon. */
export interface AddedAnchor extends Disposable {
  /** Takes it out again. May be called twice. */
  remove(): void;
}

/** Milliseconds that one waits for the log or for silence, unless told otherwise. */
const defaultPatience = 5_000;

/**
 * A daemon that listens until it is stopped. Any number of them may run side by side.
 * @example
 * await using daemon = await Daemon.start({ anchors: [['/greeting', "200:b'hello'"]] });
 * const response = await fetch(daemon.p('404:b@100'));
 */
export class Daemon implements AsyncDisposable {
  private readonly over = new AbortController();
  private readonly connections = new Map<Connection, Promise<void>>();
  private readonly watchers = new Watchers();
  private readonly router: Router;
  private readonly history: Log;
  private readonly service: Service;
  private listener: Listener | undefined;
  private tls: Tls | undefined;
  private openingTls: Promise<Tls> | undefined;
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly values: PathodValues,
    private readonly ports: DaemonPorts,
  ) {
    const { craftPrefix, nocraft, nohang, limitSize, timeout } = values;
    checkAddress(values.address);
    checkTlsValues(values);
    checkCraftPrefix(craftPrefix);
    const clock = ports.clock ?? systemClock;
    const seed = seedOf(values.seed);
    const sources = specSources(values);
    const { files } = sources;
    this.router = new Router({ craftPrefix, nocraft, sources, seed });
    for (const anchor of values.anchors) this.router.add(checkAnchor(anchor));
    this.history = new Log(values.logRecords, clock);
    this.service = {
      router: this.router,
      reflections: new TextCache((spec) => new Reflection(spec, files, seed)),
      policy: { limitSize, nohang, nocraft },
      ...{ files, seed, clock, timeout, signal: this.over.signal },
      keepsRequests: values.logRequests,
      keepsResponses: values.logResponses,
      dumpsHttp2Frames: values.http2Framedump,
      ...{ ssl: values.ssl, tlsAfterConnect: !values.noTlsAfterConnect, h2c: values.h2c },
      tls: () => this.openTls(),
      log: (entry) => {
        this.history.add(entry);
        ports.print?.(block(entry, values));
      },
      tell: (line) => {
        if (values.explain || values.logRequests) ports.print?.(remark(clock.now(), line));
      },
      settled: () => {
        this.watchers.notify();
      },
    };
  }

  /**
   * Starts a daemon: on the loopback address and any free port, unless told otherwise.
   * @returns once it listens
   * @throws {OptionError} for an option that is not valid; for an anchor, it names the anchor
   * @throws {TypeError} when `options` is not an object
   * @throws {ConnectionError} when it cannot listen
   */
  static async start(options: DaemonOptions = {}, ports: DaemonPorts = {}): Promise<Daemon> {
    checkShape(options);
    const daemon = new Daemon(checkOptions(pathodOptions, { ...options, port: options.port ?? 0 }), ports);
    if (daemon.needsTls) await daemon.openTls();
    await daemon.listen();
    return daemon;
  }

  /** The address it listens on. */
  get host(): string {
    return this.listening.address;
  }

  get port(): number {
    return this.listening.port;
  }

  /** Where its chance comes from: a daemon started with this seed serves the same data and offsets. */
  get seed(): Seed {
    return this.service.seed.seed;
  }

  /** Whether chance may decide anything of what it serves. */
  get usesChance(): boolean {
    return this.router.usesChance;
  }

  /**
   * The certificate, as PEM, of the authority that signs what the daemon shows: what clients are to trust,
   * `ca` in the options of most. It is the same for all daemons of the process that have no `confdir`.
   * @throws {TypeError} when there is none yet: without TLS, use {@link openAuthority}
   */
  get ca(): string {
    if (this.tls !== undefined) return this.tls.pem;
    throw new TypeError('no authority was opened yet: start the daemon with ssl, or await openAuthority()');
  }

  /**
   * The same as {@link ca}, also of a daemon that has not needed it yet, for TLS behind a CONNECT.
   * @throws {OptionError} when the authority of `confdir` cannot be used
   */
  async openAuthority(): Promise<string> {
    return (await this.openTls()).pem;
  }

  /** The URL of a path, after {@link stop} too. @param path with or without its leading slash */
  url(path = ''): string {
    checkText(path, 'a path');
    const separator = path === '' || path.startsWith('/') ? '' : '/';
    return `${this.values.ssl ? 'https' : 'http'}://${formatAddress(reachable(this.host), this.port)}${separator}${path}`;
  }

  /** A URL at which the daemon serves a spec; every client sends it as it is. Works after {@link stop} too. */
  p(spec: string): string {
    checkText(spec, 'a spec');
    return this.url(pathOfSpec(spec, this.values.craftPrefix));
  }

  /** The anchors, in the order in which they are tried. */
  get anchors(): readonly Anchor[] {
    return this.router.anchors;
  }

  /**
   * Adds an anchor behind the others.
   * @param pattern what paths must begin with; text is a regular expression
   * @param spec a spec, or the name of a file that holds one
   * @throws {OptionError} when either is not valid
   * @throws {TypeError} when the daemon was stopped
   */
  addAnchor(pattern: string | RegExp, spec: string): AddedAnchor {
    if (this.over.signal.aborted) throw new TypeError('the daemon was stopped: an anchor would never be served');
    const anchor = checkAnchor([pattern, spec]);
    this.router.add(anchor);
    const remove = (): void => {
      this.router.remove((other) => other === anchor);
    };
    return { remove, [Symbol.dispose]: remove };
  }

  /** Removes the last anchor that was added with this pattern. @returns whether there was one */
  removeAnchor(pattern: string | RegExp): boolean {
    return this.router.remove(([other]) => other === pattern || patternText(other) === patternText(pattern));
  }

  /** What happened lately, newest first. */
  log(): LogRecord[] {
    return this.history.records();
  }

  /** The newest record. */
  lastLog(): LogRecord | undefined {
    return this.history.last();
  }

  /**
   * Waits until the log has at least `count` records.
   * @param timeout milliseconds
   * @returns the log, newest first
   * @throws {TimeoutError} when it takes longer
   */
  async expectLog(count: number, timeout: number = defaultPatience): Promise<LogRecord[]> {
    if (await this.history.expect(count, timeout, this.over.signal)) return this.log();
    throw new TimeoutError(
      `the log has ${String(this.history.size)} of ${String(count)} records ${this.waited(timeout)}`,
    );
  }

  /** Forgets what happened so far. */
  clearLog(): void {
    this.history.clear();
  }

  /** What happened lately as text, oldest first: what the program prints with the same options, but for lines that have no record. */
  textLog(): string {
    let text = '';
    for (const entry of this.history.entries()) text += block(entry, this.values);
    return text;
  }

  /**
   * Waits until no request is half read and no answer half sent. Open connections do not count.
   * @param timeout milliseconds
   * @throws {TimeoutError} when it takes longer
   */
  async waitForSilence(timeout: number = defaultPatience): Promise<void> {
    const isSilent = (): boolean => this.busyConnections === 0;
    if (await this.watchers.until(isSilent, timeout, this.service.clock, this.over.signal)) return;
    if (this.over.signal.aborted) return;
    throw new TimeoutError(`${String(this.busyConnections)} connections are still busy ${this.waited(timeout)}`);
  }

  /** Closes the port and every connection at once. May be called again. @returns when nothing is left */
  stop(): Promise<void> {
    this.stopped ??= this.close();
    return this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async listen(): Promise<void> {
    const { address: host, port } = this.values;
    const onError = (error: Error): void => {
      this.service.log(NoteEntry.error(this.service.clock.now(), error.message));
    };
    this.listener = await listen({ host, port, onError }, (socket) => {
      this.accept(socket);
    });
  }

  /** Whether an option speaks of TLS, so that it is to be refused at the start when it is not valid. */
  private get needsTls(): boolean {
    const { ssl, certs, sans, ciphers, tlsFault, tlsAnchors } = this.values;
    return ssl || certs.length + sans.length + tlsAnchors.length > 0 || ciphers !== undefined || tlsFault !== undefined;
  }

  private openTls(): Promise<Tls> {
    this.openingTls ??= this.loadTls().catch((error: unknown) => {
      // What stood in the way may be gone the next time.
      this.openingTls = undefined;
      throw error;
    });
    return this.openingTls;
  }

  private async loadTls(): Promise<Tls> {
    const { Tls } = await import('./tls.js');
    this.tls = await Tls.open(this.values);
    for (const notice of this.tls.notices) this.ports.notice?.(notice);
    return this.tls;
  }

  private accept(socket: Socket): void {
    const connection = new Connection(this.service, socket, [socket.remoteAddress ?? '', socket.remotePort ?? 0]);
    const life = connection.run().then(() => {
      this.connections.delete(connection);
    });
    this.connections.set(connection, life);
  }

  private async close(): Promise<void> {
    this.over.abort();
    await this.listening.close();
    await Promise.all(this.connections.values());
  }

  private get listening(): Listener {
    if (this.listener === undefined) throw new TypeError('the daemon does not listen yet');
    return this.listener;
  }

  private get busyConnections(): number {
    let count = 0;
    for (const connection of this.connections.keys()) if (connection.busy) count++;
    return count;
  }

  private waited(timeout: number): string {
    return this.over.signal.aborted ? 'when the daemon stopped' : `after ${String(timeout)} ms`;
  }
}

function seedOf(seed: Seed | undefined): Random {
  if (seed === undefined) return Random.fromChance();
  if (typeof seed === 'string' ? seed !== '' : Number.isFinite(seed)) return Random.fromSeed(seed);
  throw new OptionError(`seed takes a number or a text${shownSeed(seed)}`);
}

function shownSeed(seed: unknown): string {
  if (seed === '') return ', not an empty one';
  return typeof seed === 'number' ? `, not ${String(seed)}` : '';
}

/** @throws {OptionError} for an empty address, which would mean every one */
function checkAddress(address: string): void {
  if (address.trim() !== '') return;
  throw new OptionError('address takes an address or a host name, not an empty text (every address is 0.0.0.0 or ::)');
}

/** What the types say already. @throws {TypeError | OptionError} to those who do without them */
function checkShape(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('the options of a daemon are an object, such as { port: 0 }');
  }
  if ('anchors' in options && options.anchors !== undefined && !Array.isArray(options.anchors)) {
    throw new OptionError('anchors takes a list of pairs of a pattern and a spec, such as [["/x", "200"]]');
  }
}

function checkText(given: unknown, what: string): void {
  if (typeof given !== 'string')
    throw new TypeError(`${what} is a text, not ${given === null ? 'null' : typeof given}`);
}

/** @throws {OptionError} when code gave something else than a pair */
function checkAnchor(anchor: Anchor): Anchor {
  const [pattern, spec] = Array.isArray(anchor) ? (anchor as readonly unknown[]) : [];
  if ((typeof pattern === 'string' || pattern instanceof RegExp) && typeof spec === 'string') return [pattern, spec];
  throw new OptionError('an anchor is a pair of a pattern and a spec, or the text PATTERN=SPEC');
}

/** An address at which this machine reaches what is bound to `address`. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return isIPv6(address) && /^[0:]+$/.test(address) ? '::1' : address;
}
