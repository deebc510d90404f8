/** Which characters are equal but for case, as Python's `re.IGNORECASE` has it for `str`. */

/** Variants of the letters of ASCII; four of them have further ones, which Python documents. */
const ofAscii: Readonly<Record<string, string>> = { i: 'iI\u0130\u0131', k: 'kK\u212a', s: 'sS\u017f' };

let table: Map<number, readonly number[]> | undefined;

/** All code points that are equal to one but for case, itself included. */
export function caseVariants(code: number): readonly number[] {
  if (code < 0x80) {
    const lower = String.fromCodePoint(code).toLowerCase();
    const all = ofAscii[lower] ?? lower + lower.toUpperCase();
    return [...new Set(Array.from(all, (character) => character.codePointAt(0) ?? 0))];
  }
  // Made at the first need, as hardly any expression needs it.
  table ??= makeTable();
  return table.get(code) ?? [code];
}

/** The highest code that is looked at: no script above has letters with case. */
export const lastWithCase = 0x1ffff;

function makeTable(): Map<number, readonly number[]> {
  const classes = new Map<number, number[]>();
  const codes = Array.from({ length: lastWithCase + 1 }, (_, code) => code);
  const letters = codes.map((code) => String.fromCodePoint(code)).join('');
  for (const [letter] of letters.matchAll(/\p{Changes_When_Casemapped}/gu)) {
    const code = letter.codePointAt(0) ?? 0;
    const key = keyOf(code);
    const members = classes.get(key);
    if (members) members.push(code);
    else classes.set(key, [code]);
  }
  const found = new Map<number, readonly number[]>();
  for (const members of classes.values()) {
    if (members.length > 1) for (const member of members) found.set(member, members);
  }
  return found;
}

/** Equal for characters that differ in case only: the small letter of the capital letter. */
function keyOf(code: number): number {
  return simple(
    simple(code, (text) => text.toUpperCase()),
    (text) => text.toLowerCase(),
  );
}

/** A mapping that gives several characters is not one of single characters, but for the dotted capital I. */
function simple(code: number, map: (text: string) => string): number {
  const mapped = map(String.fromCodePoint(code));
  const first = mapped.codePointAt(0) ?? code;
  return mapped.length === String.fromCodePoint(first).length || code === 0x130 ? first : code;
}
