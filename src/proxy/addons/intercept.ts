import type { OptionTable } from '../../options/define.js';
import { compileFilter } from '../filter/filter.js';
import type { FlowFilter } from '../filter/operator.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow } from '../flow/stream-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { ownOptions } from './own-options.js';

const table = {
  intercept: {
    type: 'string',
    valueName: 'FILTER',
    help: 'Hold requests, responses and messages of flows that match, until they are resumed or killed.',
  },
  interceptActive: {
    type: 'boolean',
    default: true,
    negatable: true,
    help: 'Whether the filter of intercept is applied just now.',
  },
} as const satisfies OptionTable;

/**
 * Holds flows: the options `intercept` and `intercept_active`. What is sent again is not held. It comes behind the
 * addons of users, so that the filter sees what these have made of a flow.
 */
export class Intercept implements Addon {
  readonly name = 'intercept';
  readonly options = table;
  private matches: FlowFilter | undefined;

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('intercept')) return;
    const filter = ownOptions(table, context).intercept;
    this.matches = filter === undefined || filter === '' ? undefined : compileFilter(filter);
  }

  isIdle(context: AddonContext): boolean {
    return this.matches === undefined || !ownOptions(table, context).interceptActive;
  }

  request(flow: HttpFlow): void {
    this.hold(flow);
  }

  response(flow: HttpFlow): void {
    this.hold(flow);
  }

  websocketMessage(flow: HttpFlow): void {
    this.hold(flow);
  }

  tcpMessage(flow: TcpFlow): void {
    this.hold(flow);
  }

  private hold(flow: Flow): void {
    // Nobody waits for what is read from a file.
    if (flow.live && flow.isReplay === undefined && this.matches?.(flow) === true) flow.intercept();
  }
}
