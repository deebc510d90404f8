/** The intercepting proxy, as programs and tests use it. */
import type { Socket } from 'node:net';
import { OptionError } from '../errors.js';
import { systemClock } from '../net/clock.js';
import { originalDestinations } from '../net/original-destination.js';
import type { OriginalDestinationOf } from '../net/original-destination.js';
import { AddonHost } from './addon-host.js';
import { builtInAddons, closingAddons } from './addons/index.js';
import { ClientConnections } from './client-connections.js';
import { CertificateFile } from './certificate-file.js';
import { clientEnvironment } from './client-environment.js';
import type { ProxyContext } from './context.js';
import type { Address } from './flow/connection.js';
import type { Flow } from './flow/flow.js';
import type { HttpFlow } from './flow/http-flow.js';
import { orderFlows } from './flow-order.js';
import type { FlowOrdering } from './flow-order.js';
import { FlowStore } from './flow-store.js';
import { HeldFlows } from './held-flows.js';
import type { Addon } from './hooks/addon.js';
import { Commands } from './hooks/commands.js';
import { Hooks } from './hooks/hooks.js';
import { Log } from './hooks/log.js';
import { HostLists } from './host-lists.js';
import type { ProxyMode } from './mode.js';
import { OptionStore } from './option-store.js';
import { proxyAddress } from './proxy-address.js';
import type { ProxyAddress } from './proxy-address.js';
import { proxyFlows } from './proxy-flows.js';
import { ProxyPatience } from './proxy-patience.js';
import { closeListeners, openListeners } from './proxy-listeners.js';
import type { ProxyListener } from './proxy-listeners.js';
import { modesOf } from './modes-of.js';
import { checkShape } from './proxy-options.js';
import type { ProxyOptions, ProxyPorts } from './proxy-options.js';
import type { ProxyTls } from './proxy-tls.js';
import { Recorder } from './recorder.js';
import type { RecorderOptions } from './recorder.js';
import { replayRequest } from './replay-request.js';
import { saveFlows } from './save-flows.js';
import { selectFlows } from './select-flows.js';
import type { SaveOptions } from './save-flows.js';
import { checkTlsOptions } from './tls-settings.js';

/** Flows being written to a file. */
export interface Recording extends AsyncDisposable {
  /** Settles when every flow that has ended is with the operating system. @throws {OptionError} when that failed */
  flush(): Promise<void>;
  /**
   * Writes the flows that are under way, and closes the file. May be called again.
   * @throws {OptionError} when the file has not taken all of them; it is closed all the same
   */
  stop(): Promise<void>;
}

/** Milliseconds that one waits for a flow, unless told otherwise. */
const defaultPatience = 5_000;

/**
 * An intercepting proxy that listens until it is stopped. Any number of them may run side by side.
 * @example
 * await using proxy = await Proxy.start({ mode: 'reverse:http://127.0.0.1:3000' });
 * await fetch(proxy.url);
 * const flow = await proxy.waitForFlow('~c 200');
 */
export class Proxy implements AsyncDisposable {
  /** The flows that are held, and what may be done with them. */
  readonly held: HeldFlows;
  private readonly over = new AbortController();
  private readonly connections = new ClientConnections(
    () => this.context,
    () => ({
      ownAddresses: () => this.ownAddresses(),
      hostLists: () => this.hostLists(),
      destinationOf: this.destinationOf,
    }),
  );
  private readonly replays = new Set<Promise<void>>();
  private readonly store: OptionStore;
  private readonly kept: FlowStore;
  private readonly hooks: Hooks;
  private readonly host: AddonHost;
  private readonly context: ProxyContext;
  /** They come behind all other addons, to keep what these have made of a flow; recorders behind them. */
  private readonly closing = closingAddons();
  private lists: { readonly of: object; readonly lists: HostLists } | undefined;
  private listeners: readonly ProxyListener[] = [];
  private tls: ProxyTls | undefined;
  private openingTls: Promise<ProxyTls> | undefined;
  private destinationOf: OriginalDestinationOf | undefined;
  private readonly certificateFile = new CertificateFile();
  private stopped: Promise<void> | undefined;
  private constructor(
    { keptFlows, keptBytes, addonOptions, settings, ...input }: Omit<ProxyOptions, 'addons'>,
    private readonly ports: ProxyPorts,
  ) {
    const clock = ports.clock ?? systemClock;
    const { mode, ...rest } = input;
    const given = { ...addonOptions, ...rest, ...(mode !== undefined && { mode: modesOf(mode) }) };
    this.store = new OptionStore(given, settings, ports.optionName);
    this.kept = new FlowStore({
      maximumFlows: keptFlows,
      maximumBytes: keptBytes,
      mayTrim: () => !this.isRecording,
    });
    const { store } = this;
    const log = new Log(
      () => clock.now(),
      (entry) => ports.log?.(entry),
      (entry) => void this.hooks.fire('addLog', entry),
    );
    const { signal } = this.over;
    const facts = {
      log,
      now: () => clock.now() / 1000,
      wait: (seconds: number) => clock.wait(seconds * 1000, signal),
      configure: this.change.bind(this),
      commands: new Commands(() => this.hooks.given),
      flows: proxyFlows(
        () => this.hooks,
        (filter) => this.flows(filter),
        (flow) => this.replay(flow),
        (filter) => this.held.list(filter),
      ),
      get options() {
        return store.values;
      },
    };
    this.held = new HeldFlows({
      ...{ clock, log, signal },
      flows: () => this.kept.all,
      update: (flows) => void this.hooks.fire('update', flows),
    });
    this.hooks = new Hooks(facts, new ProxyPatience(clock, log, signal, this.held));
    this.host = new AddonHost(this.hooks, store);
    this.context = { hooks: this.hooks, store, log, clock, signal, tls: () => this.openTls() };
  }

