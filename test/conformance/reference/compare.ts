/** Whether a message that was parsed is the one that the reference expects, chance aside. */
import type { ReferenceSettings } from './resolve.js';
import { resolveMessage } from './resolve.js';
import { sizeOf } from './model.js';
import type { Clause, Message, Offset, Value } from './model.js';
import { print } from './print.js';
import { datatypes, keyCharacters } from './tables.js';

/** How the two messages relate. */
export interface Relation {
  /** Naked and quoted values of the same bytes are equal. */
  readonly sameMeaning?: boolean;
  /** The actual message is the expected one frozen: generated values are literals, embedded messages resolved (Q27). */
  readonly frozen?: ReferenceSettings;
}

/**
 * Where `actual` is not `expected`, in words; undefined when it is.
 * @throws {Denial} when an embedded message cannot be resolved
 */
export function difference(expected: Message, actual: Message, relation: Relation = {}): string | undefined {
  const names = (message: Message): string => message.clauses.map(({ name }) => name).join(' ');
  if (expected.kind !== actual.kind) return `a ${actual.kind}, not a ${expected.kind}`;
  if (names(expected) !== names(actual)) return `clauses ${names(actual)}, not ${names(expected)}`;
  const at = expected.clauses.findIndex((clause, i) => !sameClause(clause, actual.clauses[i], relation));
  return at < 0 ? undefined : `clause ${String(at + 1)} of ${print(actual)} is not that of ${print(expected)}`;
}

function sameClause(expected: Clause, actual: Clause | undefined, relation: Relation): boolean {
  if (expected.name !== actual?.name) return false;
  return Object.entries(expected).every(([key, wanted]) => {
    const found: unknown = actual[key as keyof Clause];
    if (key === 'inner') return sameInner(wanted as Message, found as Message, relation);
    // An embedded message that is frozen is written anew.
    if (key === 'written') return relation.frozen !== undefined || (wanted as Buffer).equals(found as Buffer);
    if (key === 'offset') return sameOffset(wanted as Offset, found as Offset);
    return isValue(wanted) && isValue(found) ? sameValue(wanted, found, relation) : wanted === found;
  });
}

function isValue(part: unknown): part is Value {
  return typeof part === 'object' && part !== null && 'type' in part;
}

function sameInner(expected: Message, actual: Message, relation: Relation): boolean {
  if (!relation.frozen) return difference(expected, actual, relation) === undefined;
  return difference(resolveMessage(expected, relation.frozen), actual, relation) === undefined;
}

function sameOffset(expected: Offset, actual: Offset): boolean {
  if (typeof expected !== 'object') return expected === actual;
  return typeof actual === 'bigint' && actual < BigInt(expected.below);
}

function sameValue(expected: Value, actual: Value, relation: Relation): boolean {
  if (expected.type === 'drawn') return actual.type === 'literal' && isDrawn(expected.what, actual.bytes);
  if (expected.type === 'generated' && relation.frozen) {
    const from = datatypes.get(expected.datatype);
    return (
      actual.type === 'literal' &&
      actual.bytes.length === sizeOf(expected) &&
      actual.bytes.every((byte) => from?.has(byte))
    );
  }
  if ('bytes' in expected && 'bytes' in actual)
    return (relation.sameMeaning === true || expected.type === actual.type) && expected.bytes.equals(actual.bytes);
  return print(withValue(expected)) === print(withValue(actual));
}

/** A message that prints as a value does. */
function withValue(value: Value): Message {
  return { kind: 'response', client: false, clauses: [{ name: 'method', value }], touchedBy: new Set() };
}

function isDrawn(what: 'key' | 'handshake', bytes: Buffer): boolean {
  if (what === 'key') return bytes.length === 4 && bytes.every((byte) => keyCharacters.has(byte));
  const text = bytes.toString('latin1');
  return /^[A-Za-z0-9+/]{22}==$/.test(text) && Buffer.from(text, 'base64').toString('base64') === text;
}
