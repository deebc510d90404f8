import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import type { Message } from '../message/message.js';
import { readBodyRule } from '../rules/body-rule.js';
import type { BodyRule } from '../rules/body-rule.js';
import { readRules } from '../rules/rule.js';
import type { Template } from '../rules/template.js';
import { bodyIsChangeable } from './body-is-changeable.js';
import { ownOptions } from './own-options.js';

const table = {
  modifyBody: {
    type: 'list',
    short: 'B',
    valueName: '/FILTER/REGEX/[@]REPLACEMENT',
    help: 'Replace what matches REGEX in bodies; with @, by what stands in a file. /FILTER may be left out.',
  },
} as const satisfies OptionTable;

/** Replaces text in bodies: the option `modify_body`. */
export class ModifyBody implements Addon {
  readonly name = 'modify_body';
  readonly options = table;
  private rules: readonly BodyRule[] = [];

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('modifyBody')) return;
    this.rules = readRules('modify_body', ownOptions(table, context).modifyBody, readBodyRule);
  }

  isIdle(): boolean {
    return this.rules.length === 0;
  }

  request(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    if (flow.response !== undefined || flow.error !== undefined || !flow.live) return undefined;
    return this.change(flow, flow.request, context, 0);
  }

  response(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    const { response } = flow;
    if (response === undefined || flow.error !== undefined || !flow.live) return undefined;
    return this.change(flow, response, context, 0);
  }

  /** Applies the rules from a place on, each to what those before have made. */
  private change(flow: HttpFlow, message: Message, context: AddonContext, from: number): void | Promise<void> {
    for (const [i, rule] of this.rules.entries()) {
      if (i < from || !rule.matches(flow)) continue;
      if (!bodyIsChangeable('modify_body', message, context)) return undefined;
      const template = rule.template();
      if (template instanceof Promise) return this.changeLater(flow, message, context, i, template);
      apply(rule, template, message);
    }
    return undefined;
  }

  private async changeLater(
    flow: HttpFlow,
    message: Message,
    context: AddonContext,
    at: number,
    reading: Promise<Template>,
  ): Promise<void> {
    const template = await reading;
    const rule = this.rules[at];
    if (rule !== undefined) apply(rule, template, message);
    await this.change(flow, message, context, at + 1);
  }
}

function apply({ pattern }: BodyRule, template: Template, message: Message): void {
  const { content } = message;
  if (content === undefined) return;
  const before = content.toString('latin1');
  const after = pattern.apply(before, template);
  if (after !== before) message.content = Buffer.from(after, 'latin1');
  // A body that nothing was replaced in is not encoded anew.
  else if (!message.headers.has('transfer-encoding')) message.headers.set('content-length', String(message.rawLength));
}
