import { systemClock } from '../../src/net/clock.js';
import { command } from '../../src/proxy/dump/command.js';

/** How a run of our mitmdump ended, and what it printed. */
export interface RanMitmdump {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** How it is run. */
export interface MitmdumpRun {
  /** Whether it ends by itself; otherwise it is ended as soon as it runs. Default: it does. */
  readonly ends?: boolean;
  /** What `-r -` reads. Default: nothing. */
  readonly standardInput?: Buffer;
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Is told the states of the service. */
  readonly notify?: (state: string) => Promise<string | undefined>;
  /** Is told what is printed, as it is. */
  readonly onOutput?: (text: string) => void;
  /** Is told what is printed to standard error. */
  readonly onError?: (text: string) => void;
}

/** Milliseconds after which a run is ended that was to end by itself. */
const patience = 50_000;

/** Runs our mitmdump in this process. */
export async function runMitmdump(argv: readonly string[], options: MitmdumpRun = {}): Promise<RanMitmdump> {
  const {
    ends = true,
    standardInput,
    columns = 80,
    notify = () => Promise.resolve(undefined),
    onOutput,
    onError,
  } = options;
  const printed = { out: [] as Buffer[], err: [] as Buffer[] };
  const target = (name: 'out' | 'err') => ({
    write: (text: string | Buffer) => {
      printed[name].push(Buffer.from(text));
      (name === 'out' ? onOutput : onError)?.(text.toString());
    },
    isTerminal: false,
    columns: () => columns,
  });
  const signal = options.signal ?? (ends ? AbortSignal.timeout(patience) : AbortSignal.abort());
  const status = await command(argv, {
    out: target('out'),
    err: target('err'),
    standardInput: async function* () {
      if (standardInput !== undefined) yield await Promise.resolve(standardInput);
    },
    clock: systemClock,
    signal,
    hurry: new AbortController().signal,
    notify,
  });
  return { status, out: Buffer.concat(printed.out).toString(), err: Buffer.concat(printed.err).toString() };
}
