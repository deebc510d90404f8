/**
 * Text in the charsets that bodies are sent in. The tables are those of the platform's TextDecoder; for
 * writing, they are turned around. Names are told apart as Python does, whose users wrote them.
 */
import type { TextDecoder as Decoder } from 'node:util';
import { ContentError } from '../../errors.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

interface Charset {
  /** Gives `undefined` for bytes that are no text. */
  decode(bytes: Buffer): string | undefined;
  /** Gives `undefined` for text that cannot be expressed. */
  encode(text: string): Buffer | undefined;
}

/** Reads a text. @param name of the charset. @throws {ContentError} for an unknown charset, or bytes that are none of it */
export function decodeText(bytes: Buffer, name: string): string {
  const text = charsetOf(name).decode(bytes);
  if (text === undefined) throw new ContentError(`the body is not text in the charset ${name}`);
  return text;
}

/** Writes a text. @throws {ContentError} for an unknown charset, or text that it cannot express */
export function encodeText(text: string, name: string): Buffer {
  const bytes = charsetOf(name).encode(text);
  if (bytes === undefined) throw new ContentError(`the text cannot be written in the charset ${name}`);
  return bytes;
}

const utf8: Charset = {
  decode: (bytes) => wellFormed(decodeUtf8(bytes)),
  encode: (text) => (text.isWellFormed() ? encodeUtf8(text) : undefined),
};

/** Where a charset has no character for a byte. */
const gap = '\ufffd';

/** The characters of the bytes 0x80 to 0xFF in charsets that the platform lacks, or, the first one, has wrong. */
const upperHalves: Readonly<Record<string, string>> = {
  'windows-1252':
    '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ' +
    Array.from({ length: 0x60 }, (_, i) => String.fromCharCode(0xa0 + i)).join(''),
  cp437:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
    '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0',
  cp850:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐' +
    '└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\xad±‗¾¶§÷¸°¨·¹³²■\xa0',
};

/** The charsets that are not tables. Names have underscores for whatever is no letter or digit. */
const builtIn: readonly (readonly [names: readonly string[], charset: Charset])[] = [
  [['utf_8', 'utf8', 'u8', 'utf', 'cp65001'], utf8],
  [
    ['utf_8_sig', 'utf8_sig'],
    {
      decode: (bytes) => utf8.decode(bytes)?.replace(/^\ufeff/, ''),
      encode: (text) => utf8.encode(`\ufeff${text}`),
    },
  ],
  [['latin_1', 'latin1', 'latin', 'l1', 'iso_8859_1', 'iso8859_1', 'iso8859', '8859', 'cp819'], narrow(0xff)],
  [['ascii', 'us_ascii', '646', 'iso646_us', 'us'], narrow(0x7f)],
  [['windows_1252', 'cp1252', '1252'], byHalf('windows-1252')],
  [['cp437', '437', 'ibm437'], byHalf('cp437')],
  [['cp850', '850', 'ibm850'], byHalf('cp850')],
  [['utf_16', 'utf16', 'u16'], wide('utf-16le', true)],
  [['utf_16_le', 'utf_16le', 'unicodelittleunmarked'], wide('utf-16le', false)],
  [['utf_16_be', 'utf_16be', 'unicodebigunmarked'], wide('utf-16be', false)],
];

/** Names of tables that TextDecoder knows by another name. */
const aliases: Readonly<Record<string, string>> = {
  932: 'shift_jis',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  s_jis: 'shift_jis',
  shiftjis: 'shift_jis',
  ujis: 'euc-jp',
  eucjp: 'euc-jp',
  euckr: 'euc-kr',
  cp949: 'euc-kr',
  uhc: 'euc-kr',
  936: 'gbk',
  cp936: 'gbk',
  gb2312: 'gbk',
  cp950: 'big5',
  iso2022_jp: 'iso-2022-jp',
  ...{ latin2: 'iso-8859-2', l2: 'iso-8859-2', latin3: 'iso-8859-3', latin4: 'iso-8859-4', latin5: 'windows-1254' },
  ...{ latin9: 'iso-8859-15', l9: 'iso-8859-15' },
  mac_roman: 'macintosh',
  macroman: 'macintosh',
};

/** What TextDecoder knows and no sender means. */
const notMeant = /^(x-user-defined|replacement|hz-gb-2312|unicode|l\d)$/;

const known = new Map<string, Charset>(builtIn.flatMap(([names, charset]) => names.map((name) => [name, charset])));

function charsetOf(name: string): Charset {
  const key = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '_')
    .replace(/^_|_$/g, '');
  const found = known.get(key) ?? tableFor(key);
  if (found === undefined) throw new ContentError(`there is no charset ${JSON.stringify(name)}`);
  known.set(key, found);
  return found;
}

/** A charset that TextDecoder has a table for. */
function tableFor(key: string): Charset | undefined {
  const plain = key.replace(/^cp(125\d|866|874)$/, 'windows-$1').replace(/^windows-866$/, 'ibm866');
  const iso = plain.replace(/^iso_?8859_?(\d+)$/, 'iso-8859-$1');
  for (const label of [aliases[key], iso, iso.replaceAll('_', '-')]) {
    if (label === undefined || notMeant.test(label)) continue;
    try {
      return table(new TextDecoder(label, { fatal: true, ignoreBOM: true }));
    } catch {
      // Not a label; the next spelling may be one.
    }
  }
  return undefined;
}

