import { createReadStream } from 'node:fs';
import { FlowFileError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { OptionTable } from '../../options/define.js';
import { compileFilter } from '../filter/filter.js';
import type { FlowFilter } from '../filter/operator.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import { outputOptions, refuseOwnOutput } from '../refuse-own-output.js';
import { readFlows } from '../storage/flow-file.js';
import { ownOptions } from './own-options.js';

const table = {
  rfile: {
    type: 'string',
    short: 'r',
    valueName: 'PATH',
    help: 'Read flows from this file, as if they passed now; - is the standard input.',
  },
  readfileFilter: { type: 'string', valueName: 'FILTER', help: 'Read those alone that match.' },
} as const satisfies OptionTable;

/** Bytes that are read at once. */
const piece = 256 * 1024;

/** Reads flows when the proxy runs: the options `rfile` and `readfile_filter`. */
export class ReadFile implements Addon {
  readonly name = 'readfile';
  readonly options = table;
  readonly commands = {
    'readfile.reading': defineCommand([], 'Whether flows are being read.', () => this.isReading),
  };
  private matches: FlowFilter | undefined;
  private isReading = false;
  private reading: Promise<void> = Promise.resolve();
  private failed = false;
  private readonly over = new AbortController();

  /** @param standardInput gives the bytes that `-` stands for */
  constructor(private readonly standardInput: () => AsyncIterable<Buffer> = () => process.stdin) {}

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    const { rfile, readfileFilter: filter } = ownOptions(table, context);
    if (updated.has('readfileFilter')) {
      this.matches = filter === undefined || filter === '' ? undefined : compileFilter(filter);
    }
    // It is asked before those who write: nothing was opened yet.
    if (rfile !== undefined && rfile !== '' && ['rfile', ...outputOptions].some((key) => updated.has(key))) {
      await refuseOwnOutput([rfile], context, false);
    }
  }

  running(_: undefined, context: AddonContext): void {
    const { rfile } = ownOptions(table, context);
    if (rfile === undefined || rfile === '') return;
    this.isReading = true;
    this.reading = this.read(rfile, context).finally(() => {
      this.isReading = false;
    });
  }

  /** Settles when all was read. Gives whether there was nothing wrong with it. Never rejects. */
  async finished(): Promise<boolean> {
    await this.reading;
    return !this.failed;
  }

  done(): void {
    this.over.abort('over');
  }

  private async read(path: string, { flows, log }: AddonContext): Promise<void> {
    const { signal } = this.over;
    try {
      const bytes =
        path === '-' ? this.standardInput() : createReadStream(expandHome(path), { highWaterMark: piece, signal });
      for await (const flow of readFlows(bytes)) {
        if (signal.aborted) return;
        if (this.matches?.(flow) !== false) await flows.load(flow);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.failed = true;
      const reason = error instanceof FlowFileError ? error.message : systemReason(error).reason;
      log.error(`${path === '-' ? 'the standard input' : path} cannot be read: ${reason}`);
    }
  }
}
