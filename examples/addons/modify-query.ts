// Takes tracking parameters out of queries, and adds one. Run: mitmdump -s examples/addons/modify-query.ts
import type { HttpFlow } from 'pathod/proxy';

const tracking = /^(utm_\w+|fbclid|gclid)$/;

export function request({ request }: HttpFlow): void {
  const { query } = request;
  for (const [name] of query) if (tracking.test(name)) query.delete(name);
  if (query.has('page')) query.set('per_page', '5');
}
