/** What the heads of images say, as names with values, in the words of the ancestor. */
import { inflateSync } from 'node:zlib';
import { pythonRepr } from '../filter/python-text.js';
import { encodePythonFloat } from '../storage/python-number.js';
import { ByteCursor } from './byte-cursor.js';

/** A fact: its name and its value. */
export type Fact = readonly [name: string, value: string];

/** PNG (ISO/IEC 15948): size, gamma, density and texts. Read to its end. */
export function pngFacts(content: Buffer): Fact[] {
  const cursor = new ByteCursor(content);
  cursor.take(8);
  const facts: Fact[] = [['Format', 'Portable network graphics']];
  for (let type = ''; type !== 'IEND';) {
    const length = cursor.uint32();
    type = cursor.take(4).toString('latin1');
    const data = cursor.take(length);
    cursor.take(4);
    const fact = pngChunks[type]?.(data);
    if (fact !== undefined) facts.push(fact);
  }
  return facts;
}

const pngChunks: Readonly<Record<string, (data: Buffer) => Fact>> = {
  IHDR: (data) => ['Size', `${String(data.readUInt32BE())} x ${String(data.readUInt32BE(4))} px`],
  gAMA: (data) => ['gamma', encodePythonFloat(data.readUInt32BE() / 100000)],
  pHYs: (data) => ['aspect', `${String(data.readUInt32BE())} x ${String(data.readUInt32BE(4))}`],
  tEXt: (data) => {
    const [keyword, text] = splitOnce(data, 0);
    return [keyword, text.toString('latin1')];
  },
  zTXt: (data) => {
    const [keyword, rest] = splitOnce(data, 0);
    return [keyword, inflateSync(rest.subarray(1), { maxOutputLength: mostText }).toString('latin1')];
  },
  iTXt: (data) => {
    const [keyword, rest] = splitOnce(data, 0);
    const [, translated] = splitOnce(rest.subarray(2), 0);
    const [, text] = splitOnce(translated, 0);
    const plain = rest[0] === 1 ? inflateSync(text, { maxOutputLength: mostText }) : text;
    return [keyword, plain.toString('utf8')];
  },
};

/** Bytes of a text that was compressed; longer ones are refused. */
const mostText = 1024 * 1024;

/** GIF87a and GIF89a: size, background, and the first comment. */
export function gifFacts(content: Buffer): Fact[] {
  const cursor = new ByteCursor(content);
  const version = cursor.take(6).toString('latin1');
  const screen = cursor.take(7);
  const flags = screen.readUInt8(4);
  if ((flags & 0x80) !== 0) cursor.take(3 << ((flags & 7) + 1));
  const facts: Fact[] = [
    ['Format', 'Compuserve GIF'],
    ['Version', version],
    ['Size', `${String(screen.readUInt16LE())} x ${String(screen.readUInt16LE(2))} px`],
    ['background', String(screen.readUInt8(5))],
  ];
  const comment = gifComment(cursor);
  if (comment !== undefined) facts.push(['comment', pythonRepr(comment)]);
  return facts;
}

/** The first part of the first comment. All blocks are read. */
function gifComment(cursor: ByteCursor): Buffer | undefined {
  let comment: Buffer | undefined;
  while (!cursor.isAtEnd) {
    const kind = cursor.uint8();
    if (kind === 0x3b) break;
    if (kind === 0x2c) {
      const flags = cursor.take(9).readUInt8(8);
      if ((flags & 0x80) !== 0) cursor.take(3 << ((flags & 7) + 1));
      cursor.take(1);
      subBlocks(cursor);
    } else if (kind === 0x21) {
      const label = cursor.uint8();
      const [first] = subBlocks(cursor);
      if (label === 0xfe) comment ??= first;
    } else throw new RangeError('a block of a kind that is not known');
  }
  return comment;
}

function subBlocks(cursor: ByteCursor): Buffer[] {
  const blocks: Buffer[] = [];
  for (let length = cursor.uint8(); length > 0; length = cursor.uint8()) blocks.push(cursor.take(length));
  return blocks;
}

/** JPEG (ISO 10918): what JFIF says, the first comment, and the size of a baseline image. */
export function jpegFacts(content: Buffer): Fact[] {
  const cursor = new ByteCursor(content);
  cursor.take(2);
  const facts = new Map<string, string>([['Format', 'JPEG (ISO 10918)']]);
  while (!cursor.isAtEnd) {
    if (cursor.uint8() !== 0xff) throw new RangeError('a segment was expected');
    const kind = cursor.uint8();
    if (kind === 0xd9) break;
    const data = cursor.take(Math.max(0, cursor.uint16() - 2));
    for (const [name, value] of jpegSegment(kind, data)) if (!facts.has(name)) facts.set(name, value);
    if (kind === 0xda) break;
  }
  return [...facts];
}

function jpegSegment(kind: number, data: Buffer): Fact[] {
  if (kind === 0xfe) return [['comment', pythonRepr(data)]];
  if (kind === 0xc0) return [['Size', `${String(data.readUInt16BE(3))} x ${String(data.readUInt16BE(1))} px`]];
  if (kind !== 0xe0 || data.toString('latin1', 0, 5) !== 'JFIF\0') return [];
  return [
    ['jfif_version', `(${String(data.readUInt8(5))}, ${String(data.readUInt8(6))})`],
    ['jfif_density', `(${String(data.readUInt16BE(8))}, ${String(data.readUInt16BE(10))})`],
    ['jfif_unit', String(data.readUInt8(7))],
  ];
}

/** Icons of Windows: each image of the file. */
export function icoFacts(content: Buffer): Fact[] {
  const count = content.readUInt16LE(4);
  const facts: Fact[] = [
    ['Format', 'ICO'],
    ['Number of images', String(count)],
  ];
  for (let i = 0; i < count; i++) {
    const entry = content.subarray(6 + 16 * i, 22 + 16 * i);
    const bytes = content.subarray(entry.readUInt32LE(12));
    const isPng = bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n';
    if (bytes.length === 0) throw new RangeError('an image is missing');
    // 256 is written as 0. The lines below the first stand under it.
    const size = `Size: ${String(entry.readUInt8(0) || 256)} x ${String(entry.readUInt8(1) || 256)}`;
    const parts = [size, `Bits per pixel: ${String(entry.readUInt16LE(6))}`, `PNG: ${isPng ? 'True' : 'False'}`];
    facts.push([`Image ${String(i + 1)}`, parts.join(`\n${' '.repeat(18)}`)]);
  }
  return facts;
}

function splitOnce(data: Buffer, byte: number): readonly [before: string, after: Buffer] {
  const at = data.indexOf(byte);
  if (at === -1) throw new RangeError('a text has no end');
  return [data.toString('latin1', 0, at), data.subarray(at + 1)];
}
