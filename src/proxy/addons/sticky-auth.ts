import type { OptionTable } from '../../options/define.js';
import { compileFilter } from '../filter/filter.js';
import type { FlowFilter } from '../filter/operator.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
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
    const filter = ownOptions(table, context).stickyauth;
    this.matches = filter === undefined || filter === '' ? undefined : compileFilter(filter);
    if (this.matches === undefined) this.byHost.clear();
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
