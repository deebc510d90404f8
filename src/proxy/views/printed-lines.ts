/** Lines of plain text and of names with values, which most views are made of. */
import type { Line, Style } from './view.js';

/** Two blanks for each level that a line is within others; those deeper than `deepest` stand below one another. */
export function indentation(depth: number, deepest: number): string {
  return '  '.repeat(Math.min(Math.max(0, depth), deepest));
}

/** The lines of a text; whatever Unicode calls a line end is one. @returns nothing for an empty text */
export function textLines(text: string, style: Style = 'text'): Line[] {
  return splitLines(text).map((line) => [[style, line]]);
}

/** The lines of a text as Python's `splitlines` gives them. */
export function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Characters that names and cells are lined up for; what stands behind longer ones begins where they end. */
const widestName = 30;
const widestCell = 100;

/** Names with their values, the values in one column. */
export function pairLines(pairs: readonly (readonly [name: string, value: string])[]): Line[] {
  const width = pairs.reduce((most, [name]) => Math.max(most, lengthOf(name)), 0);
  return pairs.map(([name, value]) => [
    ['header', padded(`${name}:`, Math.min(width, widestName) + 2)],
    ['text', value],
  ]);
}

/** Lines of cells, each column as wide as its widest cell and two blanks. */
export function tableLines(rows: readonly (readonly string[])[]): Line[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, lengthOf(cell))));
  return rows.map((row) =>
    row.map((cell, i) => ['text', padded(cell, Math.min(widths[i] ?? 0, widestCell) + 2)] as const),
  );
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

/** Characters in a text, not units of UTF-16. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
