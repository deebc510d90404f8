/** The content codings that a body can be sent in (RFC 9110, section 8.4.1). */
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { RenderError } from '../errors.js';
import { readSegment } from './plan.js';
import type { Segment } from './plan.js';

/** The names, as Content-Encoding has them. */
export const codings = ['gzip', 'deflate', 'br'] as const;

/** One of {@link codings}. */
export type Coding = (typeof codings)[number];

/** Whether a word names a coding. */
export function isCoding(name: string): name is Coding {
  return (codings as readonly string[]).includes(name);
}

/** Bytes that a body may have to be encoded: it is done at once, while everything else waits. */
export const maximumEncoded = 16 * 1024 * 1024;

// The best quality of Brotli takes a minute for what this one does in a second.
const brotliQuality = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

const encoders: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, brotliQuality),
};

/** A body as it is sent. @throws {RenderError} for more than {@link maximumEncoded} bytes */
export function encodeContent(coding: Coding, content: Segment): Buffer {
  if (content.length <= maximumEncoded) return encoders[coding](readSegment(content, 0, content.length));
  throw new RenderError(
    `a body of ${String(content.length)} bytes is too long to be sent as ${coding}: at most ${String(maximumEncoded)} bytes are encoded`,
  );
}
