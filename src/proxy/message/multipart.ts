/**
 * `multipart/form-data` as the ancestor reads it: names and values, without the files' own headers (RFC 7578). Unlike
 * there, a form that is changed keeps the headers of its parts, and the parts that were not changed.
 */
import { createHash } from 'node:crypto';
import { ContentError } from '../../errors.js';
import { parseContentType } from './content-type.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** A field. The name is UTF-8 that loses no byte. */
export type FormField = readonly [name: string, value: Buffer];

/** What stands between two boundaries, with a character a byte. */
interface Part {
  /** Undefined when it is no field. */
  readonly field: FormField | undefined;
  /** All of it, from behind the boundary to the line end before the next one. */
  readonly text: string;
  /** As much of it as stands before the value. */
  readonly head: string;
}

/**
 * The fields of a form. Line ends within a value are dropped, as in the ancestor.
 * @param contentType the header, which names the boundary
 * @returns `undefined` when a part has no end of its header
 */
export function decodeMultipart(contentType: string, content: Buffer): FormField[] | undefined {
  return partsOf(boundaryOf(contentType), content)?.flatMap(({ field }) => (field === undefined ? [] : [field]));
}

/** The boundary as it stands in the body; empty when there is none that can. */
function boundaryOf(contentType: string): string {
  const boundary = parseContentType(contentType)?.parameters.get('boundary') ?? '';
  return /[^\0-\x7f]/.test(boundary) ? '' : boundary;
}

function partsOf(boundary: string, content: Buffer): Part[] | undefined {
  if (boundary === '') return [];
  const parts: Part[] = [];
  for (const [index, text] of content.toString('latin1').split(`--${boundary}`).entries()) {
    const lines = text.split(lineEnd);
    if (lines.at(-1) === '') lines.pop();
    if (lines.length < 2 || lines[0]?.startsWith('--')) continue;
    const name = /\bname="([^"]+)"/.exec(lines[1] ?? '')?.[1];
    if (name === undefined) {
      // What stands before the first boundary is no part (RFC 2046, section 5.1.1).
      if (index > 0) parts.push({ field: undefined, text, head: '' });
      continue;
    }
    const blank = lines.indexOf('', 2);
    if (blank === -1) return undefined;
    const value = Buffer.from(lines.slice(blank + 1).join(''), 'latin1');
    parts.push({ field: [decodeUtf8(Buffer.from(name, 'latin1')), value], text, head: headOf(text, blank) });
  }
  return parts;
}

const lineEnd = /\r\n|[\r\n]/;

/** What stands before a value: so many lines, and the blank one. */
function headOf(text: string, lines: number): string {
  const ends = [...text.matchAll(new RegExp(lineEnd, 'g'))];
  const last = ends[lines];
  return last === undefined ? `${text}\r\n` : text.slice(0, last.index + last[0].length);
}

/**
 * The body of a form that has other fields now. Of a field that was there before, the headers stay; when its value is
 * the same, all of it. What is no field stays as well, behind the fields.
 * @param content the body of the form before
 * @returns as {@link encodeMultipart}, which it is when the body had no parts
 * @throws {ContentError} when a value holds the boundary
 */
export function changeMultipart(
  contentType: string,
  content: Buffer,
  fields: readonly FormField[],
): Buffer | undefined {
  const boundary = boundaryOf(contentType);
  const parts = partsOf(boundary, content) ?? [];
  if (parts.length === 0) return encodeMultipart(contentType, fields);
  const left = [...parts];
  const take = (isMeant: (field: FormField) => boolean): Part | undefined => {
    const at = left.findIndex(({ field }) => field !== undefined && isMeant(field));
    return at === -1 ? undefined : left.splice(at, 1)[0];
  };
  // All of these first, so that none of them is taken for another field of its name.
  const same = fields.map(([name, value]) => take((field) => field[0] === name && field[1].equals(value)));
  const texts = fields.map(
    ([name, value], index) =>
      same[index]?.text ?? withValue(take((field) => field[0] === name)?.head ?? headFor(name), value, boundary),
  );
  const others = parts.filter(({ field }) => field === undefined).map(({ text }) => text);
  const body = [...texts, ...others].map((text) => `--${boundary}${/[\r\n]$/.test(text) ? text : `${text}\r\n`}`);
  return Buffer.from(`${body.join('')}--${boundary}--\r\n`, 'latin1');
}

function headFor(name: string): string {
  const disposition = `Content-Disposition: form-data; name="${encodeUtf8(name).toString('latin1')}"`;
  return `\r\n${disposition}\r\n${plainText}\r\n\r\n`;
}

function withValue(head: string, value: Buffer, boundary: string): string {
  demandNone(boundary, value);
  return `${head}${value.toString('latin1')}\r\n`;
}

const plainText = 'Content-Type: text/plain; charset=utf-8';

function demandNone(boundary: string, value: Buffer): void {
  if (value.includes(boundary)) throw new ContentError('a field of the form holds the boundary');
}

/**
 * The body of a form.
 * @returns `undefined` when the header is no media type, and nothing when it names no boundary
 * @throws {ContentError} when a value holds the boundary
 */
export function encodeMultipart(contentType: string, fields: readonly FormField[]): Buffer | undefined {
  const type = parseContentType(contentType);
  if (type === undefined) return undefined;
  const boundary = quoted(type.parameters.get('boundary') ?? '');
  if (boundary === '') return Buffer.alloc(0);
  const lines: Buffer[] = [];
  for (const [name, value] of fields) {
    demandNone(boundary, value);
    if (name !== '') {
      lines.push(
        Buffer.from(`--${boundary}`),
        Buffer.concat([Buffer.from('Content-Disposition: form-data; name="'), encodeUtf8(name), Buffer.from('"')]),
        Buffer.from(plainText),
        Buffer.alloc(0),
        value,
      );
    }
    lines.push(Buffer.alloc(0));
  }
  lines.push(Buffer.from(`--${boundary}--\r\n`));
  return Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from('\r\n'), line])));
}

/** A boundary for these fields that stands in none of them. */
export function boundaryFor(fields: readonly FormField[]): string {
  const hash = createHash('sha256');
  for (const [name, value] of fields) hash.update(`${name}\0`).update(value);
  return `${'-'.repeat(20)}${hash.digest('hex').slice(0, 32)}`;
}

/** A boundary as it is written, percent-encoded where it holds what may not stand in it. */
function quoted(boundary: string): string {
  return encodeURI(boundary).replace(/[!#$&'()*+,:;=?@[\]]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
