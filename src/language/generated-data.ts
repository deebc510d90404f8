/** Random data of a datatype as a segment that can be read at any offset, in any order. */
import { datatypes } from './datatypes.js';
import type { Datatype } from './datatypes.js';
import type { Segment } from './plan.js';
import type { Random } from './random.js';

/** Up to this many bytes are made at once; more are made as they are read. */
const eagerLimit = 4096;

/** Characters mapped at a time. */
const batch = 32 * 1024;
const scratch = Buffer.alloc(2 * batch);

/**
 * `length` bytes drawn evenly and independently from a datatype.
 *
 * Character `i` comes from byte `i` of the random stream when the size of the alphabet divides
 * 256, else from the 16 bits at `2 i`: no character is then more than 1 in 655 off even odds.
 */
export function generatedData(length: number, datatype: Datatype, random: Random): Segment {
  const read = reader(datatype, random);
  if (length > eagerLimit) return { length, read };
  const bytes = Buffer.allocUnsafe(length);
  read(0, bytes);
  return bytes;
}

function reader(datatype: Datatype, random: Random): (at: number, into: Uint8Array) => void {
  if (datatype === 'bytes') return (at, into) => random.read(at, into);
  const map = mapFor(datatype);
  const width = map.length === 256 ? 1 : 2;
  return (at, into) => {
    for (let done = 0; done < into.length; done += batch) {
      const count = Math.min(batch, into.length - done);
      const stream = scratch.subarray(0, width * count);
      random.read(width * (at + done), stream);
      if (width === 1) mapBytes(map, stream, into, done);
      else mapPairs(map, stream, into, done);
    }
  };
}

function mapBytes(map: Uint8Array, stream: Uint8Array, into: Uint8Array, from: number): void {
  for (let i = 0; i < stream.length; i++) into[from + i] = map[stream[i] ?? 0] ?? 0;
}

function mapPairs(map: Uint8Array, stream: Uint8Array, into: Uint8Array, from: number): void {
  const count = stream.length / 2;
  for (let i = 0; i < count; i++) {
    into[from + i] = map[((stream[2 * i] ?? 0) << 8) | (stream[2 * i + 1] ?? 0)] ?? 0;
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
