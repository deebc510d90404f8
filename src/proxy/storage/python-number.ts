/** Numbers as Python writes and reads them. */

/** An integer, as `int()` takes it: blanks around it, a sign, single underscores between digits. */
export function decodePythonInteger(text: string): bigint | undefined {
  return /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) ? BigInt(text.replaceAll('_', '').trim().replace(/^\+/, '')) : undefined;
}

/** A float, as `float()` takes it. */
export function decodePythonFloat(text: string): number | undefined {
  const plain = text.trim().toLowerCase();
  if (/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(plain)) {
    return Number(plain.replaceAll('_', ''));
  }
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(plain);
  if (!special) return undefined;
  if (special[2] === 'nan') return Number.NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

/** A float, as `repr()` gives it: the shortest text that reads back the same, never without a sign of being one. */
export function encodePythonFloat(value: number): string {
  const size = Math.abs(value);
  // Between these, both languages write digits; ECMAScript leaves out the fraction of a whole number.
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${String(value)}.0` : String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
