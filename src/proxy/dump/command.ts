/** The program mitmdump, from arguments to exit status. */
import { FilterError, isOwnError, OptionError } from '../../errors.js';
import { defaultConfigurationDirectory } from '../../net/authority.js';
import type { Clock } from '../../net/clock.js';
import { formatAddress } from '../../net/format-address.js';
import { onAbort } from '../../net/on-abort.js';
import { usage } from '../../options/describe.js';
import type { Options, Program } from '../../options/define.js';
import { version } from '../../version.js';
import { builtInAddons, closingAddons } from '../addons/index.js';
import { ReadFile } from '../addons/read-file.js';
import type { Addon } from '../hooks/addon.js';
import type { LogLevel } from '../hooks/hook-data.js';
import type { ProxyMode } from '../mode.js';
import { Proxy } from '../proxy.js';
import type { ProxyAddress } from '../proxy-address.js';
import { readCommandLine, readSettings, refuseUnknown, settableIn } from './command-line.js';
import type { CommandLine } from './command-line.js';
import { readConfigFile } from './config-file.js';
import { Dumper } from './dumper.js';
import { KeepServing } from './keep-serving.js';
import { mitmdumpProgram } from './mitmdump-program.js';
import { commandsText, optionsText } from './options-text.js';
import { printable, TermLog } from './term-log.js';

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
  /** Tells the service manager a state such as `READY=1`. @returns what went wrong */
  readonly notify: (state: string) => Promise<string | undefined>;
}

/** Milliseconds that requests have to end. */
const patience = 5_000;

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
    this.own = [this.log, new Dumper(out), new ReadFile(ports.standardInput), new KeepServing(clock, finish)];
  }

  async run(argv: readonly string[]): Promise<number> {
    const { err } = this.ports;
    const all = [...builtInAddons(noAuthority), ...this.own, ...closingAddons()];
    const program = mitmdumpProgram(all);
    const line = readCommandLine(program, argv);
    if (line.standalone !== undefined) return this.print(this.standaloneText(line.standalone, program, all));
    for (const note of line.notes) err.write(`mitmdump: ${printable(note)}\n`);
    return this.serve(await optionsOf(settableIn(program), line), line);
  }

  private async serve({ values, settings }: GivenOptions, { filter }: CommandLine): Promise<number> {
    const { clock, signal, hurry, notify } = this.ports;
    // It is a choice among these.
    this.log.verbosity = (values['termlogVerbosity'] as LogLevel | undefined) ?? this.log.verbosity;
    if (filter.length > 0) this.say(`Only processing flows that match "${filter.join(' & ')}"`);
    const proxy = await Proxy.start(
      { addons: this.own, addonOptions: values, settings, keptFlows: 0 },
      {
        clock,
        defaultPort,
        log: (entry) => {
          this.hasFailed ||= entry.level === 'error';
          this.log.write(entry);
        },
      },
    );
    try {
      // What has failed so far was wanted from the beginning.
      if (this.hasFailed) return 1;
      for (const address of proxy.addresses) this.say(`${serverName(address, proxy)} listening at ${shown(address)}`);
      await this.tell('READY=1', notify);
      await aborted(AbortSignal.any([signal, this.done.signal]));
      await this.tell('STOPPING=1', notify);
      if (signal.aborted) await proxy.drain(patience, hurry);
    } finally {
      await proxy.stop();
    }
    return this.hasFailed ? 1 : 0;
  }

  private standaloneText(key: string, program: Program, addons: readonly Addon[]): string {
    if (key === 'version') return versionText();
    if (key === 'options') return optionsText(settableIn(program));
    if (key !== 'commands') return usage(program, this.ports.out.columns());
    return commandsText(new Map(addons.flatMap(({ commands = {} }) => Object.entries(commands))));
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
}

/** The options that a command line and the file of the configuration directory give; the command line goes before. */
async function optionsOf(options: Options, line: CommandLine): Promise<GivenOptions> {
  const set = readSettings(options, line.settings);
  const old = readSettings(options, line.oldSettings);
  const given = joined(options, [old.values, line.values]);
  const confdir = given['confdir'] ?? set.values['confdir'] ?? defaultConfigurationDirectory;
  // Its option takes text.
  const file = await readConfigFile(confdir as string, options);
  const values = { confdir, ...file.values, ...set.values, ...given };
  // Scripts may declare options.
  const scripts = (values as Readonly<Record<string, unknown>>)['scripts'];
  if (!Array.isArray(scripts) || scripts.length === 0) {
    refuseUnknown(options, file.unknown, file.path);
    refuseUnknown(options, set.unknown);
  }
  // An item on the command line stands in the place of those in the file.
  return { values, settings: [...withoutNames(file.unknown, set.unknown), ...set.unknown] };
}

/** The settings whose names stand in none of the others. */
function withoutNames(settings: readonly string[], others: readonly string[]): string[] {
  const nameOf = (setting: string): string => setting.replace(/=.*/s, '');
  const names = new Set(others.map(nameOf));
  return settings.filter((setting) => !names.has(nameOf(setting)));
}

/** Values by key, the later ones first; the items of lists in one list. */
function joined(options: Options, [first = {}, second = {}]: readonly CommandLine['values'][]): CommandLine['values'] {
  const lists = options.list.flatMap(({ key, option: { type } }) => {
    const [before, after] = [first[key], second[key]];
    return type === 'list' && Array.isArray(before) && Array.isArray(after)
      ? [[key, [...(before as unknown[]), ...(after as unknown[])]] as const]
      : [];
  });
  return { ...first, ...second, ...Object.fromEntries(lists) };
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => onAbort(signal, resolve));
}

/** For addons of which nothing but their options is looked at. */
function noAuthority(): Promise<never> {
  return Promise.reject(new TypeError('there is no authority'));
}
