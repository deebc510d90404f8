import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { Headers } from '../message/headers.js';
import type { Message } from '../message/message.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { decodeUtf8, encodeUtf8 } from '../message/utf8.js';
import { readBodyRule } from '../rules/body-rule.js';
import type { BodyRule } from '../rules/body-rule.js';
import { readRules } from '../rules/rule.js';
import type { Template } from '../rules/template.js';
import { ownOptions } from './own-options.js';

const table = {
  replacements: {
    type: 'list',
    hidden: true,
    valueName: '/FILTER/REGEX/[@]REPLACEMENT',
    help: 'Replace what matches REGEX in header fields, paths and bodies, as mitmproxy 1.0 did.',
  },
} as const satisfies OptionTable;

/** Replaces text everywhere in messages: the option `replacements`, which old command lines mean. */
export class Replace implements Addon {
  readonly name = 'replace';
  readonly options = table;
  private rules: readonly BodyRule[] = [];

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('replacements')) return;
    this.rules = readRules('replacements', ownOptions(table, context).replacements, readBodyRule);
  }

  request(flow: HttpFlow): Promise<void> | undefined {
    if (this.rules.length === 0 || flow.response !== undefined || flow.error !== undefined || !flow.live)
      return undefined;
    return this.change(flow, flow.request);
  }

  response(flow: HttpFlow): Promise<void> | undefined {
    const { response } = flow;
    if (this.rules.length === 0 || response === undefined || flow.error !== undefined || !flow.live) return undefined;
    return this.change(flow, response);
  }

  private async change(flow: HttpFlow, message: Request | Response): Promise<void> {
    for (const rule of this.rules) {
      if (!rule.matches(flow)) continue;
      const template = await rule.template();
      if ('path' in message) message.path = replaced(message.path, rule, template);
      apply(rule, template, message);
    }
  }
}

function apply(rule: BodyRule, template: Template, message: Message): void {
  const fields = [...message.headers];
  const after = fields.map(
    ([name, value]) => [replaced(name, rule, template), replaced(value, rule, template)] as const,
  );
  if (JSON.stringify(after) !== JSON.stringify(fields)) message.headers = new Headers(after);
  const content = message.getContent(false);
  if (content === undefined) return;
  const before = content.toString('latin1');
  const changed = rule.pattern.apply(before, template);
  if (changed !== before) message.content = Buffer.from(changed, 'latin1');
}

/** Text with what matches in its bytes replaced. */
function replaced(text: string, { pattern }: BodyRule, template: Template): string {
  const before = encodeUtf8(text).toString('latin1');
  const after = pattern.apply(before, template);
  return after === before ? text : decodeUtf8(Buffer.from(after, 'latin1'));
}
