import { Request } from '../../../src/proxy/message/request.js';
import { showContent } from '../../../src/proxy/views/show-content.js';

/** A body as a view shows it, as text. */
export interface ShownText {
  readonly description: string;
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/** Shows the body of a request. */
export function shown(view: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): ShownText {
  const rawContent = typeof body === 'string' ? Buffer.from(body) : body;
  const message = new Request({ method: 'GET', scheme: 'http', host: 'h', port: 80, headers, rawContent });
  const { description, lines, error } = showContent(view, message);
  const text = Array.from(lines, (line) => line.map(([, part]) => part).join(''));
  return { description, lines: text, failed: error !== undefined };
}
