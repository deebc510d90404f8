/** Numbers of bytes, with the units of generated values: `10`, `2k`. */
import { SpecError } from '../errors.js';
import { digits, scanDigits, scanWord, skipSpace } from './scan.js';
import type { Part } from './scan.js';
import { isUnit, units } from './values.js';

/** A number of bytes as written. */
export interface Size {
  /** Canonical text. */
  readonly spec: string;
  readonly bytes: number;
}

/** SIZE, at least 1. */
export const size = sizeCalled('size', 'bytes');

/** RATE, at least 1. */
export const bytesPerSecond = sizeCalled('rate', 'bytes a second');

function sizeCalled(noun: string, unit: string): Part<Size> {
  return {
    label: noun.toUpperCase(),
    expected: `a ${noun} such as 100 or 2k`,
    starts: digits,
    scan(text, at) {
      const number = scanDigits(text, at);
      if (!number) return undefined;
      const letter = text.charAt(number.end);
      const scale = isUnit(letter) ? letter : undefined;
      const bytes = Number(number.value) * (scale === undefined ? 1 : units[scale]);
      if (bytes < 1 || !Number.isSafeInteger(bytes)) {
        throw new SpecError(
          `a ${noun} must be at least 1 and at most 2^53 ${unit}`,
          { spec: text, offset: skipSpace(text, at), expected: ['a number from 1 to 2^53'] },
          'ERR_SPEC_RANGE',
        );
      }
      const spec = `${String(Number(number.value))}${scale === undefined || scale === 'b' ? '' : scale}`;
      return { value: { spec, bytes }, end: scale === undefined ? number.end : number.end + 1 };
    },
  };
}

/** SIZE[,SIZE...]. */
export const sizeList: Part<readonly Size[]> = {
  label: 'SIZE[,SIZE...]',
  expected: size.expected,
  starts: size.starts,
  scan(text, at) {
    const found: Size[] = [];
    let end = at;
    for (let next = size.scan(text, at); next;) {
      found.push(next.value);
      end = next.end;
      const comma = scanWord(text, end, ',', false);
      next = comma && size.scan(text, comma.end);
    }
    return found.length > 0 ? { value: found, end } : undefined;
  },
};
