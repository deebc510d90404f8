/** Vectors of the notation of flow files. */
import { decodeItem, encodeItem, findItem } from '../../src/proxy/storage/tnetstring.js';
import type { TnetValue } from '../../src/proxy/storage/tnetstring.js';
import { encodePythonFloat } from '../../src/proxy/storage/python-number.js';

interface Marked {
  readonly number: string;
}

export const notationSubjects = {
  tnetstring_dumps: (input: unknown) => encodeItem(fromJson(input)).toString('hex'),
  tnetstring_loads: (hex: string) => toJson(decodeItem(Buffer.from(hex, 'hex'))),
  tnetstring_load_from_file: (hex: string) => {
    const bytes = Buffer.from(hex, 'hex');
    const end = findItem(bytes, 0);
    if (end === undefined || end > bytes.length) throw new Error('the file ends within an item');
    return { value: toJson(decodeItem(bytes.subarray(0, end))), consumed: { number: String(end) } };
  },
};

function fromJson(value: unknown): TnetValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  const object = value as Readonly<Record<string, unknown>>;
  if (isMarked(object)) return /^-?\d+$/.test(object.number) ? BigInt(object.number) : Number(object.number);
  return new Map(Object.entries(object).map(([key, member]) => [key, fromJson(member)]));
}

function isMarked(value: object): value is Marked {
  return 'number' in value && typeof value.number === 'string';
}

function toJson(value: TnetValue): unknown {
  if (Buffer.isBuffer(value)) return { b: value.toString('hex') };
  if (typeof value === 'string') return { s: value };
  if (typeof value === 'bigint') return { i: String(value) };
  if (typeof value === 'number') return { f: encodePythonFloat(value) };
  if (value === null || typeof value === 'boolean') return value;
  // Members stand in files in the other direction.
  if (value instanceof Map) return { d: [...(value as ReadonlyMap<TnetValue, TnetValue>)].reverse().map(toPair) };
  return { l: (value as readonly TnetValue[]).map(toJson) };
}

function toPair([key, member]: readonly [TnetValue, TnetValue]): unknown {
  return [toJson(key), toJson(member)];
}
