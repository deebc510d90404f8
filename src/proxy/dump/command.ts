/** The program mitmdump, from arguments to exit status. */
import { basename } from 'node:path';
import { AddonError, FilterError, isOwnError, OptionError } from '../../errors.js';
import { defaultConfigurationDirectory } from '../../net/authority.js';
import type { Clock } from '../../net/clock.js';
import { formatAddress } from '../../net/format-address.js';
import { usage } from '../../options/describe.js';
import type { Options } from '../../options/define.js';
import { snakeCase } from '../../options/set.js';
import { version } from '../../version.js';
import { builtInAddons, closingAddons } from '../addons/index.js';
import { ReadFile } from '../addons/read-file.js';
import type { Addon } from '../hooks/addon.js';
import type { LogEntry, LogLevel } from '../hooks/hook-data.js';
import type { ProxyMode } from '../mode.js';
import { Proxy } from '../proxy.js';
import type { ProxyAddress } from '../proxy-address.js';
import { withScriptPlaces } from '../scripts/script-places.js';
import { absenceOf, isOfInterface } from './absent-options.js';
import { readCommandLine, readSettings, refuseUnknown, settableIn } from './command-line.js';
import type { CommandLine, ReadSettings } from './command-line.js';
import { readConfigFiles } from './config-file.js';
import { declaredByScripts } from './declared-by-scripts.js';
import { Dumper } from './dumper.js';
import { KeepServing } from './keep-serving.js';
import { mitmdumpProgram } from './mitmdump-program.js';
import { commandsText, optionsText } from './options-text.js';
import { printable, TermLog } from './term-log.js';
import { VerboseLogger } from './verbose-logger.js';

/** Where text goes. */
export interface TextTarget {
  write(text: string | Buffer): unknown;
  /** Whether it shows colours. */
  readonly isTerminal: boolean;
  /** Characters in a line. */
  columns(): number;
}

/** What a command line is carried out with. */
export interface CommandPorts {
  readonly out: TextTarget;
  readonly err: TextTarget;
  /** What `-r -` reads. */
  readonly standardInput: () => AsyncIterable<Buffer>;
  readonly clock: Clock;
  /** Ends the program in order: what is under way has some time to end. */
  readonly signal: AbortSignal;
  /** Ends the waiting for that. */
  readonly hurry: AbortSignal;
  /**
   * Gives errors that nobody handles, of timers and promises of scripts, to a function until the one that is returned is
   * called. Without it, they are nobody's.
   */
  readonly strays?: (take: (error: unknown) => void) => () => void;
  /** Tells the service manager a state such as `READY=1`. @returns what went wrong */
  readonly notify: (state: string) => Promise<string | undefined>;
}

/** Milliseconds that requests have to end. */
const patience = 5_000;

/** Milliseconds that addons have to be loaded once the program is to end. */
const startPatience = 10_000;

/**
 * Does what a command line says; a proxy until the signal aborts, or the work is done.
 * @param argv the arguments alone, without node and the name of the script
 * @returns the exit status: 0, or 1 when the log had an error
 */
export async function command(argv: readonly string[], ports: CommandPorts): Promise<number> {
  try {
    return await new Mitmdump(ports).run(argv);
  } catch (error) {
    if (!isOwnError(error)) throw error;
    const marked =
      error instanceof FilterError ? error.marked() : error instanceof OptionError ? error.marked : undefined;
    for (const line of [`mitmdump: ${oneLine(error.message)}`, ...(marked?.split('\n') ?? [])]) {
      ports.err.write(`${printable(line)}\n`);
    }
    return 1;
  }
}

class Mitmdump {
  private readonly done = new AbortController();
  private readonly log: TermLog;
  private readonly own: readonly Addon[];
  private hasFailed = false;

  constructor(private readonly ports: CommandPorts) {
    const { out, err, clock } = ports;
    this.log = new TermLog(out, err);
    const finish = (): void => {
      this.done.abort('done');
    };
    // Those that print come first: what they print of a flow is what was made of it before.
    this.own = [
      ...[this.log, new VerboseLogger(out), new Dumper(out)],
      ...[new ReadFile(ports.standardInput), new KeepServing(clock, finish)],
    ];
  }

