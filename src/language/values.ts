/** The four kinds of value: quoted literal, naked word, generated data, content of a file. */
import { RenderError, SpecError } from '../errors.js';
import { datatypeNames, isDatatype } from './datatypes.js';
import type { Datatype } from './datatypes.js';
import { decodeEscapes, encodeEscapes } from './escapes.js';
import type { Files } from './files.js';
import { generatedData } from './generated-data.js';
import { readSegment } from './plan.js';
import type { Segment } from './plan.js';
import type { Random } from './random.js';
import {
  firstOf,
  nakedCharacters,
  oneOf,
  quotes,
  scanDigits,
  scanNaked,
  scanQuoted,
  scanWord,
  skipSpace,
} from './scan.js';
import type { Part, Scanned } from './scan.js';

/** Something that stands for bytes in a spec. */
export interface Value {
  /** Canonical text. */
  readonly spec: string;
  /** The bytes, when neither chance nor a file has a say in them. */
  readonly bytes: Buffer | undefined;
  /** Whether it is read from a file. */
  readonly isFile: boolean;
  /** Number of bytes. @throws {FileAccessDenied} */
  length(files: Files): number;
  /** The bytes as `random` draws them. @throws {FileAccessDenied} */
  segment(random: Random, files: Files): Segment;
  /** The same value with nothing left to chance; files stay files. */
  freeze(random: Random): Value;
}

/** A literal, `'...'` or `"..."`, and what a naked word becomes when it must be quoted. */
export class Literal implements Value {
  readonly isFile = false;

  constructor(readonly bytes: Buffer) {}

  /** A literal of ISO 8859-1 text. */
  static of(text: string): Literal {
    return new Literal(Buffer.from(text, 'latin1'));
  }

  get spec(): string {
    return `'${encodeEscapes(this.bytes)}'`;
  }

  length(): number {
    return this.bytes.length;
  }

  segment(): Segment {
    return this.bytes;
  }

  freeze(): Value {
    return this;
  }
}

/** A naked word. It prints without quotes where that reads back as the same word. */
export class Naked extends Literal {
  override get spec(): string {
    const text = encodeEscapes(this.bytes);
    return isNaked(text) && !this.bytes.includes(0x27) ? text : super.spec;
  }

  /** Its text without quotes at any price: what cannot stand naked is escaped, and the first character if asked for. */
  nakedSpec(escapeFirst: boolean): string {
    return Array.from(this.bytes, (byte, i) => {
      const text = encodeEscapes([byte]);
      return isNaked(text) && !(i === 0 && (escapeFirst || (text === '<' && this.bytes.length > 1)))
        ? text
        : `\\x${byte.toString(16).padStart(2, '0')}`;
    }).join('');
  }
}

/** Whether escaped text reads back as one naked word. With more behind it, a leading `<` would read as a file. */
function isNaked(text: string): boolean {
  const isFile = text.startsWith('<') && text.length > 1;
  return text !== '' && !isFile && [...text].every((character) => nakedCharacters.includes(character));
}

/** Bytes that each unit of a size stands for. */
export const units = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;
/** A key of {@link units}. */
export type Unit = keyof typeof units;

/** Bytes that one generated value may have. */
const maximumGenerated = 2 ** 53;

/** Bytes that one generated value may have to be frozen; its text is up to four times as long. */
export const maximumFrozen = 16 * 1024 * 1024;

/** `@SIZE[UNIT][,DATATYPE]`: that many bytes of random data. */
export class Generated implements Value {
  readonly bytes = undefined;
  readonly isFile = false;

  constructor(
    readonly size: number,
    readonly unit: Unit = 'b',
    readonly datatype: Datatype = 'bytes',
  ) {}

  get spec(): string {
    const unit = this.unit === 'b' ? '' : this.unit;
    return `@${String(this.size)}${unit}${this.datatype === 'bytes' ? '' : `,${this.datatype}`}`;
  }

  length(): number {
    return this.size * units[this.unit];
  }

  segment(random: Random): Segment {
    return generatedData(this.length(), this.datatype, random);
  }

  /** @throws {RenderError} for more than {@link maximumFrozen} bytes */
  freeze(random: Random): Value {
    if (this.length() > maximumFrozen) {
      throw new RenderError(
        `${this.spec} is too long to be written out: at most ${String(maximumFrozen)} bytes are frozen`,
      );
    }
    return new Literal(readSegment(this.segment(random), 0, this.length()));
  }
}

