/**
 * From regular expressions as Python reads them (3.11, the module `re`) to those of JavaScript.
 *
 * Every flag is worked into the text, as JavaScript has none for a part of an expression, and means another
 * case by `i`, other lines by `m` and other classes by `\w` than Python does. Groups are called g1, g2...
 */
import { readBrackets } from './brackets.js';
import { asciiText, bytes, single, sourceOf, text as unicode, withCase } from './character-set.js';
import type { Alphabet, CharacterSet } from './character-set.js';
import { readEscape } from './escapes.js';
import { readFlags } from './flags.js';
import type { PatternFlags } from './flags.js';
import { PatternText } from './pattern-text.js';

/** A part of the expression that is made. */
interface Piece {
  readonly source: string;
  /** How many characters it matches, at least and at most. */
  readonly min: number;
  readonly max: number;
  /** A place between characters cannot be repeated, and what is repeated not again. */
  readonly kind: 'item' | 'place' | 'repeated';
}

/** Groups within groups. */
const maximumDepth = 200;
/** Python allows less than this. */
const maximumRepeats = 2 ** 32 - 1;

/** With the flag `s`. The class `[^]` does not repeat together with the flag `v` in Node 20. */
const any = '.';
const anyButLineFeed = '[^\\n]';

/** Translates one pattern. Used once. */
export class Translator {
  private readonly text: PatternText;
  private flags: PatternFlags;
  /** The width of each group, from 1; `undefined` while it is open. */
  private readonly groups: (Pick<Piece, 'min' | 'max'> | undefined)[] = [{ min: 0, max: 0 }];
  private readonly names = new Map<string, number>();
  private depth = 0;
  private atomics = 0;
  /** Where a reference stands for which case does not count: JavaScript has such in whole expressions only. */
  private caselessReference: number | undefined;
  /** Whether there are characters of which case counts. */
  private hasCase = false;
  /** Within a look-behind: the first group that is in it. */
  private behind: number | undefined;

  constructor(
    pattern: string,
    private readonly over: 'bytes' | 'text',
    flags: PatternFlags,
  ) {
    // Bytes are matched as ISO 8859-1 text; what is not ASCII in the pattern is UTF-8.
    const read = over === 'bytes' ? Buffer.from(pattern).toString('latin1') : pattern;
    this.text = new PatternText(read, pattern);
    this.flags = flags;
  }

  /** The same expression in JavaScript, with the flags that it needs there. @throws {PatternError} */
  translate(): { readonly source: string; readonly flags: string } {
    const { source } = this.alternatives(this.flags);
    if (!this.text.isAtEnd) this.text.fail('this bracket was never opened');
    if (this.hasCase && this.caselessReference !== undefined) {
      this.text.fail('a reference for which case does not count is not supported beside case', this.caselessReference);
    }
    return { source, flags: (this.over === 'text' ? 'vs' : 's') + (this.caselessReference === undefined ? '' : 'i') };
  }

  /** The numbers of the groups that have names; once translated. */
  get groupNames(): ReadonlyMap<string, number> {
    return this.names;
  }

  /** How many groups there are; once translated. */
  get groupCount(): number {
    return this.groups.length - 1;
  }

  /** `A|B` */
  private alternatives(flags: PatternFlags): Piece {
    const isWhole = this.depth === 0;
    const branches = [this.sequence(flags, isWhole)];
    while (this.text.accept('|')) branches.push(this.sequence(isWhole ? this.flags : flags, false));
    return {
      source: branches.map(({ source }) => source).join('|'),
      min: Math.min(...branches.map(({ min }) => min)),
      max: Math.max(...branches.map(({ max }) => max)),
      kind: 'item',
    };
  }

