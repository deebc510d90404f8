import { pythonStr } from '../filter/python-text.js';
import { JsonNumber } from './json-value.js';
import type { JsonObject, JsonValue } from './json-value.js';
import { jsonOf } from './json-view.js';
import { textLines } from './printed-lines.js';
import { mediaType } from './view.js';
import type { View } from './view.js';

/** GraphQL over HTTP: the request as JSON without its query, and the query as it is; or several of them. */
export const graphqlView: View = {
  name: 'graphql',
  priority: (content, context) => {
    if (content.length === 0 || mediaType(context) !== 'application/json') return 0;
    const value = jsonOf(content);
    return value !== undefined && (isRequest(value) || isBatch(value)) ? 2 : 0;
  },
  render: (content) => {
    const value = jsonOf(content);
    if (value === undefined) return undefined;
    if (isRequest(value)) return { description: 'GraphQL', lines: textLines(`${requestText(value)}\n`) };
    if (isBatch(value)) return { description: 'GraphQL', lines: textLines(`${batchText(value)}\n`) };
    return undefined;
  },
};

/** Whether a value is an object whose query has several lines. */
function isRequest(value: JsonValue): value is JsonObject {
  if (!(value instanceof Map)) return false;
  const members = value as JsonObject;
  if (!members.has('query')) return false;
  const query = members.get('query');
  if (typeof query === 'string') return query.includes('\n');
  if (Array.isArray(query)) return query.includes('\n');
  if (query instanceof Map) return query.has('\n');
  // The ancestor shows such a body raw, not as JSON.
  throw new TypeError('the query is no text');
}

/** Whether a value is a list that begins with an object that has a query. An empty list is shown raw. */
function isBatch(value: JsonValue): value is readonly JsonValue[] {
  if (!Array.isArray(value)) return false;
  if (value.length === 0) throw new TypeError('the list is empty');
  return value[0] instanceof Map && value[0].has('query');
}

function batchText(requests: readonly JsonValue[]): string {
  const last = String(requests.length - 1);
  return requests.map((request, i) => `--- ${String(i)}/${last}\n${requestText(request)}`).join('\n');
}

function requestText(request: JsonValue): string {
  if (!(request instanceof Map)) throw new TypeError('one of the requests is no object');
  const members = new Map(request as JsonObject);
  const query = members.get('query');
  if (query === undefined) throw new TypeError('one of the requests has no query');
  members.set('query', '...');
  return `${indented(members, '')}\n---\n${pythonStr(plain(query))}`;
}

/** JSON as it is usually indented; all of it ASCII. */
function indented(value: JsonValue, indent: string): string {
  if (value instanceof JsonNumber) return value.text;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) => inner + indented(item, inner));
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${indent}]`;
  }
  if (value instanceof Map) {
    const members = Array.from(
      value as JsonObject,
      ([name, member]) => `${inner}${ascii(name)}: ${indented(member, inner)}`,
    );
    return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`;
  }
  return ascii(value);
}

function ascii(value: JsonValue): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value without the classes of its reader, for people: a query that is no text is rare. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(plain);
  if (value instanceof Map) return Object.fromEntries(Array.from(value as JsonObject, ([k, v]) => [k, plain(v)]));
  return value;
}
