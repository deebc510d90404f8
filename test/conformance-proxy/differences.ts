import type { Failure } from '../conformance/report.js';

/**
 * Where two values differ, down to the smallest part. Members of `actual` that `expected` has not are
 * passed over: a corpus may say less than is known.
 */
export function differences(expected: unknown, actual: unknown, path = ''): Failure[] {
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(expected).flatMap(([key, value]) => differences(value, actual[key], join(path, key)));
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, i) => differences(item, actual[i], join(path, String(i))));
  }
  const [wanted, found] = [JSON.stringify(expected) ?? 'undefined', JSON.stringify(actual) ?? 'undefined'];
  return wanted === found ? [] : [{ fact: path === '' ? 'value' : path, expected: wanted, actual: found }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
