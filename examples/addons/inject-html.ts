// Puts a banner and a script into every page. Run: mitmdump -s examples/addons/inject-html.ts
import type { HttpFlow } from 'pathod/proxy';

const banner = '<p style="background: gold">This page came through a proxy.</p>';
const script = '<script>console.log("seen by the proxy")</script>';

export function response({ response }: HttpFlow): void {
  if (!response?.headers.get('content-type')?.startsWith('text/html')) return;
  // What was compressed is read and written all the same.
  response.text = response.text?.replace(/<body[^>]*>/i, (tag) => tag + banner + script);
  // It would forbid the script.
  response.headers.delete('content-security-policy');
}
