import { declareClause, PlainClause } from '../clause.js';
import { word } from '../scan.js';

/** `wf`: the message is a WebSocket frame. */
export class Frame extends PlainClause {
  readonly name = 'wf';
  readonly spec = 'wf';
}

export const frame = declareClause({
  name: 'wf',
  unique: 'wf',
  syntax: [word('wf', { caseless: true })],
  help: 'A WebSocket frame.',
  make: () => new Frame(),
});
