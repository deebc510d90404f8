// Notes GraphQL operations in the comments of flows. Run: mitmdump -s examples/addons/graphql-operations.ts
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export function request(flow: HttpFlow, ctx: AddonContext): void {
  const { request } = flow;
  if (request.method !== 'POST' || request.pathComponents.at(-1) !== 'graphql') return;
  // A batch is a list of operations.
  const batch = [request.json()].flat() as { query?: string; operationName?: string | null }[];
  const operations = batch.map(({ query = '', operationName }) => {
    const [, type = 'query', name] = /^\s*(?:(\w+)\s*(\w+)?)?/.exec(query) ?? [];
    return `${type} ${operationName ?? name ?? '(anonymous)'}`;
  });
  // Comments are saved with flows, and the filter ~comment finds them.
  flow.comment = operations.join(', ');
  ctx.log.info(`GraphQL ${flow.comment}`);
}
