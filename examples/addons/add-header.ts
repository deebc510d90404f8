// Adds a header field to every response. Run: mitmdump -s examples/addons/add-header.ts
import type { HttpFlow } from 'pathod/proxy';

export function response({ response }: HttpFlow): void {
  response?.headers.set('X-Proxied-By', 'pathod');
}
