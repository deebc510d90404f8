/** The alphabets that generated values are drawn from. */

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = upper.toLowerCase();
const digits = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const whitespace = ' \t\n\r\x0b\x0c';

/** Name to alphabet, in the order in which the language tries the names. */
export const datatypes = {
  ascii_letters: lower + upper,
  ascii_lowercase: lower,
  ascii_uppercase: upper,
  digits,
  hexdigits: `${digits}abcdefABCDEF`,
  octdigits: '01234567',
  punctuation,
  whitespace,
  ascii: digits + lower + upper + punctuation + whitespace,
  bytes: Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join(''),
} as const;

/** A key of {@link datatypes}. */
export type Datatype = keyof typeof datatypes;

/** The names, in trial order. */
export const datatypeNames: readonly Datatype[] = Object.keys(datatypes).filter(isDatatype);

/** Whether a word names a datatype. */
export function isDatatype(name: string): name is Datatype {
  return Object.hasOwn(datatypes, name);
}
