import { HeaderFields } from '../wire/headers.js';
import { acceptKey, handshakeKey } from '../wire/websocket-handshake.js';
import type { ClientContext } from './context.js';
import type { HttpFlow } from './flow/http-flow.js';
import { WebSocketData } from './flow/websocket.js';
import type { ClientStream, ServerStream } from './http-stream.js';
import { relayTcp } from './tcp-relay.js';

/**
 * After a 101 response, of which {@link noteWebSocket} was told: passes on what client and server say to one another
 * from then on, until both have ended.
 */
export async function relayUpgraded(
  context: ClientContext,
  flow: HttpFlow,
  client: ClientStream,
  server: ServerStream,
): Promise<void> {
  // Whoever takes a connection over has to close it: both are taken, or none.
  if (client.takeOver === undefined || server.takeOver === undefined) {
    client.abort();
    return;
  }
  const fromClient = client.takeOver();
  const fromServer = server.takeOver();
  if (flow.websocket !== undefined) {
    const { relayWebSocket } = await import('./websocket-relay.js');
    await relayWebSocket(context, flow, fromClient, fromServer);
    return;
  }
  const { rawtcp } = context.proxy.store.values;
  await relayTcp(context, fromClient, { ...fromServer, connection: server.connection }, { kept: rawtcp });
}

/**
 * Before addons see a 101 response: notes on its flow that it opens a WebSocket, if it does, the client can speak on it
 * and these are read.
 */
export function noteWebSocket(context: ClientContext, flow: HttpFlow, client: ClientStream): void {
  const isRead = client.takeOver !== undefined && context.proxy.store.values.websocket;
  if (isRead && isWebSocket(flow)) flow.websocket = new WebSocketData();
}

/** After a 101 response that comes from here: a WebSocket is opened, on which addons may speak. */
export async function answerUpgraded(context: ClientContext, flow: HttpFlow, client: ClientStream): Promise<void> {
  const fromClient = isWebSocket(flow) ? client.takeOver?.() : undefined;
  if (fromClient === undefined) {
    client.abort();
    return;
  }
  const { answerWebSocket } = await import('./websocket-relay.js');
  await answerWebSocket(context, flow, fromClient);
}

/** Whether both sides have agreed on a WebSocket (RFC 6455, section 4.2.2). */
function isWebSocket({ request, response }: HttpFlow): boolean {
  const key = handshakeKey(new HeaderFields(request.headers.block));
  return key !== undefined && key !== '' && response?.headers.get('sec-websocket-accept') === acceptKey(key);
}
