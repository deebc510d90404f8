/**
 * MessagePack (github.com/msgpack/msgpack, spec.md), read so that nothing is lost: integers are bigints, so that
 * they are told from floating-point numbers, and may be of 64 bits.
 */
import { ByteCursor } from './byte-cursor.js';

export type MsgpackValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Buffer
  | readonly MsgpackValue[]
  | ReadonlyMap<string, readonly [key: string | Buffer, value: MsgpackValue]>
  | MsgpackExtension;

/** A value of a type of its own. */
export class MsgpackExtension {
  constructor(
    readonly code: number,
    readonly data: Buffer,
  ) {}
}

/** Arrays and maps within one another; more are refused, for the stack's sake. */
const deepest = 500;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads one value that takes all the bytes.
 * @throws {Error} when the bytes are none
 */
export function readMsgpack(bytes: Buffer): MsgpackValue {
  const cursor = new ByteCursor(bytes);
  const value = valueAt(cursor, 0);
  if (!cursor.isAtEnd) throw new RangeError('bytes are left after the value');
  return value;
}

type Reader = (cursor: ByteCursor, depth: number) => MsgpackValue;

/** Readers by first byte, for those from 0xc0 to 0xdf. 0xc1 is never used. */
const readers: Readonly<Record<number, Reader>> = {
  0xc0: () => null,
  0xc2: () => false,
  0xc3: () => true,
  0xc4: (cursor) => cursor.take(cursor.uint8()),
  0xc5: (cursor) => cursor.take(cursor.uint16()),
  0xc6: (cursor) => cursor.take(cursor.uint32()),
  0xc7: (cursor) => extension(cursor, cursor.uint8()),
  0xc8: (cursor) => extension(cursor, cursor.uint16()),
  0xc9: (cursor) => extension(cursor, cursor.uint32()),
  0xca: (cursor) => cursor.take(4).readFloatBE(),
  0xcb: (cursor) => cursor.take(8).readDoubleBE(),
  0xcc: (cursor) => BigInt(cursor.uint8()),
  0xcd: (cursor) => BigInt(cursor.uint16()),
  0xce: (cursor) => BigInt(cursor.uint32()),
  0xcf: (cursor) => cursor.take(8).readBigUInt64BE(),
  0xd0: (cursor) => BigInt(cursor.take(1).readInt8()),
  0xd1: (cursor) => BigInt(cursor.take(2).readInt16BE()),
  0xd2: (cursor) => BigInt(cursor.take(4).readInt32BE()),
  0xd3: (cursor) => cursor.take(8).readBigInt64BE(),
  0xd4: (cursor) => extension(cursor, 1),
  0xd5: (cursor) => extension(cursor, 2),
  0xd6: (cursor) => extension(cursor, 4),
  0xd7: (cursor) => extension(cursor, 8),
  0xd8: (cursor) => extension(cursor, 16),
  0xd9: (cursor) => text(cursor, cursor.uint8()),
  0xda: (cursor) => text(cursor, cursor.uint16()),
  0xdb: (cursor) => text(cursor, cursor.uint32()),
  0xdc: (cursor, depth) => list(cursor, cursor.uint16(), depth),
  0xdd: (cursor, depth) => list(cursor, cursor.uint32(), depth),
  0xde: (cursor, depth) => map(cursor, cursor.uint16(), depth),
  0xdf: (cursor, depth) => map(cursor, cursor.uint32(), depth),
};

function valueAt(cursor: ByteCursor, depth: number): MsgpackValue {
  if (depth > deepest) throw new RangeError('the value is nested too deeply');
  const first = cursor.uint8();
  if (first < 0x80) return BigInt(first);
  if (first < 0x90) return map(cursor, first & 0xf, depth);
  if (first < 0xa0) return list(cursor, first & 0xf, depth);
  if (first < 0xc0) return text(cursor, first & 0x1f);
  if (first >= 0xe0) return BigInt(first - 0x100);
  const reader = readers[first];
  if (reader === undefined) throw new RangeError('0xc1 begins no value');
  return reader(cursor, depth);
}

function text(cursor: ByteCursor, length: number): string {
  return utf8.decode(cursor.take(length));
}

function extension(cursor: ByteCursor, length: number): MsgpackExtension {
  const code = cursor.take(1).readInt8();
  return new MsgpackExtension(code, cursor.take(length));
}

function list(cursor: ByteCursor, length: number, depth: number): MsgpackValue[] {
  const items: MsgpackValue[] = [];
  for (let i = 0; i < length; i++) items.push(valueAt(cursor, depth + 1));
  return items;
}

/** Members by key; of those with the same key the last counts. Keys are text or bytes, as the ancestor wants it. */
function map(
  cursor: ByteCursor,
  length: number,
  depth: number,
): Map<string, readonly [key: string | Buffer, value: MsgpackValue]> {
  const members = new Map<string, readonly [key: string | Buffer, value: MsgpackValue]>();
  for (let i = 0; i < length; i++) {
    const key = valueAt(cursor, depth + 1);
    if (typeof key !== 'string' && !Buffer.isBuffer(key)) throw new TypeError('a key is neither text nor bytes');
    const name = typeof key === 'string' ? `text ${key}` : `bytes ${key.toString('latin1')}`;
    members.set(name, [key, valueAt(cursor, depth + 1)]);
  }
  return members;
}
