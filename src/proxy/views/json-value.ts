/**
 * JSON read so that nothing is lost: numbers keep their text, and integers are told from others. Takes what Python
 * takes: `NaN`, `Infinity` and `-Infinity` too.
 */
import { encodePythonFloat } from '../storage/python-number.js';

/** A value. Of members with the same name, the last counts. */
export type JsonValue = string | boolean | null | JsonNumber | readonly JsonValue[] | JsonObject;

export type JsonObject = ReadonlyMap<string, JsonValue>;

/** A number, as Python writes it. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

/** Arrays and objects within one another; more are refused, for the stack's sake. */
const deepest = 900;

/** What a value begins with, white space passed over; `i` is where the next token is looked for. */
const token =
  /[ \t\n\r]*(?:([[\]{},:])|("(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?|(true|false|null|NaN|-?Infinity))/y;

/**
 * Reads JSON text.
 * @throws {SyntaxError} when it is none
 */
export function readJson(text: string): JsonValue {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  end(): void {
    if (/[^ \t\n\r]/.test(this.text.slice(this.at))) throw new SyntaxError('something follows the value');
  }

  value(depth: number): JsonValue {
    if (depth > deepest) throw new SyntaxError('the value is nested too deeply');
    const [, mark, string, integer, fraction, exponent, word] = this.next();
    if (string !== undefined) return stringOf(string);
    if (integer !== undefined) return numberOf(integer, fraction, exponent);
    if (word !== undefined) return wordOf(word);
    if (mark === '[') return this.array(depth);
    if (mark === '{') return this.object(depth);
    throw new SyntaxError(`a value was expected, not ${mark ?? 'this'}`);
  }

  private array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    if (this.takes(']')) return items;
    for (;;) {
      items.push(this.value(depth + 1));
      if (this.takes(']')) return items;
      this.demand(',');
    }
  }

  private object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    if (this.takes('}')) return members;
    for (;;) {
      const [, , name] = this.next();
      if (name === undefined) throw new SyntaxError('a name was expected');
      this.demand(':');
      members.set(stringOf(name), this.value(depth + 1));
      if (this.takes('}')) return members;
      this.demand(',');
    }
  }

  private next(): RegExpExecArray {
    token.lastIndex = this.at;
    const match = token.exec(this.text);
    if (match === null) throw new SyntaxError(`unexpected text at ${String(this.at)}`);
    this.at = token.lastIndex;
    return match;
  }

  private takes(mark: string): boolean {
    const before = this.at;
    if (this.next()[1] === mark) return true;
    this.at = before;
    return false;
  }

  private demand(mark: string): void {
    if (!this.takes(mark)) throw new SyntaxError(`${mark} was expected`);
  }
}

function stringOf(literal: string): string {
  // The token is a string of JSON.
  return JSON.parse(literal) as string;
}

function numberOf(integer: string, fraction = '', exponent = ''): JsonNumber {
  if (fraction === '' && exponent === '') return new JsonNumber(integer === '-0' ? '0' : integer);
  const value = Number(integer + fraction + exponent);
  return new JsonNumber(Number.isFinite(value) ? encodePythonFloat(value) : value > 0 ? 'Infinity' : '-Infinity');
}

function wordOf(word: string): JsonValue {
  if (word === 'null') return null;
  return word === 'true' || word === 'false' ? word === 'true' : new JsonNumber(word);
}
