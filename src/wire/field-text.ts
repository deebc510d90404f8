/**
 * Text of header fields as HTTP sees it: white space is SP and HTAB alone, and only ASCII letters have case (RFC 9110,
 * sections 5.6.1 to 5.6.3). `trim()` and `toLowerCase()` know more: with them a VT or a KELVIN SIGN would make a
 * coding that other readers do not see.
 */

/** Without the SP and HTAB around it. */
export function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** With the ASCII letters in lower case, and all else as it is. */
export function asciiLowerCase(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}

/** The members of the lists that are the values of a field, in lower case; empty ones count for nothing. */
export function listMembers(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((member) => asciiLowerCase(trimBlanks(member)))
    .filter((member) => member !== '');
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
