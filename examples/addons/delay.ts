// Delays some responses. Run: mitmdump -s examples/addons/delay.ts --set delay_path=/slow --set delay_seconds=2.5
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export const options = {
  delayPath: { type: 'string', default: '/', help: 'Beginning of the paths whose responses are delayed.' },
  delaySeconds: { type: 'number', default: 1, minimum: 0, help: 'How long.' },
} as const;

export async function response({ request }: HttpFlow, ctx: AddonContext<typeof options>): Promise<void> {
  // Other flows go on meanwhile.
  if (request.path.startsWith(ctx.options.delayPath)) await ctx.wait(ctx.options.delaySeconds);
}