/** `<PATH`: the content of a file. */
export class FileValue implements Value {
  readonly bytes = undefined;
  readonly isFile = true;

  constructor(readonly path: string) {}

  get spec(): string {
    // Only a naked name can hold these two characters, and between quotes they would read as a control character.
    if (/\\[ntrf]/.test(this.path)) return `<${this.path}`;
    const quote = this.path.includes("'") ? '"' : "'";
    return `<${quote}${this.path}${quote}`;
  }

  length(files: Files): number {
    return files.segment(this.path).length;
  }

  segment(_random: Random, files: Files): Segment {
    return files.segment(this.path);
  }

  freeze(): Value {
    return this;
  }
}

const datatypeWord = oneOf(datatypeNames, { label: 'DATATYPE' });

const generated: Part<Value> = {
  label: '@SIZE',
  expected: 'generated data such as @100k,ascii',
  starts: '@',
  scan(text, at) {
    const lead = scanWord(text, at, '@', false);
    const size = lead && scanDigits(text, lead.end);
    if (!size) return undefined;
    const letter = text.charAt(size.end);
    const unit: Unit = isUnit(letter) ? letter : 'b';
    const end = isUnit(letter) ? size.end + 1 : size.end;
    const comma = scanWord(text, end, ',', false);
    const name = comma && datatypeWord.scan(text, comma.end);
    const datatype = name && isDatatype(name.value) ? name.value : 'bytes';
    const value = new Generated(Number(size.value), unit, datatype);
    // Beyond 2^53 a number may have been rounded down to it.
    if (value.length() > maximumGenerated || BigInt(size.value) > maximumGenerated) {
      const offset = skipSpace(text, lead.end);
      throw new SpecError(
        'no more than 2^53 bytes can be generated',
        { spec: text, offset, expected: ['a size of at most 8192t'] },
        'ERR_SPEC_RANGE',
      );
    }
    return { value, end: name ? name.end : end };
  },
};

/** Whether a letter is a unit. */
export function isUnit(letter: string): letter is Unit {
  return Object.hasOwn(units, letter);
}

const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f' };

const file: Part<Value> = {
  label: '<PATH',
  expected: 'a file such as <name',
  starts: '<',
  scan(text, at) {
    const lead = scanWord(text, at, '<', false);
    if (!lead) return undefined;
    // Only four escapes are known in file names, so that a Windows path mostly means itself.
    const quoted = scanQuoted(text, lead.end, false);
    if (quoted) {
      const path = quoted.value.replace(/\\([ntrf])/g, (_, letter: string) => controls[letter] ?? letter);
      return { value: new FileValue(path), end: quoted.end };
    }
    const naked = scanNaked(text, lead.end);
    return naked && { value: new FileValue(naked.value), end: naked.end };
  },
};

/** A quoted text, its bytes decoded. */
export const literal: Part<Literal> = {
  label: "'TEXT'",
  expected: 'text in quotes',
  starts: quotes,
  scan(text, at) {
    const quoted = scanQuoted(text, at, true);
    if (!quoted) return undefined;
    const bytes = decodeEscapes(quoted.value, text, quoted.end - 1 - quoted.value.length);
    return { value: new Literal(bytes), end: quoted.end };
  },
};

/** A word without quotes, its escapes decoded. */
export const naked: Part<Naked> = {
  label: 'WORD',
  expected: 'a word without quotes',
  starts: nakedCharacters,
  scan(text, at) {
    const word = scanNaked(text, at);
    if (!word) return undefined;
    return { value: new Naked(decodeEscapes(word.value, text, word.end - word.value.length)), end: word.end };
  },
};

/** VALUE: generated data, a file, or quoted text. */
export const value: Part<Value> = alternatives('a value: quoted text, @SIZE or <FILE', [generated, file, literal]);

/** VALUE that may also be a naked word. */
export const nakedValue: Part<Value> = alternatives('a value: a word, quoted text, @SIZE or <FILE', [
  generated,
  file,
  literal,
  naked,
]);

function alternatives(expected: string, parts: readonly Part<Value>[]): Part<Value> {
  return {
    label: 'VALUE',
    expected,
    starts: parts.map((part) => part.starts).join(''),
    scan: (text, at): Scanned<Value> | undefined => firstOf(parts, text, at),
  };
}