  /**
   * Starts a proxy: on the loopback address and any free port, unless told otherwise.
   * @returns once it listens
   * @throws {OptionError} for an option that is not valid
   * @throws {TypeError} for options that are no object, and for what is no addon
   * @throws {AddonError} when an addon fails to load, or has not finished `running` after the signal has aborted
   * @throws {ConnectionError} when it cannot listen
   */
  static async start(given: ProxyOptions = {}, ports: ProxyPorts = {}): Promise<Proxy> {
    checkShape(given);
    const { addons = [], ...options } = given;
    const proxy = new Proxy(options, ports);
    try {
      await proxy.open(addons);
    } catch (error) {
      await proxy.stop();
      throw error;
    }
    return proxy;
  }

  /** What clients are given to use the proxy, or to reach what it stands before: that of the first mode. */
  get url(): string {
    return this.first.url;
  }

  /** The address it listens on for the first mode. */
  get address(): string {
    return this.first.host;
  }

  /** The port it listens on for the first mode. */
  get port(): number {
    return this.first.port;
  }

  /** All ports, in the order of the modes. */
  get addresses(): readonly ProxyAddress[] {
    return this.listeners.map(proxyAddress);
  }

  /** The certificate, as PEM, of the authority that signs what the proxy shows: what clients are to trust. */
  get ca(): string {
    if (this.tls === undefined) throw new TypeError('the proxy does not run');
    return this.tls.ca;
  }

  /** The values of all options. */
  get options(): OptionStore['values'] {
    return this.store.values;
  }

  /**
   * Changes options while the proxy runs, but for those of its ports.
   * @throws {OptionError} when a value is not valid or an addon refuses it: nothing is changed then
   */
  async configure(changes: Readonly<Record<string, unknown>>): Promise<void> {
    await this.change(changes);
  }

  private async change(changes: Readonly<Record<string, unknown>>, nameOf = this.store.nameOf): Promise<void> {
    const fixed = ['mode', 'listenHost', 'listenPort', 'confdir'];
    const key = fixed.find((name) => Object.hasOwn(Object(changes) as object, name));
    if (key !== undefined) throw new OptionError(`${nameOf(key)} cannot be changed while the proxy runs`);
    await this.host.update(changes, nameOf);
  }

  /**
   * Adds an addon behind the others. It sees the traffic at once; the promise tells that it is loaded.
   * @throws {OptionError} when it refuses the options
   * @throws {AddonError} when it fails to load
   */
  async use(addon: Addon): Promise<void> {
    await this.host.add(addon, this.closing[0] ?? this.kept);
  }

  /** Removes an addon. @throws {AddonError} when its `done` fails; it is removed all the same */
  async remove(addon: Addon): Promise<void> {
    await this.host.remove(addon);
  }

  /**
   * The flows that passed and are kept, those under way among them, in the order of their start unless another is asked
   * for.
   * @param filter an expression that they match, as in docs/filters.md; or `@all`, `@marked`, `@unmarked`, or ids with
   *   commas between
   * @throws {FilterError} when the expression is not valid
   */
  flows(filter?: string, ordering?: FlowOrdering): Flow[] {
    const { all } = this.kept;
    const found = filter === undefined ? all : selectFlows({ all }, filter);
    return ordering === undefined ? [...found] : orderFlows(found, ordering);
  }

  /** The HTTP exchanges among {@link flows}. @throws {FilterError} when the expression is not valid */
  httpFlows(filter?: string): HttpFlow[] {
    return this.flows(filter).filter((flow) => flow.type === 'http');
  }

  /**
   * The first flow that matches: one that is kept and complete, or the first to become so. One with a WebSocket counts
   * from its handshake on, and is looked at again with each message.
   * @param timeout milliseconds
   * @throws {FilterError} when the expression is not valid
   * @throws {TimeoutError} when none matches in time; it names the nearest
   * @throws {TypeError} for a time that is no number of at least 0
   */
  waitForFlow(filter: string | ((flow: Flow) => boolean), timeout: number = defaultPatience): Promise<Flow> {
    return this.kept.waitFor(filter, timeout, this.context.clock);
  }

  /**
   * Sends the request of a flow again, through all hooks. Its response and its error are those of this time.
   * @returns when the exchange is over
   * @throws {TypeError} when it cannot be sent again, such as that of a WebSocket; the flow stays as it was
   */
  async replay(flow: HttpFlow): Promise<void> {
    const [mode] = this.store.values.mode;
    if (mode === undefined || this.over.signal.aborted) return;
    const replay = replayRequest(this.context, flow, mode, () => this.ownAddresses());
    this.replays.add(replay);
    await replay.finally(() => this.replays.delete(replay));
  }

