// Asks again when a server answers a GET with 5xx. Run: mitmdump -s examples/addons/retry.ts --set retries=3
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export const options = {
  retries: { type: 'integer', default: 2, minimum: 0, help: 'How often a request is sent again at most.' },
} as const;

const hasFailed = ({ response }: HttpFlow): boolean => response === undefined || response.statusCode >= 500;

export async function response(flow: HttpFlow, ctx: AddonContext<typeof options>): Promise<void> {
  // What is sent again comes through here as well.
  if (flow.isReplay !== undefined || flow.request.method !== 'GET') return;
  for (let left = ctx.options.retries; left > 0 && hasFailed(flow); left--) {
    const again = flow.copy();
    await ctx.flows.replay(again);
    flow.response = again.response ?? flow.response;
  }
}
