/**
 * Protocol Buffers without their definition (protobuf.dev, "Encoding"): fields in order, and guesses at what those
 * hold that are delimited by length.
 */
import { ByteCursor } from './byte-cursor.js';

/** A field, with the numbers of those that it is in. */
export interface ProtobufField {
  /** `3.1` is field 1 within field 3. */
  readonly path: string;
  readonly type: 'uint32' | 'uint64' | 'fixed32' | 'fixed64' | 'message' | 'string' | 'bytes';
  /** Text for a string, nothing for a message. */
  readonly value: bigint | string | Buffer | undefined;
}

/** Messages within one another that are looked for; what is deeper counts as text or bytes. */
const deepest = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The fields of a message, those of messages within it behind the field that they are in.
 * @throws {Error} when the bytes are no message
 */
export function readProtobuf(bytes: Buffer): ProtobufField[] {
  const fields: ProtobufField[] = [];
  readInto(fields, bytes, '', 0);
  return fields;
}

function readInto(fields: ProtobufField[], bytes: Buffer, prefix: string, depth: number): void {
  const cursor = new ByteCursor(bytes);
  while (!cursor.isAtEnd) {
    const tag = varint(cursor);
    const path = prefix + String(tag >> 3n);
    switch (tag & 7n) {
      case 0n: {
        const value = varint(cursor);
        fields.push({ path, type: value < 1n << 32n ? 'uint32' : 'uint64', value });
        break;
      }
      case 1n:
        fields.push({ path, type: 'fixed64', value: cursor.take(8).readBigUInt64LE() });
        break;
      case 2n:
        readDelimited(fields, cursor.take(Number(varint(cursor))), path, depth);
        break;
      case 5n:
        fields.push({ path, type: 'fixed32', value: BigInt(cursor.take(4).readUInt32LE()) });
        break;
      default:
        throw new RangeError('a field of a type that is not known');
    }
  }
}

/** A message, if it can be one; else text, if it can be that. */
function readDelimited(fields: ProtobufField[], content: Buffer, path: string, depth: number): void {
  const before = fields.length;
  fields.push({ path, type: 'message', value: undefined });
  try {
    if (depth >= deepest) throw new RangeError('messages are nested too deeply');
    readInto(fields, content, `${path}.`, depth + 1);
  } catch {
    fields.length = before;
    fields.push(textOrBytes(content, path));
  }
}

function textOrBytes(content: Buffer, path: string): ProtobufField {
  try {
    return { path, type: 'string', value: utf8.decode(content) };
  } catch {
    return { path, type: 'bytes', value: content };
  }
}

/** An integer of any length; writers stop at 64 bits, and so does reading, somewhat later. */
function varint(cursor: ByteCursor): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = cursor.uint8();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
    if (shift > 128n) throw new RangeError('an integer is too long');
  }
}