  /**
   * Calls a command of an addon.
   * @returns what it gives
   * @throws {OptionError} when there is no such command, or it does not take these arguments
   */
  async call(command: string, ...values: readonly unknown[]): Promise<unknown> {
    return await this.hooks.given.commands.call(command, ...values);
  }

  /** Forgets the flows that passed. */
  clear(): void {
    this.kept.clear();
  }

  /**
   * Writes the flows that are kept to a file that mitmproxy reads; to an HTTP archive when its name ends in `.har`.
   * A file that was there is replaced once all is written.
   * @throws {OptionError} when the file cannot be written, or there is no such layout
   * @throws {FilterError} when the filter is not valid
   */
  async save(file: string, options: SaveOptions = {}): Promise<void> {
    await saveFlows(this.flows(options.filter), file, options);
  }

  /**
   * Writes each flow to a file when it ends, as addons have left it, until the proxy or the recording stops. Whatever
   * happens to the process, at most the flows under way are lost.
   * @throws {FilterError} when the filter is not valid
   * @throws {OptionError} when the file cannot be written, or there is no such layout
   */
  async record(file: string, options: RecorderOptions = {}): Promise<Recording> {
    const recorder = await Recorder.open(file, options, this.context.log);
    await this.host.add(recorder, this.kept);
    const stop = async (): Promise<void> => {
      await this.host.remove(recorder);
      await recorder.close();
    };
    return { stop, flush: () => recorder.flush(), [Symbol.asyncDispose]: stop };
  }

  /** Environment variables that make a child process use the proxy and trust its certificates. */
  env(): Record<string, string> {
    const mode = this.listeners[0]?.mode;
    if (mode === undefined) throw new TypeError('the proxy does not run');
    const file = this.certificateFile.path(this.store.values.confdir, () => this.ca);
    return clientEnvironment(mode, this.url, file);
  }

  /**
   * Gives the ports back, so that who connects is refused, and waits until no request is under way.
   * @param patience milliseconds to wait at most
   * @param signal ends the waiting
   */
  async drain(patience: number = defaultPatience, signal?: AbortSignal): Promise<void> {
    for (const { listener } of this.listeners) listener.release();
    await this.connections.drain(patience, signal);
  }

  /** Closes the ports and every connection at once. May be called again. @returns when nothing is left */
  stop(): Promise<void> {
    this.stopped ??= this.close();
    return this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async open(addons: readonly Addon[]): Promise<void> {
    const { values } = this.store;
    const { clock, log } = this.context;
    this.hostLists();
    await checkTlsOptions(values, clock.now());
    const scripts = { addons: this.host, clock };
    // Known to whoever is loaded, long before those who declare them.
    for (const { options = {} } of this.closing) {
      for (const [key, option] of Object.entries(options)) this.store.declare(key, option);
    }
    await this.host.addAll([...builtInAddons(() => this.openTls(), scripts), ...addons]);
    this.store.checkNames();
    if (values.server) {
      if (values.mode.some(({ type }) => type === 'transparent')) this.destinationOf = await originalDestinations();
      await this.openTls();
      const accept = (socket: Socket, mode: ProxyMode): void => {
        this.connections.accept(socket, mode);
      };
      this.listeners = await openListeners(values, this.ports.defaultPort ?? (() => 0), accept, ({ message }) => {
        log.error(message);
      });
    }
    // Behind the ports: who cannot have those begins no file anew that another proxy is writing to.
    for (const addon of [...this.closing, this.kept]) await this.host.add(addon);
    await this.host.run(clock, this.ports.signal);
    this.connections.open();
  }

  private ownAddresses(): Address[] {
    return this.listeners.map(({ listener: { address, port } }) => [address, port]);
  }

  private openTls(): Promise<ProxyTls> {
    this.openingTls ??= this.loadTls();
    return this.openingTls;
  }

  private async loadTls(): Promise<ProxyTls> {
    const { openProxyTls } = await import('./tls-interception.js');
    return (this.tls = await openProxyTls(this.context));
  }

  /** Made anew when the options have changed. */
  private hostLists(): HostLists {
    const { values } = this.store;
    if (this.lists?.of !== values) this.lists = { of: values, lists: new HostLists(values) };
    return this.lists.lists;
  }

  private async close(): Promise<void> {
    this.over.abort();
    await closeListeners(this.listeners);
    await Promise.all([this.connections.settled(), ...this.replays]);
    await this.host.finish();
    this.certificateFile.remove();
  }

  private get first(): ProxyAddress {
    const [first] = this.addresses;
    if (first === undefined) throw new TypeError('the proxy does not listen yet');
    return first;
  }

  /** Whether somebody writes flows down when they end. */
  private get isRecording(): boolean {
    const { saveStreamFile } = this.store.values;
    return saveStreamFile !== undefined || this.hooks.all.some((addon) => addon instanceof Recorder);
  }
}
