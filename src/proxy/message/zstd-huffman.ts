/** Huffman codes of literals in Zstandard (RFC 8878, section 4.2). */
import { BackwardBits } from './zstd-bits.js';
import { FseState, readTable } from './zstd-fse.js';

/** For every `log` bits: the symbol that begins there and how many bits it has. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

/** Reads the description of a code. Gives its table and the offset behind it. */
export function readHuffman(bytes: Buffer, at: number): [table: HuffmanTable, end: number] {
  const head = bytes[at] ?? 0;
  const start = at + 1;
  const weights: number[] = [];
  let end: number;
  if (head >= 128) {
    const count = head - 127;
    end = start + ((count + 1) >> 1);
    for (let i = 0; i < count; i++) {
      const byte = bytes[start + (i >> 1)] ?? 0;
      weights.push(i % 2 === 0 ? byte >> 4 : byte & 15);
    }
  } else {
    end = start + head;
    readWeights(bytes.subarray(0, end), start, weights);
  }
  if (end > bytes.length) throw new Error('the data ends too early');
  return [tableOfWeights(weights), end];
}

/** Weights that are compressed themselves, by two states in turn. */
function readWeights(bytes: Buffer, at: number, weights: number[]): void {
  const [table, start] = readTable(bytes, at, 6);
  const input = new BackwardBits(bytes.subarray(start));
  const states = [new FseState(table, input), new FseState(table, input)] as const;
  for (let turn = 0; weights.length < 255; turn ^= 1) {
    const state = states[turn === 0 ? 0 : 1];
    weights.push(state.symbol);
    state.advance(input);
    if (input.left < 0) {
      weights.push(states[turn === 0 ? 1 : 0].symbol);
      return;
    }
  }
  throw new Error('a Huffman code has too many symbols');
}

/** The last weight is not written: it fills the sum to a power of two. */
function tableOfWeights(weights: readonly number[]): HuffmanTable {
  const sum = weights.reduce((total, weight) => total + (weight === 0 ? 0 : 1 << (weight - 1)), 0);
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > 11 || (rest & (rest - 1)) !== 0) throw new Error('a Huffman code is not valid');
  const all = [...weights, 32 - Math.clz32(rest)];
  const symbols = new Uint8Array(1 << log);
  const bits = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (let symbol = 0; symbol < all.length; symbol++) {
      if (all[symbol] !== weight) continue;
      const end = at + (1 << (weight - 1));
      symbols.fill(symbol, at, end);
      bits.fill(log + 1 - weight, at, end);
      at = end;
    }
  }
  return { log, symbols, bits };
}

/** Decodes `count` symbols. */
export function decodeHuffman(table: HuffmanTable, bytes: Buffer, into: Buffer, from: number, count: number): void {
  const input = new BackwardBits(bytes);
  for (let i = from; i < from + count; i++) {
    const code = input.peek(table.log);
    into[i] = table.symbols[code] ?? 0;
    input.skip(table.bits[code] ?? 0);
  }
  if (input.left !== 0) throw new Error('a Huffman stream does not end where it should');
}
