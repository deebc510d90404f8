/** What of a message is left to chance. */
import { hasChance } from '../language/chance.js';
import { NestedFrame } from '../language/clauses/nested-frame.js';
import { NestedSequence } from '../language/clauses/nested-sequence.js';
import { NestedResponse } from '../language/clauses/nested-response.js';
import { Random } from '../language/index.js';
import type { Files, Message } from '../language/index.js';
import { Generated } from '../language/values.js';

/**
 * Whether chance has a say in what is sent: generated data, offsets, keys of handshakes and masks.
 * @param explained whether the message is frozen first, so that chance has its say in what is embedded too
 * @throws {FileAccessDenied} when a length is needed of a file that may not be read
 */
export function leftToChance(message: Message, files: Files, explained = false): boolean {
  if (hasChance(message) || drawsKey(message, files)) return true;
  if (!explained) return false;
  const frame = message.find(NestedFrame)?.frame;
  const embedded = [
    ...(frame ? [frame] : []),
    ...(message.find(NestedResponse)?.responses ?? []),
    ...(message.find(NestedSequence)?.sequence.runs.flatMap(({ messages }) => messages) ?? []),
  ];
  return embedded.some((one) => leftToChance(one, files, true));
}

/** Bytes of generated data in a message: what freezing it writes out. */
export function generatedLength(message: Message): number {
  const values = message.clauses.flatMap((clause) => clause.values);
  return values.reduce((sum, value) => sum + (value instanceof Generated ? value.length() : 0), 0);
}

/** Whether a key is drawn by default: then two seeds give two. A response has none of its own. */
function drawsKey(message: Message, files: Files): boolean {
  if (message.kind === 'response' || (message.kind === 'request' && !message.websocket)) return false;
  const [one, other] = [0, 1].map((seed) => message.resolve({ files, random: Random.fromSeed(seed) }).spec);
  return one !== other;
}
