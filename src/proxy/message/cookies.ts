/** The Cookie header as browsers send it and as the ancestor reads it, wider than RFC 6265, section 4.2. */

/** Name and value of every cookie in a header. */
export function parseCookies(header: string): (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at < header.length; at++) {
    const name = readUntil(header, at, ';=');
    at += name.length;
    let value = '';
    if (header[at] === '=') [value, at] = readValue(header, at + 1, ';');
    const trimmed = name.trimStart();
    if (trimmed !== '' || value !== '') pairs.push([trimmed, value]);
  }
  return pairs;
}

/** Writes a Cookie header. */
export function formatCookies(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs.map(([name, value]) => `${name}=${quoteIfNeeded(value)}`).join('; ');
}

/** The text from `at` to the first of these characters. */
export function readUntil(text: string, at: number, ends: string): string {
  let end = at;
  while (end < text.length && !ends.includes(text.charAt(end))) end++;
  return text.slice(at, end);
}

/** A value, perhaps in quotes, and where it ends. */
export function readValue(text: string, at: number, ends: string): [value: string, end: number] {
  if (text[at] !== '"') {
    const value = readUntil(text, at, ends);
    return [value, at + value.length];
  }
  let value = '';
  let end = at + 1;
  for (; end < text.length && text[end] !== '"'; end++) {
    if (text[end] === '\\') end++;
    value += text.charAt(end);
  }
  return [value, end + 1];
}

/** A value in quotes when it holds what would end it, or is not printable ASCII. */
export function quoteIfNeeded(value: string): string {
  return /[",;\\]|[^!-~]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
