// Takes secrets out of a recording. Run: mitmdump -n -r recorded.flows -s examples/addons/redact.ts -w clean.flows
import type { HttpFlow, Request, Response } from 'pathod/proxy';

const secretFields = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key'];
const secretParameters = ['token', 'password', 'api_key'];

function redact(message: Request | Response): void {
  for (const name of secretFields) if (message.headers.has(name)) message.headers.set(name, 'REDACTED');
}

// On live traffic this would be what the client gets, too: use it on files.
export function response({ request, response }: HttpFlow): void {
  redact(request);
  if (response !== undefined) redact(response);
  for (const parameters of [request.query, request.urlencodedForm])
    for (const name of secretParameters) if (parameters.has(name)) parameters.set(name, 'REDACTED');
}

export const error = response;
