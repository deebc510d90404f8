// Leads the requests for one host to another server. Run: mitmdump -s examples/addons/redirect.ts
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export const options = {
  redirectFrom: { type: 'string', default: 'api.example.com', help: 'Host whose requests are led elsewhere.' },
  redirectTo: { type: 'string', default: 'http://localhost:3000', help: 'Where they go: scheme, host and port.' },
} as const;

export function requestheaders({ request }: HttpFlow, ctx: AddonContext<typeof options>): void {
  // The host as the client named it, whatever the connection leads to.
  if (request.prettyHost === ctx.options.redirectFrom) request.url = ctx.options.redirectTo + request.path;
}
