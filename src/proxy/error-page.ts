import { formatAddress } from '../net/format-address.js';
import { version } from '../version.js';
import { reasonPhrase } from './message/reason-phrase.js';
import type { Request } from './message/request.js';
import { Response } from './message/response.js';

/**
 * A page of ours for a client that cannot have what it asked for. The connection ends with it.
 * @param paragraphs plain text: what failed, and why
 */
export function errorPage(statusCode: number, paragraphs: readonly string[]): Response {
  const title = `${String(statusCode)} ${reasonPhrase(statusCode) ?? ''}`.trim();
  const text = paragraphs.map((paragraph) => `    <p>${escaped(paragraph)}</p>\n`).join('');
  const page = `<html>\n<head>\n    <title>${title}</title>\n</head>\n<body>\n    <h1>${title}</h1>\n${text}</body>\n</html>\n`;
  return Response.make(statusCode, page, [
    ['Server', `pathod ${version}`],
    ['Connection', 'close'],
    ['Content-Type', 'text/html; charset=utf-8'],
  ]);
}

/**
 * The page for a request that failed: one about the server says which it is.
 * @param hasHead whether there was a response, at least its head
 */
export function failurePage(statusCode: number, message: string, request: Request, hasHead: boolean): Response {
  if (statusCode !== 502) return errorPage(statusCode, [message]);
  const server = formatAddress(request.host, request.port);
  const what = hasHead ? `The response of ${server} cannot be passed on.` : `No response from ${server}.`;
  return errorPage(statusCode, [what, message]);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
