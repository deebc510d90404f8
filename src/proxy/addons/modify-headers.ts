import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { FlowFilter } from '../filter/operator.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import type { Message } from '../message/message.js';
import { decodeUtf8 } from '../message/utf8.js';
import { Replacement } from '../rules/replacement.js';
import { readRule, readRules } from '../rules/rule.js';
import { unescapeBytes } from '../rules/unescape.js';
import { headMayGoFirst } from './head-goes-first.js';
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
  /** What was done already of messages whose heads may be sent before their bodies are there. */
  private readonly early = new WeakMap<Message, ReadonlySet<HeaderRule>>();

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('modifyHeaders')) return;
    this.rules = readRules('modify_headers', ownOptions(table, context).modifyHeaders, readHeaderRule);
  }

  isIdle(): boolean {
    return this.rules.length === 0;
  }

  requestheaders(flow: HttpFlow, { options }: AddonContext): void | Promise<void> {
    const { request } = flow;
    if (!this.isFor(flow) || flow.response !== undefined || !headMayGoFirst(request, options)) return undefined;
    return this.change(flow, request, 'early');
  }

  request(flow: HttpFlow): void | Promise<void> {
    if (!this.isFor(flow) || flow.response !== undefined) return undefined;
    return this.change(flow, flow.request);
  }

  responseheaders(flow: HttpFlow, { options }: AddonContext): void | Promise<void> {
    const { response } = flow;
    if (!this.isFor(flow) || response === undefined || !headMayGoFirst(response, options)) return undefined;
    return this.change(flow, response, 'early');
  }

  response(flow: HttpFlow): void | Promise<void> {
    const { response } = flow;
    if (!this.isFor(flow) || response === undefined) return undefined;
    return this.change(flow, response);
  }

  private isFor({ error, live }: HttpFlow): boolean {
    return this.rules.length > 0 && error === undefined && live;
  }

  private change(flow: HttpFlow, message: Message, when?: 'early'): void | Promise<void> {
    const done = this.early.get(message);
    // Which rules are meant is decided before any of them changes what filters look at.
    const rules = this.rules.filter((rule) => done?.has(rule) !== true && rule.matches(flow));
    if (when === 'early') this.early.set(message, new Set(rules));
    if (rules.some(({ value }) => value.isFile)) return changeLater(message, rules);
    write(message, rules, ({ value }) => value.initial);
    return undefined;
  }
}

async function changeLater(message: Message, rules: readonly HeaderRule[]): Promise<void> {
  const values = new Map(await Promise.all(rules.map(async (rule) => [rule, await rule.value.read()] as const)));
  write(message, rules, (rule) => values.get(rule) ?? rule.value.initial);
}

/** Several rules of one name give it several values. */
function write({ headers }: Message, rules: readonly HeaderRule[], valueOf: (rule: HeaderRule) => Buffer): void {
  for (const { name } of rules) headers.delete(name);
  for (const rule of rules) {
    const value = decodeUtf8(valueOf(rule));
    // A line end that an editor put behind the last line of a file would end the head.
    const line = rule.value.isFile ? value.replace(/\r?\n$/, '') : value;
    if (line !== '') headers.add(rule.name, line);
  }
}

/** @throws {TypeError} and FilterError for what is not valid */
function readHeaderRule(text: string): HeaderRule {
  const { matches, subject, replacement } = readRule(text);
  return { matches, name: decodeUtf8(unescapeBytes(subject)), value: new Replacement(replacement) };
}
