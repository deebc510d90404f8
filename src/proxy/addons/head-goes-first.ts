/**
 * Bodies that pass as they arrive: the head of such a message is sent before `request` or `response` is called, so who
 * changes heads there comes too late. These tell it in `requestheaders` and `responseheaders`.
 */
import type { Message } from '../message/message.js';
import { Response } from '../message/response.js';
import type { ProxyValues } from '../options.js';

/** Whether it is certain that the body passes as it arrives: somebody said so, or its length does. */
export function headGoesFirst({ stream, headers }: Message, { streamLargeBodies }: ProxyValues): boolean {
  if (stream !== false) return true;
  return streamLargeBodies !== undefined && Number(headers.get('content-length')) > streamLargeBodies;
}

/** Whether it may turn out that the body passes as it arrives, since its length is not known. */
export function headMayGoFirst(message: Message, options: ProxyValues): boolean {
  if (headGoesFirst(message, options)) return true;
  if (options.streamLargeBodies === undefined) return false;
  const { headers } = message;
  return headers.has('transfer-encoding') || (message instanceof Response && !headers.has('content-length'));
}
