import { frameFlags, hexadecimal } from '../../wire/http2-registry.js';
import type { FrameFlagName } from '../../wire/http2-registry.js';
import { declareClause, PlainClause } from '../clause.js';
import type { ClauseType } from '../clause.js';
import { boundedNumber } from '../named-number.js';
import { scanWord } from '../scan.js';
import type { Part } from '../scan.js';

/** A flag of an HTTP/2 frame, set or cleared. */
export class FrameFlag extends PlainClause {
  constructor(
    readonly name: FrameFlagName,
    readonly set: boolean,
  ) {
    super();
  }

  get spec(): string {
    return this.set ? this.name : `-${this.name}`;
  }
}

/** All flags at once: the byte of the header. */
export class FlagsByte extends PlainClause {
  readonly name = 'flags';

  constructor(readonly byte: number) {
    super();
  }

  get spec(): string {
    return `f${hexadecimal(this.byte)}`;
  }
}

// Object.keys forgets which keys there are.
const names = Object.keys(frameFlags) as FrameFlagName[];

/** `end_stream`, `-end_stream`, and the same behind an `f`. */
function flagPart(name: FrameFlagName): Part<boolean> {
  return {
    label: `[-]${name}`,
    expected: `${name} or -${name}`,
    starts: `-f${name.charAt(0)}${name.charAt(0).toUpperCase()}`,
    words: [name, `-${name}`, `f${name}`],
    scan(text, at) {
      const before = scanWord(text, at, '-', false);
      const letter = scanWord(text, before?.end ?? at, 'f', false);
      const minus = before ?? (letter && scanWord(text, letter.end, '-', false));
      const start = Math.max(minus?.end ?? at, letter?.end ?? at);
      const scanned = scanWord(text, start, name, true);
      return scanned && { value: minus === undefined, end: scanned.end };
    },
  };
}

function declareFlag(name: FrameFlagName): ClauseType {
  return declareClause({
    name,
    unique: name,
    syntax: [flagPart(name)],
    help: `Set or clear ${name.toUpperCase()} (${hexadecimal(frameFlags[name])}).`,
    make: ([set]) => new FrameFlag(name, set),
  });
}

/** The clauses of all flags that have names. */
export const frameFlagClauses: readonly ClauseType[] = names.map(declareFlag);

const expected = `a number or a flag: ${names.join(', ')}`;

export const flagsByte = declareClause({
  name: 'flags',
  unique: 'flags',
  syntax: ['f', boundedNumber({ label: 'INTEGER', subject: 'the byte of the flags', maximum: 0xff, expected })],
  help: 'The byte of the flags, in place of those that are set by default.',
  make: ([byte]) => new FlagsByte(byte),
});
