/** The sequences of a Zstandard block: how literals and earlier bytes follow one another (RFC 8878, section 3.1.1.3.2). */
import { BackwardBits } from './zstd-bits.js';
import { constantTable, FseState, readTable, tableOf } from './zstd-fse.js';
import type { FseTable } from './zstd-fse.js';

/** Copy so many literals, then so many bytes from so far back. */
export type Sequence = readonly [literals: number, match: number, offset: number];

/** What a block takes over from the blocks before it. */
export interface SequenceMemory {
  /** Of literal lengths, offsets and match lengths. */
  tables: (FseTable | undefined)[];
  /** The last three offsets. */
  offsets: [number, number, number];
}

interface Code {
  readonly maximumLog: number;
  readonly standard: FseTable;
}

const literalBits = [
  ...new Array<number>(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const matchBits = [
  ...new Array<number>(32).fill(0),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
];
const literalBases = basesOf(literalBits, 0);
const matchBases = basesOf(matchBits, 3);

const codes: readonly [Code, Code, Code] = [
  {
    maximumLog: 9,
    standard: tableOf(
      // Predefined distributions: RFC 8878, section 3.1.1.3.2.2.
      [
        ...[4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1],
        ...[-1, -1, -1, -1],
      ],
      6,
    ),
  },
  {
    maximumLog: 8,
    standard: tableOf([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
  },
  {
    maximumLog: 9,
    standard: tableOf(
      [
        ...[1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1],
      ],
      6,
    ),
  },
];

/** Each value begins where the range of the one before it ends. */
function basesOf(bits: readonly number[], first: number): readonly number[] {
  let base = first;
  return bits.map((count) => {
    const here = base;
    base += 2 ** count;
    return here;
  });
}

/** Reads the sequences that fill the rest of a block. */
export function readSequences(block: Buffer, start: number, memory: SequenceMemory): Sequence[] {
  const first = block[start] ?? 0;
  if (first === 0) return [];
  let at = start + 1;
  let count = first;
  if (first === 255) {
    count = block.readUInt16LE(at) + 0x7f00;
    at += 2;
  } else if (first >= 128) {
    count = ((first - 128) << 8) + (block[at++] ?? 0);
  }
  const modes = block[at++] ?? 0;
  const tables = codes.map((code, i) => {
    const [table, end] = readMode((modes >> (6 - 2 * i)) & 3, code, block, at, memory.tables[i]);
    at = end;
    return (memory.tables[i] = table);
  });
  return playSequences(block.subarray(at), count, tables, memory);
}

function readMode(
  mode: number,
  { maximumLog, standard }: Code,
  block: Buffer,
  at: number,
  last: FseTable | undefined,
): [table: FseTable, end: number] {
  if (mode === 0) return [standard, at];
  if (mode === 1) return [constantTable(block[at] ?? 0), at + 1];
  if (mode === 2) return readTable(block, at, maximumLog);
  if (last === undefined) throw new Error('a table is repeated that was not given');
  return [last, at];
}

function playSequences(
  bytes: Buffer,
  count: number,
  [literalTable, offsetTable, matchTable]: readonly FseTable[],
  memory: SequenceMemory,
): Sequence[] {
  if (!literalTable || !offsetTable || !matchTable) throw new Error('a table is missing');
  const input = new BackwardBits(bytes);
  const literals = new FseState(literalTable, input);
  const offsets = new FseState(offsetTable, input);
  const matches = new FseState(matchTable, input);
  const sequences: Sequence[] = [];
  for (let left = count; left > 0; left--) {
    const code = offsets.symbol;
    if (code > 30) throw new Error('an offset is too large');
    const raw = 2 ** code + input.read(code);
    const match = (matchBases[matches.symbol] ?? 0) + input.read(matchBits[matches.symbol] ?? 0);
    const length = (literalBases[literals.symbol] ?? 0) + input.read(literalBits[literals.symbol] ?? 0);
    sequences.push([length, match, offsetOf(raw, length, memory)]);
    if (left === 1) break;
    literals.advance(input);
    matches.advance(input);
    offsets.advance(input);
  }
  if (input.left !== 0) throw new Error('the sequences do not end where they should');
  return sequences;
}

/** Values up to 3 mean one of the last three offsets (RFC 8878, section 3.1.1.5). */
function offsetOf(raw: number, literals: number, memory: SequenceMemory): number {
  const [first, second, third] = memory.offsets;
  if (raw > 3) {
    memory.offsets = [raw - 3, first, second];
    return raw - 3;
  }
  const which = raw + (literals === 0 ? 1 : 0);
  if (which === 1) return first;
  const offset = which === 2 ? second : which === 3 ? third : first - 1;
  memory.offsets = which === 2 ? [offset, first, third] : [offset, first, second];
  return offset;
}
