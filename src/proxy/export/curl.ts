import type { HttpFlow } from '../flow/http-flow.js';
import { escapeControls, exportedRequest, exportedText } from './exported-request.js';
import { shellQuote } from './shell-quote.js';

/**
 * A command line of curl that sends a request again.
 * @param keepsAddress whether it is sent to the address that it was sent to, whatever the name is resolved to now
 * @throws {ContentError} when its body was not kept, or is not text
 */
export function curlCommand({ request, serverConn }: HttpFlow, keepsAddress: boolean): string {
  const sent = exportedRequest(request);
  const words = ['curl'];
  const address = serverConn.peername?.[0];
  if (keepsAddress && address !== undefined) {
    words.push('--resolve', `${request.prettyHost}:${String(request.port)}:[${address}]`);
  }
  for (const [name, value] of sent.headers) {
    if (name.toLowerCase() === 'accept-encoding') words.push('--compressed');
    else words.push('-H', `${name}: ${value}`);
  }
  if (request.method !== 'GET') words.push('-X', request.method);
  words.push(sent.prettyUrl);
  if (sent.rawLength > 0) words.push('-d', escapeControls(exportedText(sent)));
  return words.map(shellQuote).join(' ');
}
