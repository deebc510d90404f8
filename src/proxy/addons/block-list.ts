import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { FlowFilter } from '../filter/operator.js';
import { compileFilter } from '../filter/filter.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { partsOf, readRules } from '../rules/rule.js';
import { localResponse } from './local-response.js';
import { ownOptions } from './own-options.js';

const table = {
  blockList: {
    type: 'list',
    valueName: '/FILTER/STATUS',
    help: 'Answer requests that match with this status and nothing else; 444 closes the connection without a word.',
  },
} as const satisfies OptionTable;

/** The status that stands for no answer at all. */
const noAnswer = 444;

interface BlockRule {
  readonly matches: FlowFilter;
  readonly status: number;
}

/** Answers what is not to reach a server: the option `block_list`. */
export class BlockList implements Addon {
  readonly name = 'blocklist';
  readonly options = table;
  private rules: readonly BlockRule[] = [];

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (updated.has('blockList')) this.rules = readRules('block_list', ownOptions(table, context).blockList, readBlock);
  }

  isIdle(): boolean {
    return this.rules.length === 0;
  }

  request(flow: HttpFlow, context: AddonContext): void {
    if (flow.response !== undefined || flow.error !== undefined || !flow.live) return;
    const rule = this.rules.find(({ matches }) => matches(flow));
    if (rule === undefined) return;
    flow.metadata['blocklisted'] = true;
    if (rule.status === noAnswer) flow.kill(context.now());
    // With the length that mitmproxy gives, also where there is no body.
    else flow.response = localResponse(rule.status, Buffer.alloc(0), { 'content-length': '0' });
  }
}

/** @throws {TypeError} for what is not `/FILTER/STATUS` @throws {FilterError} when the filter is not valid */
function readBlock(text: string): BlockRule {
  const [filter = '', status, ...rest] = partsOf(text);
  if (status === undefined || rest.length > 0) throw new TypeError('it takes two parts: /FILTER/STATUS');
  if (!/^[1-5]\d\d$/.test(status)) throw new TypeError(`${JSON.stringify(status)} is no status code`);
  return { matches: compileFilter(filter), status: Number(status) };
}
