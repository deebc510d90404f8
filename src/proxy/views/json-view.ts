import { readJson, JsonNumber } from './json-value.js';
import type { JsonObject, JsonValue } from './json-value.js';
import { mediaType } from './view.js';
import type { Line, Span, Style, View } from './view.js';

const types = ['application/json', 'application/json-rpc'];
const step = '    ';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** JSON, indented, its members in the order of their names. */
export const jsonView: View = {
  name: 'json',
  priority: (content, context) => {
    const type = mediaType(context);
    return content.length > 0 && (types.includes(type) || /^application\/.*\+json$/.test(type)) ? 1 : 0;
  },
  render: (content) => {
    const value = jsonOf(content);
    return value === undefined ? undefined : { description: 'JSON', lines: valueLines(value) };
  },
};

/** The value of a body that is JSON in UTF-8. */
export function jsonOf(content: Buffer): JsonValue | undefined {
  try {
    return readJson(utf8.decode(content));
  } catch {
    return undefined;
  }
}

/** The lines of a value, with the styles of its parts. They are made as they are read. */
function* valueLines(value: JsonValue): Generator<Line, void, undefined> {
  if (isList(value) && value.length > 0) yield* listLines(value, '', [], []);
  else if (value instanceof Map && value.size > 0) yield* objectLines(value, '', [], []);
  else yield [scalar(value, '')];
}

function* listLines(
  items: readonly JsonValue[],
  indent: string,
  before: Line,
  after: Line,
): Generator<Line, void, undefined> {
  yield [...before, ['text', '[']];
  for (const [i, item] of items.entries()) {
    const comma: Span = ['text', i < items.length - 1 ? ',' : ''];
    if (isBlock(item)) yield* blockLines(item, indent + step, [['text', indent + step]], [comma]);
    else if (isEmpty(item)) yield [['text', indent + step], scalar(item, ''), comma];
    else yield [scalar(item, indent + step), comma];
  }
  yield [['text', indent], ['text', ']'], ...after];
}

function* objectLines(
  members: JsonObject,
  indent: string,
  before: Line,
  after: Line,
): Generator<Line, void, undefined> {
  yield [...before, ['text', '{'], ['text', '']];
  const sorted = [...members].sort(([a], [b]) => compareCodePoints(a, b));
  for (const [i, [name, value]] of sorted.entries()) {
    const comma: Span = ['text', i < sorted.length - 1 ? ',' : ''];
    const head: Line = [
      ['text', indent + step],
      ['json_string', quoted(name)],
      ['text', ': '],
    ];
    if (isBlock(value)) yield* blockLines(value, indent + step, head, [comma]);
    else yield [...head, scalar(value, ''), comma];
  }
  yield [['text', indent], ['text', '}'], ...after];
}

function blockLines(
  value: readonly JsonValue[] | JsonObject,
  indent: string,
  before: Line,
  after: Line,
): Generator<Line, void, undefined> {
  return isList(value) ? listLines(value, indent, before, after) : objectLines(value, indent, before, after);
}

/** What stands on one line. The style is that of what the text begins with: a sign is no digit. */
function scalar(value: JsonValue, indent: string): Span {
  if (typeof value === 'string') return ['json_string', indent + quoted(value)];
  if (value === null || typeof value === 'boolean') return ['json_boolean', indent + String(value)];
  if (value instanceof JsonNumber) {
    const style: Style = /^\d/.test(value.text) ? 'json_number' : 'text';
    return [style, indent + value.text];
  }
  return ['text', indent + (isList(value) ? '[]' : '{}')];
}

function isBlock(value: JsonValue): value is readonly JsonValue[] | JsonObject {
  return (isList(value) && value.length > 0) || (value instanceof Map && value.size > 0);
}

function isEmpty(value: JsonValue): boolean {
  return (isList(value) || value instanceof Map) && !isBlock(value);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A string of JSON. Surrogates that stand alone are kept, which JSON.stringify does not do. */
function quoted(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  return `"${text.replace(/["\\\0-\x1f]/g, (character) => JSON.stringify(character).slice(1, -1))}"`;
}

/** Orders texts by their characters, where UTF-16 would put those beyond U+FFFF before U+E000. */
function compareCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [i, character] of left.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
