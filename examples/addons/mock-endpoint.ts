// Answers one endpoint itself, and passes on the rest. Run: mitmdump -s examples/addons/mock-endpoint.ts
import { Response } from 'pathod/proxy';
import type { HttpFlow } from 'pathod/proxy';

export function request(flow: HttpFlow): void {
  const [first, second, id] = flow.request.pathComponents;
  if (first !== 'api' || second !== 'users' || id === undefined) return;
  // The server is not asked when there is a response.
  flow.response =
    flow.request.method === 'GET' ? Response.json({ id, name: 'Ada' }) : Response.json({ error: 'read only' }, 405);
}
