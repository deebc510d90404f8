import { declareClause, PlainClause } from '../clause.js';
import { word } from '../scan.js';

/** `ws`: the message is, by default, its side of a WebSocket handshake. */
export class Websocket extends PlainClause {
  readonly name = 'ws';
  readonly spec = 'ws';
}

const lead = word('ws', { caseless: true });

export const websocketResponse = declareClause({
  name: 'ws',
  unique: 'ws',
  syntax: [lead],
  help: 'Accept a WebSocket handshake: code 101 and its header fields, all of which may be overridden.',
  make: () => new Websocket(),
});

export const websocketRequest = declareClause({
  name: 'ws',
  unique: 'ws',
  syntax: [lead],
  help: 'Ask for a WebSocket: GET and the handshake fields, all of which may be overridden.',
  make: () => new Websocket(),
});
