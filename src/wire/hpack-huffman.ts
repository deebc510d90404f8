/**
 * The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B).
 *
 * The code is canonical: codes rise with their length and, at equal length, with their symbol. So the
 * lengths are all that is kept here, and codes and the decoding automaton follow from them.
 */
import { ProtocolError } from '../errors.js';

/** Bits of the code of each byte, and of the end-of-string symbol (256). */
// prettier-ignore
const codeLengths = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
);

const endOfString = 256;

/** The code of each symbol, in the low bits. */
const codes = canonicalCodes();

function canonicalCodes(): Uint32Array {
  const symbols = Array.from(codeLengths.keys());
  const lengthOf = (symbol: number): number => codeLengths[symbol] ?? 0;
  symbols.sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const made = new Uint32Array(symbols.length);
  let [code, length] = [0, 0];
  for (const symbol of symbols) {
    code *= 2 ** (lengthOf(symbol) - length);
    length = lengthOf(symbol);
    made[symbol] = code++;
  }
  return made;
}

/** Bytes that the Huffman code of these bytes has. */
export function huffmanLength(bytes: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < bytes.length; i++) bits += codeLengths[bytes[i] ?? 0] ?? 0;
  return Math.ceil(bits / 8);
}

/** Bytes in the Huffman code, padded with ones as RFC 7541, section 5.2, asks. */
export function encodeHuffman(bytes: Uint8Array): Buffer {
  const coded = Buffer.allocUnsafe(huffmanLength(bytes));
  let [at, pending, held] = [0, 0, 0];
  const put = (bits: number, length: number): void => {
    // At most 7 bits are held and 16 added, which an integer of 32 bits has room for.
    pending = (pending << length) | bits;
    held += length;
    while (held >= 8) {
      held -= 8;
      coded[at++] = (pending >>> held) & 0xff;
    }
    pending &= (1 << held) - 1;
  };
  for (let i = 0; i < bytes.length; i++) {
    const symbol = bytes[i] ?? 0;
    const [code, length] = [codes[symbol] ?? 0, codeLengths[symbol] ?? 0];
    if (length > 16) put(code >>> 16, length - 16);
    put(code & 0xffff, Math.min(length, 16));
  }
  if (held > 0) put(0xff >>> held, 8 - held);
  return coded;
}

/*
 * The decoder is an automaton whose states are the inner nodes of the code's tree. It takes a byte at a
 * time; as a code has at least 5 bits, a byte completes at most two symbols. An entry:
 *
 *     bit 27: the end-of-string symbol was met     bits 18-25: next state
 *     bits 16-17: how many symbols                 bits 8-15: second symbol   bits 0-7: first symbol
 */
const failed = 1 << 27;
const states = 256;
let automaton: Int32Array | undefined;
/** States in which a string may end: fewer than 8 bits behind the last symbol, all of them ones. */
const final = new Uint8Array(states);

/** The tree: two children a node; a leaf is -1 - symbol. */
function tree(): Int16Array {
  const nodes = new Int16Array(2 * states);
  let used = 1;
  codeLengths.forEach((length, symbol) => {
    const code = codes[symbol] ?? 0;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const child = 2 * node + ((code >>> bit) & 1);
      if (nodes[child] === 0) nodes[child] = used++;
      node = nodes[child] ?? 0;
    }
    nodes[2 * node + (code & 1)] = -1 - symbol;
  });
  return nodes;
}

function buildAutomaton(): Int32Array {
  const nodes = tree();
  const table = new Int32Array(states * 256);
  for (let entry = 0; entry < table.length; entry++) table[entry] = walk(nodes, entry >>> 8, entry & 0xff);
  for (let node = 0, depth = 0; depth < 8; depth++) {
    final[node] = 1;
    node = nodes[2 * node + 1] ?? 0;
  }
  return table;
}

function walk(nodes: Int16Array, state: number, byte: number): number {
  let [node, symbols, count] = [state, 0, 0];
  for (let bit = 7; bit >= 0; bit--) {
    node = nodes[2 * node + ((byte >>> bit) & 1)] ?? 0;
    if (node >= 0) continue;
    const symbol = -1 - node;
    if (symbol === endOfString) return failed;
    symbols |= symbol << (8 * count++);
    node = 0;
  }
  return (node << 18) | (count << 16) | symbols;
}

let scratch = Buffer.allocUnsafe(4096);

/**
 * Text, a character a byte, out of its Huffman code, which stands in `bytes` from `from` to `to`.
 * @throws {ProtocolError} for the end-of-string symbol, or padding that is too long or not all ones
 */
export function decodeHuffman(bytes: Buffer, from = 0, to = bytes.length): string {
  const table = (automaton ??= buildAutomaton());
  // The shortest code has 5 bits. One more byte, for two symbols are always written.
  const room = Math.floor(((to - from) * 8) / 5) + 2;
  const into = room <= scratch.length ? scratch : Buffer.allocUnsafe(room);
  if (room <= 65536) scratch = into;
  let [state, at] = [0, 0];
  for (let i = from; i < to; i++) {
    const entry = table[(state << 8) | (bytes[i] ?? 0)] ?? failed;
    if (entry & failed) throw new ProtocolError('an HPACK string holds the end-of-string symbol');
    into[at] = entry & 0xff;
    into[at + 1] = (entry >>> 8) & 0xff;
    at += (entry >>> 16) & 3;
    state = (entry >>> 18) & 0xff;
  }
  if (final[state] !== 1) {
    throw new ProtocolError('an HPACK string ends in padding that is not fewer than 8 one bits');
  }
  return into.toString('latin1', 0, at);
}
