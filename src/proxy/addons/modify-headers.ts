import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { FlowFilter } from '../filter/operator.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import type { Headers } from '../message/headers.js';
import { decodeUtf8 } from '../message/utf8.js';
import { Replacement } from '../rules/replacement.js';
import { readRule, readRules } from '../rules/rule.js';
import { unescapeBytes } from '../rules/unescape.js';
import { ownOptions } from './own-options.js';

const table = {
  modifyHeaders: {
    type: 'list',
    short: 'H',
    valueName: '/FILTER/NAME/[@]VALUE',
    help: 'Give the header field NAME this value, or with @ that in a file; without a value, take it out. /FILTER may be left out.',
  },
} as const satisfies OptionTable;

interface HeaderRule {
  readonly matches: FlowFilter;
  readonly name: string;
  readonly value: Replacement;
}

/** Sets header fields and takes them out: the option `modify_headers`. */
export class ModifyHeaders implements Addon {
  readonly name = 'modify_headers';
  readonly options = table;
  private rules: readonly HeaderRule[] = [];

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('modifyHeaders')) return;
    this.rules = readRules('modify_headers', ownOptions(table, context).modifyHeaders, readHeaderRule);
  }

  request(flow: HttpFlow): void | Promise<void> {
    if (this.rules.length === 0 || flow.response !== undefined || flow.error !== undefined || !flow.live)
      return undefined;
    return this.change(flow, flow.request.headers);
  }

  response(flow: HttpFlow): void | Promise<void> {
    const { response } = flow;
    if (this.rules.length === 0 || response === undefined || flow.error !== undefined || !flow.live) return undefined;
    return this.change(flow, response.headers);
  }

  private change(flow: HttpFlow, headers: Headers): void | Promise<void> {
    // Which rules are meant is decided before any of them changes what filters look at.
    const rules = this.rules.filter(({ matches }) => matches(flow));
    if (rules.some(({ value }) => value.isFile)) return changeLater(headers, rules);
    write(headers, rules, ({ value }) => value.initial);
    return undefined;
  }
}

async function changeLater(headers: Headers, rules: readonly HeaderRule[]): Promise<void> {
  const values = new Map(await Promise.all(rules.map(async (rule) => [rule, await rule.value.read()] as const)));
  write(headers, rules, (rule) => values.get(rule) ?? rule.value.initial);
}

/** Several rules of one name give it several values. */
function write(headers: Headers, rules: readonly HeaderRule[], valueOf: (rule: HeaderRule) => Buffer): void {
  for (const { name } of rules) headers.delete(name);
  for (const rule of rules) {
    const value = valueOf(rule);
    if (value.length > 0) headers.add(rule.name, decodeUtf8(value));
  }
}

/** @throws {TypeError} and FilterError for what is not valid */
function readHeaderRule(text: string): HeaderRule {
  const { matches, subject, replacement } = readRule(text);
  return { matches, name: decodeUtf8(unescapeBytes(subject)), value: new Replacement(replacement) };
}
