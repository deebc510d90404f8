import type { PatternText } from './pattern-text.js';

/** How a part of a pattern is read. The letters are those of Python. */
export interface PatternFlags {
  /** `i`: case does not count. */
  readonly caseless: boolean;
  /** `m`: `^` and `$` match at every line. */
  readonly multiline: boolean;
  /** `s`: `.` matches line feeds too. */
  readonly dotAll: boolean;
  /** `x`: white space and comments stand for nothing. */
  readonly verbose: boolean;
  /** `a`: classes and letters are those of ASCII. */
  readonly ascii: boolean;
}

const names: Readonly<Record<string, keyof PatternFlags>> = {
  i: 'caseless',
  m: 'multiline',
  s: 'dotAll',
  x: 'verbose',
  a: 'ascii',
};

/** Flags within `(?...)`. */
export interface InlineFlags {
  readonly flags: PatternFlags;
  /** Whether they hold for the whole pattern, and not for the group that follows. */
  readonly isGlobal: boolean;
}

/**
 * Reads `aims-x:` or `aims)` behind `(?`.
 * @param from where the group begins
 * @throws {PatternError} when they are no flags, or contradict one another
 */
export function readFlags(text: PatternText, flags: PatternFlags, over: 'bytes' | 'text', from: number): InlineFlags {
  const on = text.match(/[a-zA-Z]*/y) ?? '';
  const off = text.accept('-') ? (text.match(/[a-zA-Z]*/y) ?? '') : undefined;
  const unknown = /[^aiLmsux]/.exec(on + (off ?? ''))?.[0];
  if (unknown !== undefined) text.fail(`unknown flag ${unknown}`, from);
  if (/L/.test(on)) text.fail('the flag L, which depends on the locale, is not supported', from);
  if (over === 'bytes' && /u/.test(on)) text.fail('the flag u cannot be used with bytes', from);
  if (/a/.test(on) && /u/.test(on)) text.fail('the flags a and u contradict one another', from);
  if (off === '') text.fail('flags are missing behind the minus sign', from);
  if (/[aLu]/.test(off ?? '')) text.fail('the flags a, L and u cannot be turned off', from);
  if ([...on].some((letter) => off?.includes(letter))) text.fail('a flag is turned on and off', from);
  const isGlobal = off === undefined && text.accept(')');
  if (!isGlobal && !text.accept(':')) text.fail('a colon is missing behind the flags');
  const changed = { ...flags, ...(on.includes('u') && { ascii: false }) };
  for (const letter of on) setFlag(changed, letter, true);
  for (const letter of off ?? '') setFlag(changed, letter, false);
  return { flags: changed, isGlobal };
}

function setFlag(flags: Record<keyof PatternFlags, boolean>, letter: string, value: boolean): void {
  const name = names[letter];
  if (name !== undefined) flags[name] = value;
}
