import { declareClause, PlainClause } from '../clause.js';
import type { ClauseType } from '../clause.js';
import { scanWord, word } from '../scan.js';
import type { Part } from '../scan.js';

/** The bits of a frame header that can be set and cleared by name (RFC 6455, section 5.2). */
export const flagNames = ['fin', 'rsv1', 'rsv2', 'rsv3', 'mask'] as const;

/** One of {@link flagNames}. */
export type FlagName = (typeof flagNames)[number];

const meanings: Readonly<Record<FlagName, string>> = {
  fin: 'FIN: the last frame of a message',
  rsv1: 'RSV1',
  rsv2: 'RSV2',
  rsv3: 'RSV3',
  mask: 'MASK: the payload is masked',
};

/** A bit of the frame header, set or cleared. */
export class Flag extends PlainClause {
  constructor(
    readonly name: FlagName,
    readonly set: boolean,
  ) {
    super();
  }

  get spec(): string {
    return this.set ? this.name : `-${this.name}`;
  }
}

function declareFlag(name: FlagName): ClauseType {
  const bare = word(name);
  const signed: Part<boolean> = {
    label: `[-]${name}`,
    expected: `${name} or -${name}`,
    starts: `-${bare.starts}`,
    words: [name, `-${name}`],
    scan(text, at) {
      const minus = scanWord(text, at, '-', false);
      const scanned = bare.scan(text, minus ? minus.end : at);
      return scanned && { value: !minus, end: scanned.end };
    },
  };
  return declareClause({
    name,
    unique: name,
    syntax: [signed],
    help: `Set or clear the bit ${meanings[name]}.`,
    make: ([set]) => new Flag(name, set),
  });
}

/** The clauses of all flags. */
export const flags: readonly ClauseType[] = flagNames.map(declareFlag);
