import type { HttpFlow } from '../flow/http-flow.js';
import { decodeUtf8 } from '../message/utf8.js';
import { exportedRequest } from './exported-request.js';

/** Fields that `fetch` makes itself, and lets nobody else make (Fetch, section 2.2.2). */
const forbidden = new Set([
  'accept-encoding',
  'connection',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
]);

/** A call of JavaScript's `fetch` that sends a request again. @throws {ContentError} when its body was not kept */
export function fetchCall({ request }: HttpFlow): string {
  const sent = exportedRequest(request);
  const url = JSON.stringify(sent.prettyUrl);
  const fields = Array.from(sent.headers).filter(([name]) => !forbidden.has(name.toLowerCase()));
  const settings = [
    ...(request.method === 'GET' ? [] : [`method: ${JSON.stringify(request.method)}`]),
    ...(fields.length === 0 ? [] : [`headers: [\n${fields.map(pairText).join('')}  ]`]),
    ...(sent.rawLength === 0 ? [] : [`body: ${bodyText(sent.rawContent ?? Buffer.alloc(0))}`]),
  ];
  if (settings.length === 0) return `await fetch(${url});`;
  return `await fetch(${url}, {\n${settings.map((setting) => `  ${setting},\n`).join('')}});`;
}

function pairText(pair: readonly [name: string, value: string]): string {
  return `    [${pair.map((text) => JSON.stringify(text)).join(', ')}],\n`;
}

/** An expression for these bytes. */
function bodyText(bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  return text.isWellFormed()
    ? JSON.stringify(text)
    : `Uint8Array.from(atob(${JSON.stringify(bytes.toString('base64'))}), (c) => c.charCodeAt(0))`;
}
