import { looksLikeXml } from './mostly-binary.js';
import { indentation, textLines } from './printed-lines.js';
import { mediaType } from './view.js';
import type { View } from './view.js';
import { xmlTokens } from './xml-tokens.js';
import type { XmlToken } from './xml-tokens.js';

const types = ['text/xml', 'text/html'];

/** Elements that have no end tag. */
const empty = [
  ...['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'keygen', 'link', 'meta'],
  ...['param', 'source', 'track', 'wbr'],
];

/** End tags of elements whose content is not indented. */
const flat = ['/html', '/!doctype', '/?xml'];

/** Levels of elements that are indented, and elements that are kept in mind, as in the ancestor. */
const deepest = 16;
const mostOpen = 17;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** XML and HTML, indented. They are not parsed: they need not be correct. */
export const xmlView: View = {
  name: 'xml/html',
  aliases: ['xml', 'html'],
  priority: (content, context) => {
    if (content.length === 0) return 0;
    if (types.includes(mediaType(context))) return 1;
    return looksLikeXml(content) ? 0.4 : 0;
  },
  render: (content) => {
    const text = utf8.decode(content).replace(/\r\n?/g, '\n');
    return { description: /html/i.test(text) ? 'HTML' : 'XML', lines: textLines(indented(xmlTokens(text))) };
  },
};

function indented(tokens: readonly XmlToken[]): string {
  const lines: string[] = [];
  const open = new OpenElements();
  const put = (text: string): void => {
    for (const line of trimmed(text)) lines.push(line === '' ? '' : indentation(open.depth, deepest) + line);
  };
  for (let i = 0; i < tokens.length; i++) {
    // The index is below the length.
    const token = tokens[i] as XmlToken;
    const opened = openedBy(token);
    const length = inlineLength(tokens, i);
    if (token.kind === 'tag' && token.text.startsWith('</')) open.close(nameOf(token.text));
    put(token.text);
    if (length > 1) lines.push((lines.pop() ?? '') + inlineText(tokens.slice(i + 1, i + length)));
    i += length - 1;
    if (opened !== undefined) open.add(`/${opened}`);
    if (length > 1) open.close(`/${opened ?? ''}`);
  }
  return lines.join('\n');
}

/** The end tags that are waited for, and the depth that they make. */
class OpenElements {
  depth = 0;
  private readonly tags: string[] = [];

  add(tag: string): void {
    if (this.tags.length === mostOpen) return;
    this.tags.push(tag);
    if (!flat.includes(tag)) this.depth++;
  }

  /** Ends the innermost element of this end tag and those within it; nothing when there is none. */
  close(tag: string): void {
    const at = this.tags.lastIndexOf(tag);
    if (at === -1) return;
    const indented = this.tags.splice(at).filter((each) => !flat.includes(each)).length;
    this.depth = Math.max(0, this.depth - Math.max(1, indented));
  }
}

/** What stands behind the start tag of an element on one line. */
function inlineText(tokens: readonly XmlToken[]): string {
  return tokens.map(({ kind, text }) => (kind === 'text' ? text.trim() : text)).join('');
}

/** How many tokens an element takes that stands on one line: its tags and text without a line end; else 1. */
function inlineLength(tokens: readonly XmlToken[], at: number): number {
  const name = openedBy(tokens[at]);
  if (name === undefined) return 1;
  const closes = (token: XmlToken | undefined): boolean => token?.kind === 'tag' && nameOf(token.text) === `/${name}`;
  const inner = tokens[at + 1];
  if (closes(inner)) return 2;
  return inner?.kind === 'text' && !inner.text.includes('\n') && closes(tokens[at + 2]) ? 3 : 1;
}

/** The name of the element that a token opens, if it opens one. */
function openedBy(token: XmlToken | undefined): string | undefined {
  if (token?.kind !== 'tag' || token.text.endsWith('/>')) return undefined;
  const name = nameOf(token.text);
  return name.startsWith('/') || empty.includes(name) ? undefined : name;
}

/** The first word in a tag, in lower case; of an end tag with its slash. */
function nameOf(tag: string): string {
  const name = /[^\s<>/"']+/.exec(tag)?.[0].toLowerCase() ?? '';
  return tag.startsWith('</') ? `/${name}` : name;
}

/** The lines of a text without those around it that are blank, moved left together. */
function trimmed(text: string): string[] {
  const [first = '', ...others] = text.split('\n').map((line) => (line.trim() === '' ? '' : line));
  // Behind a first line that has text, only blanks count, and not those of that line.
  const lines = first === '' ? movedLeft(others, /\S/) : [first.trimStart(), ...movedLeft(others, /[^ ]/)];
  const start = lines.findIndex((line) => line !== '');
  if (start === -1) return [];
  const end = lines.findLastIndex((line) => line !== '');
  return lines.slice(start, end + 1).map((line, i) => {
    const left = i === 0 ? line.trimStart() : line;
    return i === end - start ? left.trimEnd() : left;
  });
}

/** Lines without the white space that all of them begin with; `text` matches where it ends. */
function movedLeft(lines: readonly string[], text: RegExp): string[] {
  let margin: string | undefined;
  for (const line of lines) {
    if (line === '') continue;
    const own = line.slice(0, line.search(text));
    margin = margin === undefined ? own : commonStart(margin, own);
  }
  return lines.map((line) => line.slice(margin?.length ?? 0));
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
