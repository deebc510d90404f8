/** Finite state entropy, the tables of Zstandard (RFC 8878, section 4.1). */
import { ForwardBits } from './zstd-bits.js';
import type { BackwardBits } from './zstd-bits.js';

/** For each state: the symbol it stands for, and how the next state is found. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A table that gives one symbol without reading anything. */
export function constantTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** The table of a distribution: how many states each symbol has; -1 for less than one. */
export function tableOf(counts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = Uint16Array.from(counts, (count) => (count === -1 ? 1 : count));
  let high = size;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[--high] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  if (at !== 0) throw new Error('a distribution does not fill its table');
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] ?? 0;
    const count = next[symbol] ?? 0;
    next[symbol] = count + 1;
    bits[state] = log - (31 - Math.clz32(count));
    bases[state] = (count << (bits[state] ?? 0)) - size;
  }
  return { log, symbols, bits, bases };
}

/** Reads a distribution. Gives its table and the offset behind it. */
export function readTable(bytes: Buffer, at: number, maximumLog: number): [table: FseTable, end: number] {
  const input = new ForwardBits(bytes, at);
  const log = input.read(4) + 5;
  if (log > maximumLog) throw new Error('a table is too large');
  const counts: number[] = [];
  let remaining = (1 << log) + 1;
  while (remaining > 1) {
    const count = readCount(input, remaining);
    remaining -= Math.abs(count);
    counts.push(count);
    if (count !== 0) continue;
    let repeat;
    do {
      repeat = input.read(2);
      for (let i = 0; i < repeat; i++) counts.push(0);
    } while (repeat === 3);
  }
  if (remaining !== 1 || counts.length > 256) throw new Error('a distribution is not valid');
  return [tableOf(counts, log), input.byteOffset];
}

/** A count, written in one bit less where its value allows. */
function readCount(input: ForwardBits, remaining: number): number {
  const width = 32 - Math.clz32(remaining);
  const threshold = (1 << width) - 1 - remaining;
  const low = input.peek(width - 1);
  if (low < threshold) {
    input.skip(width - 1);
    return low - 1;
  }
  const value = input.read(width);
  return (value >= 1 << (width - 1) ? value - threshold : value) - 1;
}

/** A table on its way through a bit stream. */
export class FseState {
  private state: number;

  constructor(
    private readonly table: FseTable,
    input: BackwardBits,
  ) {
    this.state = input.read(table.log);
  }

  get symbol(): number {
    return this.table.symbols[this.state] ?? 0;
  }

  advance(input: BackwardBits): void {
    this.state = (this.table.bases[this.state] ?? 0) + input.read(this.table.bits[this.state] ?? 0);
  }
}
