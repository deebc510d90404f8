import { writeFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { OptionTable } from '../../options/define.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import { privateMode, replaceFile } from '../replace-file.js';
import { harOf } from '../storage/har-export.js';
import { filterOption } from './filter-option.js';
import { ownOptions } from './own-options.js';

const table = {
  hardump: {
    type: 'string',
    default: '',
    valueName: 'PATH',
    help: 'Write the HTTP flows to an archive (HAR) at the end; - is the standard output, the ending .zhar compresses. Those alone that save_stream_filter matches.',
  },
} as const satisfies OptionTable;

/** Writes an HTTP archive: the option `hardump`. It comes behind all addons that change flows. */
export class SaveHar implements Addon {
  readonly name = 'savehar';
  readonly keepsFlows = true;
  readonly options = table;
  readonly commands = {
    'save.har': defineCommand(
      [
        { name: 'flows', type: 'flows' },
        { name: 'path', type: 'text' },
      ],
      'Write flows to an HTTP archive.',
      (_, flows, path) => this.write(flows, path),
    ),
  };
  private readonly flows = new Set<HttpFlow>();

  /** @param print writes to the standard output */
  constructor(private readonly print: (text: string) => void = (text) => void process.stdout.write(text)) {}

  isIdle(context: AddonContext): boolean {
    return ownOptions(table, context).hardump === '';
  }

  requestheaders(flow: HttpFlow, context: AddonContext): void {
    if (ownOptions(table, context).hardump !== '') this.flows.add(flow);
  }

  error(flow: HttpFlow, context: AddonContext): void {
    if (ownOptions(table, context).hardump !== '') this.flows.add(flow);
  }

  async done(_: undefined, context: AddonContext): Promise<void> {
    const path = ownOptions(table, context).hardump;
    if (path === '') return;
    try {
      const flows = this.matching(context);
      await this.write(flows, path);
      const what = flows.length === 1 ? '1 flow was' : `${String(flows.length)} flows were`;
      context.log.info(`${what} written to ${path}`);
    } catch (error) {
      context.log.error(`hardump cannot write ${path}: ${systemReason(error).reason}`);
    }
  }

  /** What is written is filtered by one option, whatever it is written as. */
  private matching({ options }: AddonContext): readonly HttpFlow[] {
    const text = options['saveStreamFilter'];
    const matches = typeof text === 'string' ? filterOption('save_stream_filter', text) : undefined;
    return matches === undefined ? [...this.flows] : [...this.flows].filter(matches);
  }

  private async write(flows: readonly Flow[], path: string): Promise<void> {
    const text = `${JSON.stringify(harOf(flows), undefined, 2)}\n`;
    if (path === '-') {
      this.print(text);
      return;
    }
    const content = path.endsWith('.zhar') ? deflateSync(text) : text;
    await replaceFile(expandHome(path), (unfinished) => writeFile(unfinished, content, { mode: privateMode }));
  }
}
