import { isError } from '../../errors.js';
import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import { outputOptions, refuseOwnOutput } from '../refuse-own-output.js';
import { replayRefusal } from '../replay-refusal.js';
import { readHttpFlows } from '../replay/read-http-flows.js';
import { ownOptions } from './own-options.js';

const table = {
  clientReplay: {
    type: 'list',
    short: 'C',
    group: 'Replay',
    valueName: 'FILE',
    help: 'Send the requests in this file again.',
  },
  clientReplayConcurrency: {
    type: 'integer',
    default: 1,
    minimum: -1,
    group: 'Replay',
    help: 'How many of them may be under way at once; -1 for any number.',
  },
} as const satisfies OptionTable;

/** Sends requests again: the options `client_replay` and `client_replay_concurrency`. */
export class ClientPlayback implements Addon {
  readonly name = 'clientplayback';
  readonly options = table;
  readonly commands = {
    'replay.client': defineCommand(
      [{ name: 'flows', type: 'flows' }],
      'Send the requests of these flows again.',
      (context, flows) => {
        this.add(
          flows.filter((flow) => flow.type === 'http'),
          context,
        );
      },
    ),
    'replay.client.file': defineCommand(
      [{ name: 'path', type: 'text' }],
      'Send the requests in a file again.',
      async (context, path) => {
        await this.addFiles('replay.client.file', [path], context);
      },
    ),
    'replay.client.count': defineCommand([], 'How many requests are under way, or wait.', () => this.count),
    'replay.client.stop': defineCommand([], 'Send none of those that wait.', () => {
      this.waiting.length = 0;
    }),
  };
  private readonly waiting: HttpFlow[] = [];
  /** What is wrong with files whose good flows wait: told behind these. */
  private readonly damages: string[] = [];
  private underWay = 0;
  private isRunning = false;
  private settle: () => void = () => undefined;

  /** Requests that are under way or wait. */
  get count(): number {
    return this.waiting.length + this.underWay;
  }

  /** Settles when none is under way or waits. */
  async finished(): Promise<void> {
    while (this.count > 0) {
      await new Promise<void>((resolve) => {
        this.settle = resolve;
      });
    }
  }

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    const { clientReplay } = ownOptions(table, context);
    if (['clientReplay', ...outputOptions].some((key) => updated.has(key))) {
      await refuseOwnOutput(clientReplay, context, true);
    }
    if (updated.has('clientReplay')) await this.addFiles('client_replay', clientReplay, context);
  }

  running(_: undefined, context: AddonContext): void {
    this.isRunning = true;
    this.start(context);
  }

  done(): void {
    this.isRunning = false;
    this.waiting.length = 0;
  }

  private async addFiles(option: string, files: readonly string[], context: AddonContext): Promise<void> {
    const { flows, damages } = await readHttpFlows(option, files);
    this.damages.push(...damages);
    this.add(flows, context);
  }

  private add(flows: readonly HttpFlow[], context: AddonContext): void {
    for (const flow of flows) {
      const refusal = replayRefusal(flow);
      if (refusal === undefined) this.waiting.push(flow);
      else context.log.warn(refusal);
    }
    this.start(context);
  }

  /** Begins as many as may be under way; behind the last, tells what is wrong with files. */
  private start(context: AddonContext): void {
    if (!this.isRunning) return;
    const { clientReplayConcurrency: most } = ownOptions(table, context);
    while (this.waiting.length > 0 && (most === -1 || this.underWay < Math.max(1, most))) {
      const flow = this.waiting.shift();
      if (flow !== undefined) void this.send(flow, context);
    }
    if (this.count === 0) for (const damage of this.damages.splice(0)) context.log.error(damage);
  }

  private async send(flow: HttpFlow, context: AddonContext): Promise<void> {
    this.underWay++;
    try {
      await context.flows.replay(flow);
    } catch (error) {
      // Something became of it while it waited.
      context.log.warn(isError(error) ? error.message : String(error));
    } finally {
      this.underWay--;
      if (this.count === 0) this.settle();
      this.start(context);
    }
  }
}
