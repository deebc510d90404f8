/** `multipart/form-data` as the ancestor reads it: names and values, without the files' own headers (RFC 7578). */
import { createHash } from 'node:crypto';
import { ContentError } from '../../errors.js';
import { parseContentType } from './content-type.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** A field. The name is UTF-8 that loses no byte. */
export type FormField = readonly [name: string, value: Buffer];

/**
 * The fields of a form. Line ends within a value are dropped, as in the ancestor.
 * @param contentType the header, which names the boundary
 * @returns `undefined` when a part has no end of its header
 */
export function decodeMultipart(contentType: string, content: Buffer): FormField[] | undefined {
  const boundary = parseContentType(contentType)?.parameters.get('boundary');
  if (boundary === undefined || boundary === '' || /[^\0-\x7f]/.test(boundary)) return [];
  const fields: FormField[] = [];
  for (const part of content.toString('latin1').split(`--${boundary}`)) {
    const lines = part.split(/\r\n|[\r\n]/);
    if (lines.at(-1) === '') lines.pop();
    if (lines.length < 2 || lines[0]?.startsWith('--')) continue;
    const name = /\bname="([^"]+)"/.exec(lines[1] ?? '')?.[1];
    if (name === undefined) continue;
    const blank = lines.indexOf('', 2);
    if (blank === -1) return undefined;
    fields.push([decodeUtf8(Buffer.from(name, 'latin1')), Buffer.from(lines.slice(blank + 1).join(''), 'latin1')]);
  }
  return fields;
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
    if (value.includes(boundary)) throw new ContentError('a field of the form holds the boundary');
    if (name !== '') {
      lines.push(
        Buffer.from(`--${boundary}`),
        Buffer.concat([Buffer.from('Content-Disposition: form-data; name="'), encodeUtf8(name), Buffer.from('"')]),
        Buffer.from('Content-Type: text/plain; charset=utf-8'),
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
