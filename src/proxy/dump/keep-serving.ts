import type { Clock } from '../../net/clock.js';
import type { OptionTable } from '../../options/define.js';
import { ownOptions } from '../addons/own-options.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';

const table = {
  keepserving: {
    type: 'boolean',
    negatable: true,
    help: 'Go on when all flows were read, and all that was to be replayed is.',
  },
} as const satisfies OptionTable;

/** Options that give the program work which comes to an end, by key. */
const works = ['rfile', 'clientReplay', 'serverReplay'];

/** Those among them that replay. Whoever reads a file sees that it was read. */
const replays = ['clientReplay', 'serverReplay'];

/** Commands that tell how much of it is left. */
const questions = ['readfile.reading', 'replay.client.count', 'replay.server.busy'];

/** Milliseconds between two looks at what is left. */
const pause = 20;

/** An addon that ends the program: when its work is done, unless the option `keepserving` says to go on; by a command. */
export class KeepServing implements Addon {
  readonly name = 'keepserving';
  readonly options = table;
  readonly commands = {
    shutdown: defineCommand([], 'End the program, in order.', () => {
      this.end();
    }),
  };
  private readonly over = new AbortController();

  /** @param end called when there is nothing left to do, and when somebody says so */
  constructor(
    private readonly clock: Clock,
    private readonly end: () => void,
  ) {}

  running(_: undefined, context: AddonContext): void {
    if (ownOptions(table, context).keepserving || !works.some((key) => isGiven(context.options[key]))) return;
    void this.watch(context);
  }

  done(): void {
    this.over.abort();
  }

  private async watch({ commands, log, options }: AddonContext): Promise<void> {
    const { signal } = this.over;
    const isBusy = (): boolean => questions.some((name) => commands.all.has(name) && Number(commands.call(name)) > 0);
    // What runs when the proxy does may not have begun yet.
    await new Promise((resolve) => setImmediate(resolve));
    while (!signal.aborted && isBusy()) await this.clock.wait(pause, signal);
    if (signal.aborted) return;
    if (replays.some((key) => isGiven(options[key]))) {
      log.info('all that was to be replayed was: ending (--keepserving goes on)');
    }
    this.end();
  }
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
}
