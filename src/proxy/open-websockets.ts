/** The WebSockets that are open, so that what is said on them can come from here as well. */
import type { CloseReason } from '../wire/websocket-close.js';
import type { HttpFlow } from './flow/http-flow.js';

/** What can be done on an open WebSocket. */
export interface WebSocketControl {
  /** Sends a message as if the other side had sent it. Hooks are called as for any message; it is flagged `injected`. */
  inject(toClient: boolean, content: Buffer, isText: boolean): void;
  /** Closes it as if the server had; breaks it off for a status that cannot be sent. */
  close(close: CloseReason): void;
}

/** Those that are open now, by their flows. */
export const openWebSockets = new WeakMap<HttpFlow, WebSocketControl>();

/** @throws {TypeError} when the flow has no open WebSocket */
export function openWebSocketOf(flow: HttpFlow): WebSocketControl {
  const control = openWebSockets.get(flow);
  if (control === undefined) throw new TypeError('no message can be sent: the flow has no open WebSocket');
  return control;
}