  /** @param isFirst whether flags for the whole may stand at the beginning */
  private sequence(initial: PatternFlags, isFirst: boolean): Piece {
    let flags = initial;
    const pieces: Piece[] = [];
    for (;;) {
      if (flags.verbose) this.text.match(/(?:[ \t\n\r\f\v]|#[^\n]*)*/y);
      const from = this.text.at;
      const next = this.text.peek();
      if (next === '' || next === '|' || next === ')') break;
      const repeat = this.repeat();
      if (repeat) {
        pieces.push(this.repeated(pieces.pop(), repeat, from));
        continue;
      }
      const piece = this.item(flags, isFirst && pieces.length === 0);
      if (piece) pieces.push(piece);
      else if (isFirst) flags = this.flags;
    }
    return {
      source: pieces.map(({ source }) => source).join(''),
      min: pieces.reduce((sum, { min }) => sum + min, 0),
      max: pieces.reduce((sum, { max }) => sum + max, 0),
      kind: 'item',
    };
  }

  /** The least and the most repeats of `*`, `+`, `?` or `{m,n}`; a brace that is none of these is a character. */
  private repeat(): readonly [number, number] | undefined {
    const from = this.text.at;
    const sign = this.text.match(/[*+?]|\{(?=[\d,])\d*(?:,\d*)?\}/y);
    if (sign === undefined) return undefined;
    const [least = '', most = least] = sign.slice(1, -1).split(',');
    if (sign.length === 1) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : Infinity];
    const min = Number(least);
    const max = most === '' ? Infinity : Number(most);
    if (min >= maximumRepeats || (max >= maximumRepeats && max !== Infinity)) this.text.fail('too many repeats', from);
    if (max < min) this.text.fail('the most repeats are fewer than the least', from);
    return [min, max];
  }

  private repeated(item: Piece | undefined, [min, max]: readonly [number, number], from: number): Piece {
    if (item === undefined || item.kind === 'place') return this.text.fail('there is nothing to repeat', from);
    if (item.kind === 'repeated') this.text.fail('what is repeated already cannot be repeated', from);
    const widths = { min: item.min * min, max: item.max === 0 || max === 0 ? 0 : item.max * max };
    const times = `{${String(min)},${max === Infinity ? '' : String(max)}}`;
    if (this.text.accept('?')) return { ...widths, source: `${item.source}${times}?`, kind: 'repeated' };
    const greedy = `${item.source}${times}`;
    return { ...widths, source: this.text.accept('+') ? this.atomic(greedy, from) : greedy, kind: 'repeated' };
  }

  /** One item; `undefined` for what stands for nothing. */
  private item(flags: PatternFlags, mayBeGlobal: boolean): Piece | undefined {
    const alphabet = this.alphabet(flags);
    const character = this.text.take();
    switch (character) {
      case '.':
        return width(flags.dotAll ? any : anyButLineFeed);
      case '^':
        return place(flags.multiline ? `(?<!${anyButLineFeed})` : '^');
      case '$':
        // Without lines, it matches before the last line feed too.
        return place(flags.multiline ? `(?!${anyButLineFeed})` : '(?=\\n?$)');
      case '(':
        return this.group(flags, mayBeGlobal);
      case '[':
        this.hasCase ||= !flags.caseless;
        return width(readBrackets(this.text, alphabet, flags.caseless));
      case '\\':
        return this.escape(alphabet, flags);
      default:
        return this.character(single(character.codePointAt(0) ?? 0), alphabet, flags);
    }
  }

  private alphabet({ ascii }: PatternFlags): Alphabet {
    if (this.over === 'bytes') return bytes;
    return ascii ? asciiText : unicode;
  }

  private character(set: CharacterSet, alphabet: Alphabet, { caseless }: PatternFlags): Piece {
    this.hasCase ||= !caseless;
    return width(sourceOf(caseless ? withCase(set, alphabet) : set));
  }

  private escape(alphabet: Alphabet, flags: PatternFlags): Piece {
    const from = this.text.at - 1;
    const escape = readEscape(this.text, alphabet);
    if (escape.kind === 'place') return place(escape.source);
    if (escape.kind === 'set') return this.character(escape.set, alphabet, flags);
    return this.reference(escape.group, flags, from);
  }

  private reference(group: number, flags: PatternFlags, from: number): Piece {
    const widths = this.groups[group];
    if (group >= this.groups.length) this.text.fail(`there is no group ${String(group)} before`, from);
    if (widths === undefined) return this.text.fail('a group cannot refer to itself', from);
    if (group >= (this.behind ?? Infinity)) this.text.fail('a look-behind cannot refer to a group of its own', from);
    if (flags.caseless) this.caselessReference = from;
    else this.hasCase = true;
    return { ...widths, source: `(?:\\k<g${String(group)}>)`, kind: 'item' };
  }

  /** What follows an opening bracket. */
  private group(flags: PatternFlags, mayBeGlobal: boolean): Piece | undefined {
    const from = this.text.at - 1;
    if (++this.depth > maximumDepth) this.text.fail('the brackets are nested too deeply', from);
    const piece = this.text.accept('?') ? this.extension(flags, mayBeGlobal, from) : this.capture(flags, from);
    this.depth--;
    return piece;
  }

  private extension(flags: PatternFlags, mayBeGlobal: boolean, from: number): Piece | undefined {
    const { text } = this;
    if (text.accept('P')) return this.named(flags, from);
    if (text.accept(':')) return this.closed(flags, from);
    if (text.accept('#')) return void text.takeUntil(')', 'this comment is never closed', from);
    const sign = text.match(/<?[=!]/y);
    if (sign !== undefined) return this.look(sign, flags, from);
    if (text.accept('>')) {
      const { source, min, max } = this.closed(flags, from);
      return { source: this.atomic(source, from), min, max, kind: 'item' };
    }
    if (text.accept('(')) text.fail('conditional groups, (?(1)a|b), are not supported', from);
    if (!/[-a-zA-Z]/.test(text.peek())) text.fail(`unknown group (?${text.peek()}`, from);
    const inline = readFlags(text, flags, this.over, from);
    if (!inline.isGlobal) return this.closed(inline.flags, from);
    if (!mayBeGlobal) text.fail('flags for the whole expression must stand at its beginning', from);
    this.flags = inline.flags;
    return undefined;
  }

  /** `(?P<NAME>...)` or `(?P=NAME)` */
  private named(flags: PatternFlags, from: number): Piece {
    const { text } = this;
    const isReference = text.accept('=');
    if (!isReference && !text.accept('<')) text.fail(`unknown group (?P${text.peek()}`, from);
    const name = text.takeUntil(isReference ? ')' : '>', 'the name of this group never ends', from);
    const known = this.names.get(name);
    if (!/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name) || (this.over === 'bytes' && /[^\0-\x7f]/.test(name))) {
      text.fail(`${JSON.stringify(name)} cannot be the name of a group`, from);
    }
    if (!isReference) {
      if (known !== undefined) text.fail(`two groups are called ${name}`, from);
      this.names.set(name, this.groups.length);
      return this.capture(flags, from);
    }
    if (known === undefined) return text.fail(`there is no group called ${name} before`, from);
    return this.reference(known, flags, from);
  }

