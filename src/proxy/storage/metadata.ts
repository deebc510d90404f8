/** Notes of addons: what JSON is made of, and bytes. */
import { dictionary } from './codec.js';
import type { Codec } from './codec.js';
import { writeItem } from './tnetstring.js';
import type { TnetValue } from './tnetstring.js';

/** The metadata of a flow. What a file cannot hold, such as a function, is left out when it is written. */
export const metadata: Codec<Record<string, unknown>> = {
  read: (value) => objectOf(dictionary(value)),
  write: (output, value) => writeItem(output, noteOf(value) ?? new Map<TnetValue, TnetValue>()),
};

function objectOf(map: ReadonlyMap<TnetValue, TnetValue>): Record<string, unknown> {
  return Object.fromEntries(Array.from(map, ([key, value]) => [keyText(key), readNote(value)]));
}

function keyText(key: TnetValue): string {
  return Buffer.isBuffer(key) || typeof key !== 'object' ? String(key) : '';
}

function readNote(value: TnetValue): unknown {
  if (value instanceof Map) return objectOf(value as ReadonlyMap<TnetValue, TnetValue>);
  if (Array.isArray(value)) return (value as readonly TnetValue[]).map(readNote);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return value;
}

function noteOf(value: unknown): TnetValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map((item) => noteOf(item) ?? null);
  if (typeof value !== 'object') return undefined;
  const map = new Map<TnetValue, TnetValue>();
  for (const [key, member] of Object.entries(value)) {
    const written = noteOf(member);
    if (written !== undefined) map.set(key, written);
  }
  return map;
}
