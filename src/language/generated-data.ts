/** Random data of a datatype as a segment that can be read at any offset, in any order. */
import { datatypes } from './datatypes.js';
import type { Datatype } from './datatypes.js';
import type { Segment } from './plan.js';
import type { Random } from './random.js';

/** Up to this many bytes are made at once; more are made as they are read. */
const eagerLimit = 4096;
/** Up to this many bytes are mixed, more come from the cipher. */
const shortLimit = 256;

/** Characters mapped at a time. */
const batch = 32 * 1024;

/** Random bytes to be mapped and the characters made of them, each also as 32-bit words. */
const stream = Buffer.alloc(2 * batch);
const streamWords = new Uint32Array(stream.buffer, stream.byteOffset, (2 * batch) / 4);
const mapped = new Uint8Array(batch);
const mappedWords = new Uint32Array(mapped.buffer);
const isBigEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

/**
 * `length` bytes drawn evenly and independently from a datatype.
 *
 * Character `i` comes from byte `i` of the random stream when the size of the alphabet divides
 * 256, else from the 16 bits at `2 i`, low byte first: no character is then more than 1 in 655 off even odds.
 */
export function generatedData(length: number, datatype: Datatype, random: Random): Segment {
  const source: Draw = length > shortLimit ? (at, into) => random.read(at, into) : (_, into) => random.short(into);
  const read = reader(datatype, source);
  if (length > eagerLimit) return { length, read };
  const bytes = Buffer.allocUnsafe(length);
  read(0, bytes);
  return bytes;
}

/** Fills with the bytes from an offset. */
type Draw = (at: number, into: Uint8Array) => void;

function reader(datatype: Datatype, source: Draw): Draw {
  if (datatype === 'bytes') return source;
  const map = mapFor(datatype);
  const width = map.length === 256 ? 1 : 2;
  return (at, into) => {
    for (let done = 0; done < into.length; done += batch) {
      const count = Math.min(batch, into.length - done);
      source(width * (at + done), stream.subarray(0, width * count));
      if (isBigEndian) mapSlowly(map, width, count);
      else if (width === 2) mapPairs(map, Math.ceil(count / 4));
      else mapBytes(map, Math.ceil(count / 4));
      into.set(mapped.subarray(0, count), done);
    }
  };
}

// Four characters a step between arrays of this module: three times as fast as one a step into `into`.
function mapPairs(map: Uint8Array, words: number): void {
  for (let i = 0; i < words; i++) {
    const low = streamWords[2 * i] ?? 0;
    const high = streamWords[2 * i + 1] ?? 0;
    mappedWords[i] =
      (map[low & 0xffff] ?? 0) |
      ((map[low >>> 16] ?? 0) << 8) |
      ((map[high & 0xffff] ?? 0) << 16) |
      ((map[high >>> 16] ?? 0) << 24);
  }
}

function mapBytes(map: Uint8Array, words: number): void {
  for (let i = 0; i < words; i++) {
    const word = streamWords[i] ?? 0;
    mappedWords[i] =
      (map[word & 0xff] ?? 0) |
      ((map[(word >>> 8) & 0xff] ?? 0) << 8) |
      ((map[(word >>> 16) & 0xff] ?? 0) << 16) |
      ((map[word >>> 24] ?? 0) << 24);
  }
}

function mapSlowly(map: Uint8Array, width: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const low = stream[width * i] ?? 0;
    mapped[i] = map[width === 1 ? low : low | ((stream[width * i + 1] ?? 0) << 8)] ?? 0;
  }
}

const maps = new Map<Datatype, Uint8Array>();

/** Random byte, or pair of bytes, to character. */
function mapFor(datatype: Datatype): Uint8Array {
  let map = maps.get(datatype);
  if (!map) {
    const alphabet = Buffer.from(datatypes[datatype], 'latin1');
    const size = 256 % alphabet.length === 0 ? 256 : 65536;
    map = Uint8Array.from({ length: size }, (_, i) => alphabet[Math.floor((i * alphabet.length) / size)] ?? 0);
    maps.set(datatype, map);
  }
  return map;
}
