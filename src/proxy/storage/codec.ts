/** How the values of flow files and those of flows become one another. */
import { isError } from '../../errors.js';
import { decodeUtf8 } from '../message/utf8.js';
import type { ItemWriter } from './item-writer.js';
import type { TnetMap, TnetValue } from './tnetstring.js';

/** Both ways for one kind of value. Reading throws an `Error` that says what the value is not. */
export interface Codec<T> {
  read(value: TnetValue): T;
  /** Puts the value in front of what was written. */
  write(output: ItemWriter, value: T): void;
}

function demand<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new Error(`is no ${what}`);
}

export const text: Codec<string> = {
  read: (value) => demand(typeof value === 'string' ? value : undefined, 'text'),
  write: (output, value) => output.text(value),
};

export const bytes: Codec<Buffer> = {
  read: (value) => demand(Buffer.isBuffer(value) ? value : undefined, 'bytes'),
  write: (output, value) => output.bytes(value),
};

/** Text that stands as bytes in the file; no byte is lost. */
export const textBytes: Codec<string> = {
  read: (value) => decodeUtf8(bytes.read(value)),
  write: (output, value) => output.textBytes(value),
};

/** As {@link textBytes}, of ISO 8859-1 text. */
export const latinBytes: Codec<string> = {
  read: (value) => bytes.read(value).toString('latin1'),
  write: (output, value) => output.bytes(Buffer.from(value, 'latin1')),
};

export const integer: Codec<number> = {
  read: (value) => demand(typeof value === 'bigint' ? Number(value) : undefined, 'integer'),
  write: (output, value) => output.integer(value),
};

/** A time. Old files have integers, which is tolerated. */
export const seconds: Codec<number> = {
  read: (value) =>
    demand(typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined, 'number'),
  write: (output, value) => output.number(value),
};

export const truth: Codec<boolean> = {
  read: (value) => demand(typeof value === 'boolean' ? value : undefined, 'truth value'),
  write: (output, value) => output.truth(value),
};

/** Reads lists that may be changed, and writes those that may not, too. */
interface ListCodec<T> {
  read(value: TnetValue): T[];
  write(output: ItemWriter, values: readonly T[]): void;
}

/** Null stands for what is not known. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    read: (value) => (value === null ? undefined : codec.read(value)),
    write: (output, value) => (value === undefined ? output.nothing() : codec.write(output, value)),
  };
}

export function listOf<T>(codec: Codec<T>): ListCodec<T> {
  return {
    read: (value) => items(value).map((item) => codec.read(item)),
    write: (output, values) => {
      const mark = output.open(']');
      // The index is below the length.
      for (let i = values.length - 1; i >= 0; i--) codec.write(output, values[i] as T);
      output.close(mark);
    },
  };
}

/** The items of a list. @throws {Error} when it is none */
export function items(value: TnetValue): readonly TnetValue[] {
  return demand(Array.isArray(value) ? (value as readonly TnetValue[]) : undefined, 'list');
}

/** A dictionary. @throws {Error} when it is none */
export function dictionary(value: TnetValue): TnetMap {
  return demand(value instanceof Map ? (value as TnetMap) : undefined, 'dictionary');
}

/** One member of a dictionary, and where its value stands in an object. */
export interface Field<T> {
  readonly key: string;
  readInto(value: TnetValue, object: T): void;
  writeOf(output: ItemWriter, object: T): void;
}

/** A member whose value stands under a name of an object. */
export function field<T, K extends keyof T>(key: string, name: K, codec: Codec<T[K]>): Field<T> {
  return {
    key,
    readInto: (value, object) => {
      object[name] = codec.read(value);
    },
    writeOf: (output, object) => codec.write(output, object[name]),
  };
}

/** A member that is written and says nothing when it is read. */
export function derived<T, V>(key: string, codec: Codec<V>, valueOf: (object: T) => V): Field<T> {
  return { key, readInto: () => undefined, writeOf: (output, object) => codec.write(output, valueOf(object)) };
}

/** Fills an object from a dictionary, which may hold more. @throws {Error} naming the member that is missing or wrong */
export function readFields<T>(fields: readonly Field<T>[], from: TnetMap, into: T): T {
  for (const member of fields) {
    readMember(from, member.key, { read: (value) => member.readInto(value, into) });
  }
  return into;
}

/** One member of a dictionary. @throws {Error} naming it when it is missing or wrong */
export function readMember<T>(from: TnetMap, key: string, codec: Pick<Codec<T>, 'read'>): T {
  const value = from.get(key);
  if (value === undefined) throw new Error(`${key} is missing`);
  return about(key, () => codec.read(value));
}

/** Writes a dictionary with these members, in order. */
export function writeFields<T>(output: ItemWriter, fields: readonly Field<T>[], of: T): void {
  const mark = output.open('}');
  writeMembers(output, fields, of);
  output.close(mark);
}

/** Writes members of a dictionary. */
export function writeMembers<T>(output: ItemWriter, fields: readonly Field<T>[], of: T): void {
  for (const member of fields) {
    member.writeOf(output, of);
    output.text(member.key);
  }
}

/** Names the member in the message of what is thrown. */
export function about<T>(key: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw isError(error) ? new Error(`${key} ${error.message}`, { cause: error }) : error;
  }
}