  async run(argv: readonly string[]): Promise<number> {
    const { err } = this.ports;
    const all = [...builtInAddons(noAuthority), ...this.own, ...closingAddons()];
    const program = mitmdumpProgram(all);
    const line = readCommandLine(program, argv);
    const { standalone } = line;
    if (standalone === 'version') return this.print(versionText());
    if (standalone === 'help') return this.print(usage(program, this.ports.out.columns()));
    for (const note of line.notes) err.write(`mitmdump: ${printable(note)}\n`);
    const given = await optionsOf(settableIn(program), line);
    for (const note of given.notes) err.write(`mitmdump: ${printable(note)}\n`);
    if (standalone === undefined) return this.serve(given, line);
    const declared = await this.unlessEnded(
      declaredByScripts(all, given, this.ports.clock, (entry) => {
        // What is asked for stands alone on standard output.
        if (entry.level === 'error' || entry.level === 'warn') err.write(`${printable(entry.message)}\n`);
      }),
    );
    if (declared === undefined) return 1;
    return this.print(
      standalone === 'options'
        ? optionsText(declared.options, { confdir: defaultConfigurationDirectory })
        : commandsText(declared.commands),
    );
  }

  private async serve(given: GivenOptions, { filter }: CommandLine): Promise<number> {
    const { values } = given;
    // It is a choice among these.
    this.log.verbosity = (values['termlogVerbosity'] as LogLevel | undefined) ?? this.log.verbosity;
    if (filter.length > 0) this.say(`Only processing flows that match "${filter.join(' & ')}"`);
    // Without scripts there is nobody to blame but us: then the process ends, with a trace.
    const forget = namesScripts(values) ? this.ports.strays?.((error) => this.logStray(error)) : undefined;
    try {
      await this.serveToTheEnd(given);
    } finally {
      forget?.();
    }
    return this.hasFailed ? 1 : 0;
  }

  private async serveToTheEnd(given: GivenOptions): Promise<void> {
    const { clock, signal, hurry, notify } = this.ports;
    const proxy = await this.start(given);
    if (proxy === undefined) return;
    try {
      // What has failed so far was wanted from the beginning. Nothing listens for those who have ended it meanwhile.
      if (this.hasFailed || signal.aborted) return;
      for (const address of proxy.addresses) this.say(`${serverName(address, proxy)} listening at ${shown(address)}`);
      await this.tell('READY=1', notify);
      // A timer, since without a server nothing else keeps the process alive.
      await clock.wait(Infinity, AbortSignal.any([signal, this.done.signal]));
      await this.tell('STOPPING=1', notify);
      await proxy.drain(patience, signal.aborted ? hurry : signal);
    } finally {
      await proxy.stop();
    }
  }

  /** Starts the proxy; undefined when it is not to be waited for. */
  private async start({ values, settings }: GivenOptions): Promise<Proxy | undefined> {
    const { clock, signal } = this.ports;
    const starting = Proxy.start(
      { addons: this.own, addonOptions: values, settings, keptFlows: 0 },
      { clock, signal, defaultPort, optionName: snakeCase, log: (entry) => this.note(entry) },
    ).catch((error: unknown) => {
      if (!signal.aborted || !(error instanceof AddonError) || error.hook !== 'running') throw error;
      this.note({ level: 'error', message: oneLine(error.message) });
      return undefined;
    });
    const proxy = await this.unlessEnded(starting);
    if (proxy === undefined) {
      starting.then(
        (late) => late?.stop(),
        () => undefined,
      );
    }
    return proxy;
  }

  /** What the loading of addons gives; undefined when the program is to end and that takes long still, or for ever. */
  private async unlessEnded<T>(loading: Promise<T>): Promise<T | undefined> {
    const { clock, signal, hurry } = this.ports;
    const settled = new AbortController();
    const isGivenUp = async (): Promise<undefined> => {
      // Timers, since an addon that waits for nothing does not keep the process alive.
      await clock.wait(Infinity, AbortSignal.any([signal, settled.signal]));
      await clock.wait(startPatience, AbortSignal.any([hurry, settled.signal]));
    };
    const loaded = await Promise.race([loading, isGivenUp()]).finally(() => {
      settled.abort('over');
    });
    if (loaded === undefined) {
      this.note({ level: 'error', message: 'the program ends before all addons were loaded' });
    }
    return loaded;
  }

