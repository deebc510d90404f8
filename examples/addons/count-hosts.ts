// Counts the requests of each host; the command count.hosts tells. Run: mitmdump -s examples/addons/count-hosts.ts
import { defineCommand } from 'pathod/proxy';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export default class CountHosts {
  private readonly counts = new Map<string, number>();

  readonly commands = {
    'count.hosts': defineCommand([], 'How many requests each host got.', () => Object.fromEntries(this.counts)),
  };

  request({ request }: HttpFlow): void {
    this.counts.set(request.prettyHost, (this.counts.get(request.prettyHost) ?? 0) + 1);
  }

  done(_: undefined, ctx: AddonContext): void {
    for (const [host, count] of this.counts) ctx.log.info(`${host}: ${String(count)}`);
  }
}
