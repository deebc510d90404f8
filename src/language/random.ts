/**
 * The one source of chance: seedable, and seekable to any byte.
 *
 * A seed makes an AES-128 key; a {@link Random} is a nonce under that key. Block `n` of its
 * stream is AES(key, nonce || n). Measured on Node 20: counting by hand through one open ECB cipher
 * costs 0.6 us a draw where opening a CTR cipher costs 2.2 us, so small draws take the first way and
 * large ones, at some 3 GB/s, the second. Data of a few hundred bytes, of which a server may send a
 * hundred thousand a second, is mixed from the same key and nonce without a cipher. What a source
 * yields depends on its seed and its name alone, not on what else was drawn.
 */
import { createCipheriv, createHash, randomInt } from 'node:crypto';
import type { Cipher } from 'node:crypto';

const blockSize = 16;
/** Bytes drawn through the cipher that is kept open; more are worth opening a counter mode cipher for. */
const smallDraw = 2048;
/** Bytes made at a time when much is read: they stay in the L2 cache. */
const bulk = 64 * 1024;
const zeros = Buffer.alloc(bulk + blockSize);

/** A seed as the user may give it; the text of a number and the number are the same seed. */
export type Seed = number | string;

interface Family {
  readonly seed: Seed;
  readonly key: Buffer;
  readonly cipher: Cipher;
  readonly counters: Buffer;
  readonly view: DataView;
}

/** A named stream of uniform bytes. */
export class Random {
  private drawn = 0;

  private constructor(
    private readonly family: Family,
    private readonly high: number,
    private readonly low: number,
  ) {}

  /** The root source of a seed. The same seed gives the same bytes on every machine. */
  static fromSeed(seed: Seed): Random {
    const key = createHash('sha256')
      .update(`pathod ${String(seed)}`)
      .digest()
      .subarray(0, blockSize);
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const counters = Buffer.alloc(smallDraw + 2 * blockSize);
    const view = new DataView(counters.buffer, counters.byteOffset, counters.length);
    return new Random({ seed, key, cipher, counters, view }, 0x9e3779b9 | 0, 0x7f4a7c15);
  }

  /** A root source with a seed picked by the system, a whole number that is easy to type. */
  static fromChance(): Random {
    return Random.fromSeed(randomInt(0x7fffffff));
  }

  /** The seed that this source and all its forks come from. */
  get seed(): Seed {
    return this.family.seed;
  }

  /** The source named `label` below this one. Independent of all others, and always the same. */
  fork(label: string | number): Random {
    let high = this.high;
    let low = this.low;
    if (typeof label === 'number') {
      high = mix(high ^ label, 0x85ebca6b);
      low = mix(low + label, 0xc2b2ae35);
    } else {
      for (let i = 0; i < label.length; i++) {
        const unit = label.charCodeAt(i);
        high = mix(high ^ unit, 0x85ebca6b);
        low = mix(low + unit, 0xc2b2ae35);
      }
    }
    return new Random(this.family, mix(high ^ low, 0x27d4eb2f), mix(low ^ high, 0x165667b1));
  }

  /** Fills `into` with the bytes of this stream from offset `at`. What {@link integer} draws does not change. */
  read(at: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; done += bulk) {
      const length = Math.min(bulk, into.length - done);
      const first = Math.floor((at + done) / blockSize);
      const skip = (at + done) % blockSize;
      const stream =
        length > smallDraw
          ? this.bulkBlocks(first, skip + length)
          : this.blocks(first, Math.ceil((skip + length) / blockSize));
      into.set(stream.subarray(skip, skip + length), done);
    }
  }

  /**
   * Fills `into` with short data of its own, which {@link read} does not give: words mixed from the
   * seed, the name and their number. However little a cipher makes, calling it costs 0.9 us; a word
   * costs 5 ns.
   */
  short(into: Uint8Array): void {
    const high = this.high ^ this.family.key.readInt32BE(0);
    const low = this.low ^ this.family.key.readInt32BE(4);
    for (let at = 0; at < into.length; at += 4) {
      const word = mix(low ^ mix(high + at, 0x85ebca6b), 0xc2b2ae35);
      into[at] = word;
      // Behind the end of an array nothing is stored.
      into[at + 1] = word >>> 8;
      into[at + 2] = word >>> 16;
      into[at + 3] = word >>> 24;
    }
  }

  /** The first `length` bytes of this stream. */
  bytes(length: number): Buffer {
    const into = Buffer.allocUnsafe(length);
    this.read(0, into);
    return into;
  }

  /**
   * The next whole number in `0 .. below - 1`, uniform to one part in 2^11 even for the largest `below`.
   * @throws {TypeError} when `below` is not a whole number of at least 1
   */
  integer(below: number): number {
    if (!Number.isSafeInteger(below) || below < 1) throw new TypeError(`cannot draw below ${String(below)}`);
    const bytes = this.blocks(this.drawn++, 1);
    // 64 random bits modulo `below`, by BigInt: the bias is below 2^-11 for lengths up to 2^53.
    return Number(bytes.readBigUInt64BE(0) % BigInt(below));
  }

  private blocks(first: number, count: number): Buffer {
    const { cipher, counters, view } = this.family;
    for (let i = 0; i < count; i++) this.writeCounter(view, i * blockSize, first + i);
    return cipher.update(counters.subarray(0, count * blockSize));
  }

  /** The same blocks by a cipher that counts by itself. */
  private bulkBlocks(first: number, length: number): Buffer {
    const { key, counters, view } = this.family;
    this.writeCounter(view, 0, first);
    return createCipheriv('aes-128-ctr', key, counters.subarray(0, blockSize)).update(zeros.subarray(0, length));
  }

  private writeCounter(view: DataView, offset: number, block: number): void {
    view.setInt32(offset, this.high);
    view.setInt32(offset + 4, this.low);
    view.setUint32(offset + 8, Math.floor(block / 0x100000000));
    view.setUint32(offset + 12, block % 0x100000000);
  }
}

/** One step of a 32-bit avalanche (the finalizer of MurmurHash3 with a chosen multiplier). */
function mix(value: number, multiplier: number): number {
  let hash = Math.imul(value ^ (value >>> 16), multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
  return (hash ^ (hash >>> 16)) | 0;
}
