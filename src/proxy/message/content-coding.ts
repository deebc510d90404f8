/** Content codings, both ways (RFC 9110, section 8.4.1). */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { ContentError, isError } from '../../errors.js';
import { decodeZstd } from './zstd-decode.js';
import { encodeZstd } from './zstd-encode.js';

/**
 * Bytes that a body may have once its content coding is undone, 256 MiB: a few bytes may claim to be gigabytes. Of what
 * is larger, `content` and `text` throw a `ContentError`.
 */
export const maximumDecoded = 256 * 1024 * 1024;

interface Coding {
  /** @param limit bytes that may come of it */
  decode(bytes: Buffer, limit: number): Buffer;
  encode(bytes: Buffer): Buffer;
}

// The best quality of Brotli takes a minute for what this one does in a second.
const brotliQuality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

const identity: Coding = { decode: (bytes) => bytes, encode: (bytes) => bytes };

/** Deflate means zlib's format, and many senders mean the bare one. */
const deflate: Coding = {
  decode: (bytes, limit) => {
    try {
      return inflateSync(bytes, { maxOutputLength: limit });
    } catch (error) {
      if (isTooLarge(error)) throw error;
      return inflateRawSync(bytes, { maxOutputLength: limit });
    }
  },
  encode: (bytes) => deflateSync(bytes),
};

const codings: Readonly<Record<string, Coding>> = {
  identity,
  none: identity,
  gzip: { decode: gunzip, encode: (bytes) => gzipSync(bytes) },
  deflate,
  deflateraw: deflate,
  br: {
    decode: unbrotli,
    encode: (bytes) => brotliCompressSync(bytes, brotliQuality),
  },
  zstd: { decode: decodeZstd, encode: encodeZstd },
  // The ancestor takes any codec of Python for a coding; these are the ones that give bytes.
  hex: { decode: (bytes) => digits(bytes, 'hex'), encode: (bytes) => Buffer.from(bytes.toString('hex')) },
  base64: { decode: (bytes) => digits(bytes, 'base64'), encode: (bytes) => Buffer.from(bytes.toString('base64')) },
};

/**
 * Undoes a coding. Nothing decodes to nothing.
 * @param limit bytes that may come of it
 * @throws {ContentError} when it is unknown, the bytes are none of it, or more would come of them
 */
export function decodeContent(bytes: Buffer, name: string, limit = maximumDecoded): Buffer {
  const coding = codingFor(name);
  if (bytes.length === 0) return bytes;
  try {
    return coding.decode(bytes, limit);
  } catch (error) {
    if (isTooLarge(error)) {
      throw new ContentError(`the body, decoded as ${name}, has more than ${String(limit)} bytes`);
    }
    const why = isError(error) ? `: ${error.message}` : '';
    throw new ContentError(`the body cannot be decoded as ${name}${why}`);
  }
}

/** Applies a coding. @throws {ContentError} when it is unknown */
export function encodeContent(bytes: Buffer, name: string): Buffer {
  return codingFor(name).encode(bytes);
}

function codingFor(name: string): Coding {
  const key = name.toLowerCase();
  const coding = Object.hasOwn(codings, key) ? codings[key] : undefined;
  if (coding === undefined) throw new ContentError(`there is no content coding ${JSON.stringify(name)}`);
  return coding;
}

/** All members of a gzip file; zeros may follow, as the format says, and nothing else. */
function gunzip(bytes: Buffer, limit: number): Buffer {
  const parts: Buffer[] = [];
  let room = limit;
  for (let rest = bytes; rest.some((byte) => byte !== 0);) {
    // The bound is no smaller than 1.
    const [part, used] = decodeOne(gunzipSync, rest, Math.max(1, room));
    parts.push(part);
    room -= part.length;
    rest = rest.subarray(used);
  }
  return Buffer.concat(parts);
}

/** Nothing may follow. */
function unbrotli(bytes: Buffer, limit: number): Buffer {
  const [content, used] = decodeOne(brotliDecompressSync, bytes, limit);
  if (used < bytes.length) throw new Error('something follows the end of the data');
  return content;
}

/** Decodes and gives how many bytes were used: the platform stops in silence at what it does not know. */
function decodeOne(
  decode: (bytes: Buffer, options: { maxOutputLength: number; info: true }) => unknown,
  bytes: Buffer,
  room: number,
): [content: Buffer, used: number] {
  // What zlib gives with the option `info`; its types leave it out.
  const { buffer, engine } = decode(bytes, { maxOutputLength: room, info: true }) as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  if (engine.bytesWritten === 0) throw new Error('it is empty');
  return [buffer, engine.bytesWritten];
}

/** Whether a decoder gave up because more came of it than it was allowed. */
function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function digits(bytes: Buffer, encoding: 'hex' | 'base64'): Buffer {
  const text = bytes.toString('latin1').replace(/\s/g, '');
  const decoded = Buffer.from(text, encoding);
  if (decoded.toString(encoding) !== (encoding === 'hex' ? text.toLowerCase() : text)) throw new Error('wrong digits');
  return decoded;
}
