import { acceptKey } from '../../wire/websocket-handshake.js';
import type { HttpFlow } from '../flow/http-flow.js';
import { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import { encodeUtf8 } from '../message/utf8.js';
import { checkFlowParts } from './flow-parts.js';
import { flowTimes } from './flow-times.js';
import { httpFlow } from './http-flow.js';
import type { HttpFlowParts } from './http-flow.js';
import { requestOf } from './message-parts.js';
import { contentOf, isFromClient } from './sent.js';
import type { Sent } from './sent.js';

/** What a flow with a WebSocket is made with. */
export interface WebSocketFlowParts extends Omit<HttpFlowParts, 'request' | 'response' | 'websocket'> {
  /** Default: `http://example.com/chat`. */
  readonly url?: string | undefined;
  /** Text is a text message, a Buffer a binary one. Default: one of each. */
  readonly messages?: readonly Sent[] | undefined;
  /** How it was closed. Default: it is open. */
  readonly closed?: { readonly code?: number; readonly reason?: string; readonly byClient?: boolean } | undefined;
}

/** The key of the example in RFC 6455, section 1.3. */
const key = 'dGhlIHNhbXBsZSBub25jZQ==';

/**
 * An exchange that opened a WebSocket, and what was said on it.
 * @throws {TypeError} when the URL is not absolute, and for a part that there is not
 */
export function webSocketFlow(parts: WebSocketFlowParts = {}): HttpFlow {
  checkFlowParts('a flow with a WebSocket', parts, ['url', 'messages', 'closed']);
  const { url = 'http://example.com/chat', messages = usual, closed, ...rest } = parts;
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };
  return httpFlow({
    ...rest,
    request: requestOf({
      url: url.replace(/^ws/i, 'http'),
      headers: { ...upgrade, 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key },
    }),
    response: { statusCode: 101, headers: { ...upgrade, 'Sec-WebSocket-Accept': acceptKey(key) } },
    websocket: Object.assign(new WebSocketData(), {
      messages: messages.map(messageOf),
      ...(closed !== undefined && {
        closedByClient: closed.byClient ?? true,
        closeCode: closed.code ?? 1000,
        closeReason: closed.reason ?? '',
        timestampEnd: flowTimes.end,
      }),
    }),
  });
}

const usual: readonly Sent[] = [
  { fromClient: 'hello' },
  { fromServer: 'hello yourself' },
  { fromServer: Buffer.from([0, 1, 254, 255]) },
];

function messageOf(sent: Sent): WebSocketMessage {
  const content = contentOf(sent);
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
  return new WebSocketMessage(typeof content === 'string' ? 1 : 2, isFromClient(sent), bytes, flowTimes.message);
}
