import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { FlowFilter } from '../filter/operator.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { readRule, readRules } from '../rules/rule.js';
import { Substitution } from '../rules/substitution.js';
import type { Template } from '../rules/template.js';
import { ownOptions } from './own-options.js';

const table = {
  mapRemote: {
    type: 'list',
    short: 'M',
    valueName: '/FILTER/URL-REGEX/REPLACEMENT',
    help: 'Replace what matches URL-REGEX in the URLs of requests, and send them there. /FILTER may be left out.',
  },
} as const satisfies OptionTable;

interface RemoteRule {
  readonly matches: FlowFilter;
  readonly pattern: Substitution;
  readonly template: Template;
}

/** Sends requests elsewhere: the option `map_remote`. */
export class MapRemote implements Addon {
  readonly name = 'map_remote';
  readonly options = table;
  private rules: readonly RemoteRule[] = [];

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (updated.has('mapRemote'))
      this.rules = readRules('map_remote', ownOptions(table, context).mapRemote, readRemote);
  }

  isIdle(): boolean {
    return this.rules.length === 0;
  }

  request(flow: HttpFlow): void {
    if (flow.response !== undefined || flow.error !== undefined || !flow.live) return;
    const { request } = flow;
    for (const { matches, pattern, template } of this.rules) {
      if (!matches(flow)) continue;
      const url = request.prettyUrl;
      const changed = pattern.apply(url, template);
      if (changed === url) continue;
      request.url = changed;
    }
  }
}

/** @throws {TypeError} and PatternError and FilterError for what is not valid */
function readRemote(text: string): RemoteRule {
  const { matches, subject, replacement } = readRule(text);
  const pattern = new Substitution(subject, { over: 'text' });
  return { matches, pattern, template: pattern.template(replacement, true) };
}
