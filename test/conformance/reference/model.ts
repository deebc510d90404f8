/** What the reference makes of a spec: plain data. */
import { units } from './tables.js';

/** A value. `drawn` is one that resolving makes up: nothing but its length and characters are known. */
export type Value =
  | { readonly type: 'literal' | 'naked'; readonly bytes: Buffer }
  | { readonly type: 'generated'; readonly count: bigint; readonly unit: string; readonly datatype: string }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'drawn'; readonly what: 'key' | 'handshake' };

/** A number of any size; `r` and `a` until resolved, `below` for one that resolving draws. */
export type Offset = bigint | 'r' | 'a' | { readonly below: number };

export type Clause =
  | { readonly name: 'ws' | 'wf' | 'raw' | 'knone' }
  | { readonly name: 'statuscode'; readonly digits: string }
  | { readonly name: 'method' | 'path' | 'reason' | 'body' | 'rawbody' | 'key'; readonly value: Value }
  | { readonly name: 'contenttype' | 'location' | 'useragent'; readonly value: Value }
  | { readonly name: 'header'; readonly field: Value; readonly value: Value }
  | { readonly name: 'shortcut'; readonly letter: string }
  | { readonly name: 'opcode'; readonly word: string | bigint }
  | { readonly name: 'length' | 'times'; readonly number: bigint }
  | { readonly name: Flag; readonly set: boolean }
  | { readonly name: 'nestedresponse' | 'nestedframe'; readonly written: Buffer; readonly inner: Message }
  | { readonly name: 'pauseat'; readonly offset: Offset; readonly seconds: bigint | 'f' }
  | { readonly name: 'disconnectat'; readonly offset: Offset }
  | { readonly name: 'injectat'; readonly offset: Offset; readonly value: Value };

export const flags = ['fin', 'rsv1', 'rsv2', 'rsv3', 'mask'] as const;
export type Flag = (typeof flags)[number];

export interface Message {
  readonly kind: 'response' | 'request' | 'frame';
  /** Whether a client sends it. */
  readonly client: boolean;
  readonly clauses: readonly Clause[];
  /** Decisions that give this spec another meaning, or other canonical text, than was recorded. */
  readonly touchedBy: ReadonlySet<string>;
}

/** The variant of {@link Clause} that a name may belong to. */
export type ClauseOf<N, C = Clause> = C extends { readonly name: infer M } ? (N extends M ? C : never) : never;

/** The clause of a name, typed as such. */
export function find<N extends Clause['name']>(message: Message, name: N): ClauseOf<N> | undefined {
  // `name` is one string, so the clause found is of the variant that bears it.
  return message.clauses.find((clause) => clause.name === name) as ClauseOf<N> | undefined;
}

/** A quoted value of ISO 8859-1 text. */
export function literalOf(text: string): Value & { type: 'literal' } {
  return { type: 'literal', bytes: Buffer.from(text, 'latin1') };
}

/** Bytes of generated data. */
export function sizeOf(content: Value & { type: 'generated' }): number {
  return Number(content.count) * 1024 ** units.indexOf(content.unit);
}
