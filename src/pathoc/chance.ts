/** What of a message is left to chance. */
import { isAction } from '../language/clause.js';
import { Key, NoKey } from '../language/clauses/key.js';
import { NestedFrame } from '../language/clauses/nested-frame.js';
import { NestedResponse } from '../language/clauses/nested-response.js';
import { FrameMessage } from '../language/index.js';
import type { Message } from '../language/index.js';
import { Generated } from '../language/values.js';

/**
 * Whether chance has a say in what is sent: generated data, offsets, keys of handshakes and masks.
 * @param explained whether the message is frozen first, so that chance has its say in what is embedded too
 */
export function leftToChance(message: Message, explained = false): boolean {
  const drawn = message.clauses.some(
    (clause) =>
      clause.values.some((value) => value instanceof Generated) || (isAction(clause) && clause.offset === 'r'),
  );
  if (drawn || drawsKey(message)) return true;
  const embedded = message.find(NestedResponse)?.response ?? message.find(NestedFrame)?.frame;
  return explained && embedded !== undefined && leftToChance(embedded, true);
}

/** Bytes of generated data in a message: what freezing it writes out. */
export function generatedLength(message: Message): number {
  const values = message.clauses.flatMap((clause) => clause.values);
  return values.reduce((sum, value) => sum + (value instanceof Generated ? value.length() : 0), 0);
}

function drawsKey(message: Message): boolean {
  if (message.kind === 'request') return message.websocket;
  if (!(message instanceof FrameMessage)) return false;
  const keyed = message.find(Key) !== undefined || message.find(NoKey) !== undefined;
  const cleared = message.clauses.some((clause) => clause.spec === '-mask');
  return !keyed && !cleared && (message.client || message.flag('mask'));
}
