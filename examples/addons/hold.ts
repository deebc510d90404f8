// Holds requests that match a filter, so long or until hold.release. Run: mitmdump -s examples/addons/hold.ts --set hold='~m POST' --set hold_seconds=5
import { compileFilter, defineCommand } from 'pathod/proxy';
import type { AddonContext, Flow, HttpFlow } from 'pathod/proxy';

const options = {
  hold: { type: 'string', default: '', help: 'Filter expression of the requests to hold.' },
  holdSeconds: { type: 'number', default: 30, help: 'How long; 0 until the command hold.release, which code calls.' },
} as const;

export default class Hold {
  readonly options = options;
  private matches: (flow: Flow) => boolean = () => false;

  readonly commands = {
    'hold.list': defineCommand([], 'The flows that are held.', (ctx) => ctx.flows.held()),
    'hold.release': defineCommand([{ name: 'flows', type: 'flows' }], 'Let flows go on.', (_, flows) => {
      for (const flow of flows) flow.resume();
    }),
  };

  /** A filter that is not valid throws here, which refuses the option. */
  configure(_: ReadonlySet<string>, ctx: AddonContext<typeof options>): void {
    this.matches = ctx.options.hold === '' ? () => false : compileFilter(ctx.options.hold);
  }

  request(flow: HttpFlow, ctx: AddonContext<typeof options>): void {
    if (!this.matches(flow)) return;
    flow.intercept();
    const { holdSeconds } = ctx.options;
    ctx.log.info(`held: ${flow.request.method} ${flow.request.prettyUrl}`);
    // Nobody waits for this: the hook is over, and the flow is held behind it.
    if (holdSeconds > 0) void ctx.wait(holdSeconds).then(() => flow.resume());
  }
}