  /** What a script left running has failed. The traffic goes on, as it does when a hook fails. */
  private logStray(stray: unknown): void {
    const { error, file } = withScriptPlaces(stray);
    const name = file === undefined ? 'of a script' : basename(file);
    const { message } = new AddonError(name, 'something that no hook waits for', error);
    this.note({ level: 'error', message: oneLine(message) });
  }

  private note(entry: Pick<LogEntry, 'level' | 'message'>): void {
    this.hasFailed ||= entry.level === 'error';
    this.log.write(entry);
  }

  private print(text: string): number {
    this.ports.out.write(text);
    return 0;
  }

  private say(message: string): void {
    this.log.write({ level: 'info', message });
  }

  private async tell(state: string, notify: CommandPorts['notify']): Promise<void> {
    const failure = await notify(state);
    if (failure !== undefined) this.log.write({ level: 'warn', message: failure });
  }
}

/** Options for the proxy, and settings of options that are not declared yet. */
interface GivenOptions {
  readonly values: Readonly<Record<string, unknown>>;
  readonly settings: readonly string[];
  /** Lines about options that do nothing here. */
  readonly notes: readonly string[];
}

/** The options that a command line and the files of the configuration directory give; the command line goes before. */
async function optionsOf(options: Options, line: CommandLine): Promise<GivenOptions> {
  const old = readSettings(options, line.oldSettings);
  const given = { ...old.values, ...line.values };
  const confdir =
    given['confdir'] ?? readSettings(options, line.settings).values['confdir'] ?? defaultConfigurationDirectory;
  // Its option takes text.
  const files = await readConfigFiles(confdir as string, options);
  const inFiles = Object.assign({}, ...files.map(({ values }) => values)) as ReadSettings['values'];
  const set = readSettings(options, line.settings, inFiles);
  const values = { confdir, ...inFiles, ...set.values, ...given };
  // Scripts may declare options.
  if (!namesScripts(values)) {
    for (const { unknown, path } of files) refuseUnknown(options, unknown, path);
    refuseUnknown(options, set.unknown);
  }
  // An item on the command line stands in the place of those in the files.
  const settings = files.reduce<readonly string[]>(
    (before, { unknown }) => [...withoutNames(before, unknown), ...unknown],
    [],
  );
  // The files are those of all programs, and have what is for the others.
  const absent = [...set.absent, ...files.flatMap((file) => file.absent.filter((name) => !isOfInterface(name)))];
  return {
    values,
    settings: [...withoutNames(settings, set.unknown), ...set.unknown],
    notes: absent.map((name) => `${name} does nothing here: ${absenceOf(name) ?? ''}`),
  };
}

function namesScripts({ scripts }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(scripts) && scripts.length > 0;
}

/** The settings whose names stand in none of the others. */
function withoutNames(settings: readonly string[], others: readonly string[]): string[] {
  const nameOf = (setting: string): string => setting.replace(/=.*/s, '');
  const names = new Set(others.map(nameOf));
  return settings.filter((setting) => !names.has(nameOf(setting)));
}

function defaultPort({ type }: ProxyMode): number {
  return type === 'socks5' ? 1080 : 8080;
}

function serverName({ mode }: ProxyAddress, { addresses }: Proxy): string {
  return addresses.length > 1 ? `Proxy server (${mode})` : 'Proxy server';
}

function shown({ host, port }: ProxyAddress): string {
  return host === '::' || host === '0.0.0.0' ? `*:${String(port)}` : formatAddress(host, port);
}

function versionText(): string {
  const { versions, platform, arch } = process;
  return `mitmdump ${version}\nNode:     ${versions.node}\nOpenSSL:  ${versions.openssl}\nPlatform: ${platform}-${arch}\n`;
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

/** For addons of which nothing but their options is looked at. */
function noAuthority(): Promise<never> {
  return Promise.reject(new TypeError('there is no authority'));
}
