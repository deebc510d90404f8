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
import { bodyIsChangeable } from './body-is-changeable.js';
import { headMayGoFirst } from './head-goes-first.js';
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
  /** The rules by which heads were changed that may be sent before their bodies are there. */
  private readonly early = new WeakMap<Message, ReadonlySet<BodyRule>>();

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('replacements')) return;
    this.rules = readRules('replacements', ownOptions(table, context).replacements, readBodyRule);
  }

  isIdle(): boolean {
    return this.rules.length === 0;
  }

  requestheaders(flow: HttpFlow, { options }: AddonContext): Promise<void> | undefined {
    const { request } = flow;
    if (!this.isFor(flow) || flow.response !== undefined || !headMayGoFirst(request, options)) return undefined;
    return this.changeEarly(flow, request);
  }

  request(flow: HttpFlow, context: AddonContext): Promise<void> | undefined {
    if (!this.isFor(flow) || flow.response !== undefined) return undefined;
    return this.change(flow, flow.request, context);
  }

  responseheaders(flow: HttpFlow, { options }: AddonContext): Promise<void> | undefined {
    const { response } = flow;
    if (!this.isFor(flow) || response === undefined || !headMayGoFirst(response, options)) return undefined;
    return this.changeEarly(flow, response);
  }

  response(flow: HttpFlow, context: AddonContext): Promise<void> | undefined {
    const { response } = flow;
    if (!this.isFor(flow) || response === undefined) return undefined;
    return this.change(flow, response, context);
  }

  private isFor({ error, live }: HttpFlow): boolean {
    return this.rules.length > 0 && error === undefined && live;
  }

  /** Changes what is sent before the body is there. */
  private async changeEarly(flow: HttpFlow, message: Request | Response): Promise<void> {
    const done = new Set<BodyRule>();
    this.early.set(message, done);
    for (const rule of this.rules) {
      if (!rule.matches(flow)) continue;
      changeHead(rule, await rule.template(), message);
      done.add(rule);
    }
  }

  private async change(flow: HttpFlow, message: Request | Response, context: AddonContext): Promise<void> {
    const done = this.early.get(message);
    let isChangeable: boolean | undefined;
    for (const rule of this.rules) {
      const isDone = done?.has(rule) === true;
      // A rule that was for the head is for the body: what its filter looked at may have been changed by it.
      if (!isDone && !rule.matches(flow)) continue;
      const template = await rule.template();
      if (!isDone) changeHead(rule, template, message);
      isChangeable ??= bodyIsChangeable('replacements', message, context);
      if (isChangeable) changeBody(rule, template, message);
    }
  }
}

function changeHead(rule: BodyRule, template: Template, message: Request | Response): void {
  if ('path' in message) message.path = replaced(message.path, rule, template);
  const fields = [...message.headers];
  const after = fields.map(([name, value]) => {
    // These tell where the body ends.
    if (/^(content-length|transfer-encoding)$/i.test(name)) return [name, value] as const;
    return [replaced(name, rule, template), replaced(value, rule, template)] as const;
  });
  if (JSON.stringify(after) !== JSON.stringify(fields)) message.headers = new Headers(after);
}

function changeBody({ pattern }: BodyRule, template: Template, message: Message): void {
  const { content } = message;
  if (content === undefined) return;
  const before = content.toString('latin1');
  const changed = pattern.apply(before, template);
  if (changed !== before) message.content = Buffer.from(changed, 'latin1');
}

/** Text with what matches in its bytes replaced. */
function replaced(text: string, { pattern }: BodyRule, template: Template): string {
  const before = encodeUtf8(text).toString('latin1');
  const after = pattern.apply(before, template);
  return after === before ? text : decodeUtf8(Buffer.from(after, 'latin1'));
}
