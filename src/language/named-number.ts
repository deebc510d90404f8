/** Numbers that have names: frame types, flags, settings, error codes. */
import { SpecError } from '../errors.js';
import { hexadecimal } from '../wire/http2-registry.js';
import { digits, oneOf, scanDigits, skipSpace } from './scan.js';
import type { Part, Scanned } from './scan.js';

/** A number and its canonical text: its name where one was written, else hexadecimal. */
export interface NamedNumber {
  readonly number: number;
  readonly spec: string;
}

/**
 * A name of a table whatever its case, or a number up to `maximum`, decimal or as `0x2a`.
 * @param noun how an error calls it: `frame type`
 */
export function namedNumber(
  table: Readonly<Record<string, number>>,
  { label, noun, maximum }: { readonly label: string; readonly noun: string; readonly maximum: number },
): Part<NamedNumber> {
  // Longer names first, or `settings_timeout` might be read as another and rubbish.
  const words = Object.keys(table).sort((a, b) => b.length - a.length);
  const names = oneOf(words, { caseless: true, label });
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  const number = boundedNumber({ label, subject: `${article} ${noun}`, maximum });
  return {
    label,
    expected: `${article} ${noun}: ${Object.keys(table).join(', ')} or a number such as 0x2a`,
    starts: names.starts + digits,
    words: Object.keys(table),
    noun,
    scan(text, at): Scanned<NamedNumber> | undefined {
      const name = names.scan(text, at);
      if (name) return { value: { number: table[name.value] ?? 0, spec: name.value }, end: name.end };
      const found = number.scan(text, at);
      return found && { value: { number: found.value, spec: hexadecimal(found.value) }, end: found.end };
    },
  };
}

/** A whole number up to `maximum`, decimal or hexadecimal with a leading `0x`. */
export function boundedNumber(options: {
  readonly label: string;
  readonly subject: string;
  /** Default: 0. */
  readonly minimum?: number;
  readonly maximum: number;
  /** What else could stand there, for errors. */
  readonly expected?: string;
}): Part<number> {
  const { label, subject, minimum = 0, maximum, expected = 'a number' } = options;
  return {
    label,
    expected,
    starts: digits,
    scan(text, at) {
      const start = skipSpace(text, at);
      const hex = /^0x[0-9a-f]+/i.exec(text.slice(start, start + 40))?.[0];
      const plain = hex === undefined ? scanDigits(text, at) : { value: hex, end: start + hex.length };
      if (!plain) return undefined;
      const value = Number(plain.value);
      if (value >= minimum && value <= maximum) return { value, end: plain.end };
      const range = `a number from ${String(minimum)} to ${String(maximum)}`;
      const place = { spec: text, offset: start, expected: [range] };
      throw new SpecError(`${subject} must be ${range}`, place, 'ERR_SPEC_RANGE');
    },
  };
}
