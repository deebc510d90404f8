import type { Clock } from '../../net/clock.js';
import type { OptionTable } from '../../options/define.js';
import { ownOptions } from '../addons/own-options.js';
import type { Addon, AddonContext } from '../hooks/addon.js';

const table = {
  keepserving: {
    type: 'boolean',
    negatable: true,
    help: 'Go on when all flows were read, and all that was to be replayed is.',
  },
} as const satisfies OptionTable;

/** Options that give the program work which comes to an end, by key. */
const works = ['rfile', 'clientReplay', 'serverReplay'];

/** Commands that tell how much of it is left. */
const questions = ['readfile.reading', 'replay.client.count', 'replay.server.busy'];

/** Milliseconds between two looks at what is left. */
const pause = 20;

/** An addon that ends the program when its work is done, unless the option `keepserving` says to go on. */
export class KeepServing implements Addon {
  readonly name = 'keepserving';
  readonly options = table;
  private readonly over = new AbortController();

  /** @param end called once, when there is nothing left to do */
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

  private async watch({ commands }: AddonContext): Promise<void> {
    const { signal } = this.over;
    const isBusy = (): boolean => questions.some((name) => commands.all.has(name) && Number(commands.call(name)) > 0);
    // What runs when the proxy does may not have begun yet.
    await new Promise((resolve) => setImmediate(resolve));
    while (!signal.aborted && isBusy()) await this.clock.wait(pause, signal);
    if (!signal.aborted) this.end();
  }
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
}
