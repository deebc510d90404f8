/** A piece of text with where each of its characters stands in the expression. */
export interface PlacedText {
  readonly text: string;
  /** An offset in the expression for every character, and one for the end. */
  readonly places: readonly number[];
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', f: '\f', r: '\r' };

/**
 * What stands between quotes.
 *
 * As in the ancestor, in two steps: `\t`, `\n`, `\f` and `\r` become what they stand for, even behind another
 * backslash, and then a backslash gives way to the character behind it, unless that is a line feed. A TAB
 * counts as blanks up to the next column that is a multiple of 8.
 * @param filter the whole expression
 * @param from where the opening quote stands
 * @param to where the closing quote ends
 */
export function readQuoted(filter: string, from: number, to: number): PlacedText {
  const first = controlsOf(filter, from + 1, to - 1);
  const read: Placed[] = [];
  for (let i = 0; i < first.length; i++) {
    const [character, place] = first[i] ?? ['', 0];
    const next = first[i + 1];
    if (character === '\\' && next !== undefined && next[0] !== '\n') {
      read.push([next[0], place]);
      i++;
    } else read.push([character, place]);
  }
  return { text: read.map(([character]) => character).join(''), places: [...read.map(([, place]) => place), to - 1] };
}

/** A character and its offset in the expression. */
type Placed = readonly [character: string, place: number];

function controlsOf(filter: string, from: number, to: number): Placed[] {
  const read: Placed[] = [];
  for (let at = from; at < to; at++) {
    const character = filter.charAt(at);
    const control = character === '\\' ? controls[filter.charAt(at + 1)] : undefined;
    if (character === '\t') {
      for (let blanks = 8 - (columnOf(filter, at) % 8); blanks > 0; blanks--) read.push([' ', at]);
    } else if (control !== undefined && at + 1 < to) read.push([control, at++]);
    else read.push([character, at]);
  }
  return read;
}

/** The column of an offset, counted in characters from 0, with TABs before it as wide as they are. */
function columnOf(filter: string, at: number): number {
  const line = filter.slice(0, at).replace(/^[\s\S]*[\r\n]/, '');
  let column = 0;
  for (const character of line) column += character === '\t' ? 8 - (column % 8) : 1;
  return column;
}
