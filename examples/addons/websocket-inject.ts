// Says things on WebSockets that nobody else said. Run: mitmdump -s examples/addons/websocket-inject.ts
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export function websocketStart(flow: HttpFlow, ctx: AddonContext): void {
  ctx.flows.inject(flow, true, 'This WebSocket goes through a proxy.');
}

export function websocketMessage(flow: HttpFlow, ctx: AddonContext): void {
  const message = flow.websocket?.messages.at(-1);
  if (!message?.fromClient || !message.isText || message.text !== '/time') return;
  // The server does not get the question; the answer comes from here.
  message.drop();
  ctx.flows.inject(flow, true, new Date(1000 * ctx.now()).toISOString());
}
