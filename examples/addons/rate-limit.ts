// Answers 429 to a client that asks too often. Run: mitmdump -s examples/addons/rate-limit.ts --set rate_limit=10
import { Response } from 'pathod/proxy';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

const options = {
  rateLimit: { type: 'integer', default: 60, minimum: 1, help: 'Requests that a client may make in a minute.' },
} as const;

export default class RateLimit {
  readonly options = options;
  private minute = 0;
  private readonly made = new Map<string, number>();

  request(flow: HttpFlow, ctx: AddonContext<typeof options>): void {
    const minute = Math.floor(ctx.now() / 60);
    if (minute !== this.minute) this.made.clear();
    this.minute = minute;
    const [client = ''] = flow.clientConn.peername ?? [];
    const count = (this.made.get(client) ?? 0) + 1;
    this.made.set(client, count);
    if (count <= ctx.options.rateLimit) return;
    const seconds = Math.ceil(60 * (minute + 1) - ctx.now());
    flow.response = Response.make(429, 'Too many requests.\n', { 'Retry-After': String(seconds) });
  }
}