function table(decoder: Decoder): Charset {
  const isWindows = decoder.encoding.startsWith('windows-');
  let reverse: ReadonlyMap<string, Buffer> | undefined;
  const decode = (bytes: Buffer): string | undefined => {
    // The platform fills gaps with control characters, and gives the euro sign a byte that is none of it.
    const isEast = /^(gb|shift_jis|euc|big5)/.test(decoder.encoding);
    if (isEast && hasLone80(bytes, decoder)) return undefined;
    const text = tryDecode(decoder, bytes);
    return isWindows && text !== undefined && /[\x80-\x9f]/.test(text) ? undefined : text;
  };
  return {
    decode,
    encode: (text) => {
      if (/^[\0-\x7f]*$/.test(text)) return Buffer.from(text, 'latin1');
      const hasFour = decoder.encoding === 'gb18030';
      reverse ??= turnedAround(decode, hasFour);
      return encodeBy(reverse, text, hasFour);
    },
  };
}

/** Whether a byte 0x80 stands where a character begins, which the platform takes for a character. */
function hasLone80(bytes: Buffer, decoder: Decoder): boolean {
  for (let at = bytes.indexOf(0x80); at !== -1; at = bytes.indexOf(0x80, at + 1)) {
    if (tryDecode(decoder, bytes.subarray(0, at)) !== undefined) return true;
  }
  return false;
}

function tryDecode(decoder: Decoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The shortest bytes of every character: of one, two or three bytes, in GB 18030 of four. */
function turnedAround(decode: Charset['decode'], hasFour: boolean): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  const add = (bytes: Buffer): boolean => {
    const text = decode(bytes);
    if (text === undefined) return false;
    if ([...text].length === 1 && !found.has(text)) found.set(text, bytes);
    return true;
  };
  for (let lead = 0; lead < 0x100; lead++) {
    if (add(Buffer.of(lead))) continue;
    for (let trail = 0x30; trail < 0x100; trail++) {
      const isWhole = add(Buffer.of(lead, trail));
      if (isWhole || lead !== 0x8f || trail < 0xa1) continue;
      for (let third = 0xa1; third < 0xff; third++) add(Buffer.of(lead, trail, third));
    }
  }
  for (let pointer = 0; hasFour && pointer < fourBytePointers; pointer++) add(fourBytes(pointer));
  return found;
}

/** Characters of four bytes below U+10000; those above follow in order, from this pointer on. */
const fourBytePointers = 39420;
const highPointer = 189000;

/** The four bytes of a pointer into the table of GB 18030. */
function fourBytes(pointer: number): Buffer {
  const third = Math.floor(pointer / 10);
  const second = Math.floor(third / 126);
  return Buffer.of(
    ...[0x81 + Math.floor(second / 10), 0x30 + (second % 10), 0x81 + (third % 126), 0x30 + (pointer % 10)],
  );
}

function encodeBy(reverse: ReadonlyMap<string, Buffer>, text: string, hasFour: boolean): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (const character of text) {
    const high = (character.codePointAt(0) ?? 0) - 0x10000;
    const bytes = reverse.get(character) ?? (hasFour && high >= 0 ? fourBytes(highPointer + high) : undefined);
    if (bytes === undefined) return undefined;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** A charset whose bytes are the first characters of Unicode. */
function narrow(last: number): Charset {
  return {
    decode: (bytes) => (bytes.some((byte) => byte > last) ? undefined : bytes.toString('latin1')),
    encode: (text) => {
      for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > last) return undefined;
      return Buffer.from(text, 'latin1');
    },
  };
}

/** A charset of a byte a character, ASCII in its lower half. */
function byHalf(name: string): Charset {
  const upper = upperHalves[name] ?? '';
  return {
    decode: (bytes) => {
      const text = bytes
        .toString('latin1')
        .replace(/[\x80-\xff]/g, (character) => upper[character.charCodeAt(0) - 0x80] ?? gap);
      return text.includes(gap) ? undefined : text;
    },
    encode: (text) => {
      const codes = Array.from(text, (character) => {
        if (character < '\x80') return character.charCodeAt(0);
        const at = character === gap ? -1 : upper.indexOf(character);
        return at === -1 ? -1 : 0x80 + at;
      });
      return codes.includes(-1) ? undefined : Buffer.from(codes);
    },
  };
}

function wide(label: string, hasMark: boolean): Charset {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  const other = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true });
  return {
    decode: (bytes) => {
      const mark = hasMark && bytes.length > 1 ? bytes.readUInt16LE() : 0;
      if (mark === 0xfffe) return tryDecode(other, bytes.subarray(2));
      return tryDecode(decoder, mark === 0xfeff ? bytes.subarray(2) : bytes);
    },
    encode: (text) => {
      if (!text.isWellFormed()) return undefined;
      const bytes = Buffer.from((hasMark ? '\ufeff' : '') + text, 'utf16le');
      return label === 'utf-16be' ? bytes.swap16() : bytes;
    },
  };
}

function wellFormed(text: string): string | undefined {
  return text.isWellFormed() ? text : undefined;
}
