import type { FieldCoding, IndexingMode } from '../../wire/hpack-encoder.js';
import type { HuffmanMode } from '../../wire/hpack-writer.js';
import { declareClause } from '../clause.js';
import type { Clause } from '../clause.js';
import { boundedNumber } from '../named-number.js';
import { scanWord } from '../scan.js';
import type { Part } from '../scan.js';
import { value } from '../values.js';
import type { Value } from '../values.js';

/** How one field is written, as words behind it, in canonical order. */
interface Coding {
  readonly indexing?: Exclude<IndexingMode, 'auto' | 'static'>;
  readonly huffman?: HuffmanMode;
  readonly literal?: true;
  readonly overlong?: number;
}

/** The words, and what each of them says. */
const codingWords: Readonly<Record<string, Coding>> = {
  never: { indexing: 'never' },
  without: { indexing: 'without' },
  incremental: { indexing: 'incremental' },
  huffman: { huffman: 'on' },
  plain: { huffman: 'off' },
  literal: { literal: true },
};

/** A field of a header block, and how HPACK writes it (RFC 7541, section 6). */
export class HpackField implements Clause {
  readonly name = 'header';

  constructor(
    /** The name, or the index that names it whether any table has it or not. */
    readonly field: readonly [name: Value | number, value: Value],
    private readonly written: Coding,
  ) {}

  get spec(): string {
    const [name, content] = this.field;
    const lead = typeof name === 'number' ? String(name) : name.spec;
    const { overlong } = this.written;
    const words = Object.entries(codingWords).flatMap(([word, says]) => (isSaid(says, this.written) ? [word] : []));
    if (overlong !== undefined) words.push(`overlong${String(overlong)}`);
    return [`h${lead}=${content.spec}`, ...words].join(',');
  }

  get values(): readonly Value[] {
    const [name, content] = this.field;
    return typeof name === 'number' ? [content] : [name, content];
  }

  withValues(values: readonly Value[]): Clause {
    const content = values.at(-1);
    const name = typeof this.field[0] === 'number' ? this.field[0] : values[0];
    return content && name !== undefined ? new HpackField([name, content], this.written) : this;
  }

  /** For the encoder. Without a word of its own, no dynamic table is made or used. */
  get coding(): FieldCoding {
    const { indexing = 'static', huffman = 'auto', literal, overlong = 0 } = this.written;
    const [name] = this.field;
    const naming = typeof name === 'number' ? name : literal === true ? 'literal' : 'auto';
    // What is to be written in letters or by a certain index must not become an index as a whole.
    const isWhole = indexing === 'static' && naming === 'auto' && huffman === 'auto';
    return { indexing: isWhole || indexing !== 'static' ? indexing : 'without', huffman, name: naming, overlong };
  }
}

function isSaid(says: Coding, written: Coding): boolean {
  return Object.entries(says).every(([key, said]) => Object.entries(written).some(([k, v]) => k === key && v === said));
}

const index = boundedNumber({ label: 'INDEX', subject: 'an index', maximum: 0xffffffff });
const extra = boundedNumber({ label: 'N', subject: 'the bytes of an over-long integer', maximum: 255 });

const name: Part<Value | number> = {
  label: 'VALUE',
  expected: 'a name: quoted text, @SIZE, <FILE, or an index',
  starts: value.starts + index.starts,
  scan: (text, at) => value.scan(text, at) ?? index.scan(text, at),
};

const codings: Part<Coding> = {
  label: '[,CODING...]',
  expected: `one of ${Object.keys(codingWords).join(', ')}, overlongN`,
  starts: ',',
  words: [...Object.keys(codingWords), 'overlong1'],
  scan(text, at) {
    let coding: Coding = {};
    let end = at;
    for (let comma = scanWord(text, at, ',', false); comma; comma = scanWord(text, end, ',', false)) {
      const next = scanCoding(text, comma.end);
      if (!next) return undefined;
      coding = { ...coding, ...next.value };
      end = next.end;
    }
    return { value: coding, end };
  },
};

function scanCoding(text: string, at: number): { readonly value: Coding; readonly end: number } | undefined {
  for (const [word, says] of Object.entries(codingWords)) {
    const scanned = scanWord(text, at, word, false);
    if (scanned) return { value: says, end: scanned.end };
  }
  const overlong = scanWord(text, at, 'overlong', false);
  const count = overlong && extra.scan(text, overlong.end);
  return count && { value: { overlong: count.value }, end: count.end };
}

export const hpackField = declareClause({
  name: 'header',
  syntax: ['h', name, '=', value, codings],
  help: 'Add a field to the header block. CODING: never, without, incremental (indexing), huffman, plain, literal (name), overlongN.',
  make: ([lead, content, coding]) => new HpackField([lead, content], coding),
});
