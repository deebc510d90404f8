// Sends requests through the proxy that X-Upstream names. Run: mitmdump -s examples/addons/upstream-by-header.ts
import { Response } from 'pathod/proxy';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export const options = {
  upstreams: { type: 'list', default: [], help: 'The proxies: NAME=HOST:PORT.' },
} as const;

export function requestheaders(flow: HttpFlow, ctx: AddonContext<typeof options>): void {
  const { headers } = flow.request;
  const name = headers.get('x-upstream');
  if (name === undefined) return;
  headers.delete('x-upstream');
  const upstream = ctx.options.upstreams.find((one) => one.startsWith(`${name}=`));
  const [host, port] = upstream?.slice(name.length + 1).split(':') ?? [];
  if (host === undefined) flow.response = Response.make(400, `There is no upstream ${name}.\n`);
  else flow.serverConn.via = ['http', [host, Number(port)]];
}
