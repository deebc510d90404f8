import type { OptionTable } from '../../options/define.js';
import type { FlowFilter } from '../filter/operator.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { filterOption } from './filter-option.js';
import { headGoesFirst } from './head-goes-first.js';
import { ownOptions } from './own-options.js';

const table = {
  stickyauth: {
    type: 'string',
    valueName: 'FILTER',
    help: 'Give requests that match the Authorization that was last sent to their host.',
  },
} as const satisfies OptionTable;

/** Hosts that are remembered; the oldest is forgotten first. */
const mostHosts = 10_000;

/** Gives credentials that a client once sent to what it sends later: the option `stickyauth`. */
export class StickyAuth implements Addon {
  readonly name = 'stickyauth';
  readonly options = table;
  private matches: FlowFilter | undefined;
  private readonly byHost = new Map<string, string>();

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('stickyauth')) return;
    this.matches = filterOption('stickyauth', ownOptions(table, context).stickyauth);
    if (this.matches === undefined) this.byHost.clear();
  }

  isIdle(): boolean {
    return this.matches === undefined;
  }

  requestheaders(flow: HttpFlow, { options }: AddonContext): void {
    if (headGoesFirst(flow.request, options)) this.request(flow);
  }

  request(flow: HttpFlow): void {
    if (this.matches === undefined) return;
    const { host, headers } = flow.request;
    const given = headers.get('authorization');
    if (given !== undefined) this.remember(host, given);
    else {
      const known = this.byHost.get(host);
      if (known !== undefined && this.matches(flow)) headers.set('Authorization', known);
    }
  }

  private remember(host: string, value: string): void {
    this.byHost.delete(host);
    this.byHost.set(host, value);
    const [oldest] = this.byHost.keys();
    if (this.byHost.size > mostHosts && oldest !== undefined) this.byHost.delete(oldest);
  }
}
