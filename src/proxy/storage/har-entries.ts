/**
 * Where the entries of an HTTP archive stand in its text, for those that `JSON.parse` cannot tell of: all that come
 * before a damaged place, and entries that are read but make no sense.
 */

/** From the first character of an entry to behind its last. */
interface Place {
  readonly start: number;
  /** Undefined when the text ends, or is damaged, within it. */
  readonly end: number | undefined;
}

/** The items of `log.entries`, in order; the last one may have no end. */
export function* placesOfEntries(text: string): Generator<Place, void, undefined> {
  const log = placeOfMember(text, skipBlanks(text, 0), 'log');
  const entries = log === undefined ? undefined : placeOfMember(text, log, 'entries');
  if (entries === undefined || text[entries] !== '[') return;
  for (let at = skipBlanks(text, entries + 1); text[at] !== ']' && at < text.length;) {
    const end = endOfValue(text, at);
    yield { start: at, end };
    if (end === undefined) return;
    const behind = skipBlanks(text, end);
    if (text[behind] !== ',') return;
    at = skipBlanks(text, behind + 1);
  }
}

/** Where the value of a member of the object at `object` begins. */
function placeOfMember(text: string, object: number, name: string): number | undefined {
  if (text[object] !== '{') return undefined;
  let at = skipBlanks(text, object + 1);
  while (text[at] === '"') {
    const key = endOfText(text, at);
    if (key === undefined) return undefined;
    const colon = skipBlanks(text, key);
    if (text[colon] !== ':') return undefined;
    const value = skipBlanks(text, colon + 1);
    if (text.slice(at + 1, key - 1) === name) return value;
    const end = endOfValue(text, value);
    if (end === undefined) return undefined;
    const comma = skipBlanks(text, end);
    if (text[comma] !== ',') return undefined;
    at = skipBlanks(text, comma + 1);
  }
  return undefined;
}

/** Behind the value that begins at `at`, whatever stands within its brackets. */
function endOfValue(text: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character === '"') {
      const end = endOfText(text, i);
      if (end === undefined || depth === 0) return end;
      i = end - 1;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (character === '}' || character === ']') {
      if (depth <= 1) return depth === 1 ? i + 1 : i;
      depth--;
    } else if (depth === 0 && /[\s,:]/.test(character)) {
      return i;
    }
  }
  return undefined;
}

/** Behind the quotation mark that ends the text at `at`. */
function endOfText(text: string, at: number): number | undefined {
  for (let i = at + 1; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '"') return i + 1;
  }
  return undefined;
}

/** A byte order mark is a blank here. */
function skipBlanks(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/.test(text[next] ?? '')) next++;
  return next;
}
