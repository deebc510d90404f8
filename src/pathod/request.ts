import type { RequestHead } from '../wire/http1-head.js';
import { parseTarget } from '../wire/request-target.js';
import { handshakeKey } from '../wire/websocket-handshake.js';

/** What is looked at in a request to answer it. */
export interface Request {
  readonly head: RequestHead;
  /** As sent, without scheme and host; one character a byte. */
  readonly path: string;
  readonly isConnect: boolean;
  /** The key of a WebSocket handshake, when the request is one. */
  readonly websocketKey: string | undefined;
}

/** Looks at a request head. */
export function requestOf(head: RequestHead): Request {
  const target = head.targetText;
  const isOrigin = target.startsWith('/');
  return {
    head,
    path: isOrigin ? target : parseTarget(head.target).path,
    isConnect: !isOrigin && head.method.toUpperCase() === 'CONNECT',
    websocketKey: head.mayHave('upgrade') ? handshakeKey(head.headers) : undefined,
  };
}
