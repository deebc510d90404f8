import type { HttpFlow } from '../flow/http-flow.js';
import { escapeControls, exportedRequest, exportedText } from './exported-request.js';
import { shellQuote } from './shell-quote.js';

/** A command line of HTTPie that sends a request again. @throws {ContentError} when its body was not kept, or is not text */
export function httpieCommand({ request }: HttpFlow): string {
  const sent = exportedRequest(request);
  const fields = Array.from(sent.headers, ([name, value]) => `${name}: ${value}`);
  const command = ['http', request.method, sent.prettyUrl, ...fields].map(shellQuote).join(' ');
  return sent.rawLength === 0 ? command : `${command} <<< ${shellQuote(escapeControls(exportedText(sent)))}`;
}