  private capture(flags: PatternFlags, from: number): Piece {
    const group = this.groups.push(undefined) - 1;
    const { min, max, source } = this.body(flags, from);
    this.groups[group] = { min, max };
    return { source: `(?<g${String(group)}>${source})`, min, max, kind: 'item' };
  }

  private closed(flags: PatternFlags, from: number): Piece {
    const { min, max, source } = this.body(flags, from);
    return { source: `(?:${source})`, min, max, kind: 'item' };
  }

  /** @param sign `=`, `!`, `<=` or `<!` */
  private look(sign: string, flags: PatternFlags, from: number): Piece {
    const outer = this.behind;
    if (sign.startsWith('<')) this.behind ??= this.groups.length;
    const { source, min, max } = this.body(flags, from);
    this.behind = outer;
    if (sign.startsWith('<') && min !== max) this.text.fail('a look-behind must have a fixed width', from);
    // The outer group is for repeats, which JavaScript does not allow here.
    return { source: `(?:(?${sign}${source}))`, min: 0, max: 0, kind: 'item' };
  }

  private body(flags: PatternFlags, from: number): Piece {
    const piece = this.alternatives(flags);
    if (!this.text.accept(')')) this.text.fail('this bracket is never closed', from);
    return piece;
  }

  /** What has matched once is not tried otherwise: a look-ahead that captures, and the capture. */
  private atomic(source: string, from: number): string {
    if (this.behind !== undefined) this.text.fail('what gives nothing back is not supported in a look-behind', from);
    const name = `a${String(++this.atomics)}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }
}

function width(source: string): Piece {
  return { source, min: 1, max: 1, kind: 'item' };
}

function place(source: string): Piece {
  return { source, min: 0, max: 0, kind: 'place' };
}
