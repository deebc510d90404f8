// Kills some requests at random, the same ones each time. Run: mitmdump -s examples/addons/kill-some.ts --set kill_seed=7
import { Random } from 'pathod/language';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

const options = {
  killPercent: { type: 'integer', default: 10, minimum: 0, maximum: 100, help: 'How many of a hundred.' },
  killSeed: { type: 'string', default: '1', help: 'Where chance begins.' },
} as const;

export default class KillSome {
  readonly options = options;
  private random = Random.fromSeed(options.killSeed.default);

  configure(updated: ReadonlySet<string>, ctx: AddonContext<typeof options>): void {
    if (updated.has('killSeed')) this.random = Random.fromSeed(ctx.options.killSeed);
  }

  request(flow: HttpFlow, ctx: AddonContext<typeof options>): void {
    if (this.random.integer(100) >= ctx.options.killPercent) return;
    ctx.log.info(`killed: ${flow.request.prettyUrl}`);
    flow.kill(ctx.now());
  }
}
