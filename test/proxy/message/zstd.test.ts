import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeZstd } from '../../../src/proxy/message/zstd-decode.js';
import { encodeZstd } from '../../../src/proxy/message/zstd-encode.js';

const limit = 8 * 1024 * 1024;
// Made by the reference implementation with many levels, with and without sizes and checksums.
const contents = JSON.parse(readFileSync('fixtures/proxy/zstd/contents.json', 'utf8')) as Record<
  string,
  { readonly length: number; readonly sha256: string }
>;

describe('Zstandard', () => {
  it.each(Object.entries(contents))('decodes %s', (name, { length, sha256 }) => {
    const bytes = decodeZstd(readFileSync(`fixtures/proxy/zstd/${name}`), limit);
    expect(bytes.length).toBe(length);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  });

  it('decodes what it encoded, several frames in a row too', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 4 }), (parts) => {
        const frames = parts.map((part) => encodeZstd(Buffer.from(part)));
        expect(decodeZstd(Buffer.concat(frames), limit)).toEqual(Buffer.concat(parts));
      }),
    );
    const large = Buffer.alloc(300_000, 'abc');
    expect(decodeZstd(encodeZstd(large), limit).equals(large)).toBe(true);
  });

  it('passes over skippable frames', () => {
    const skippable = Buffer.from('502a4d1803000000aabbcc', 'hex');
    expect(decodeZstd(Buffer.concat([skippable, encodeZstd(Buffer.from('x'))]), limit).toString()).toBe('x');
  });

  it('stops at its limit', () => {
    expect(() => decodeZstd(encodeZstd(Buffer.alloc(1000)), 999)).toThrow('longer than 999 bytes');
  });

  it('throws for damage, and never anything but an error', () => {
    const frame = readFileSync('fixtures/proxy/zstd/33.zst');
    fc.assert(
      fc.property(
        fc.nat(frame.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(frame.length),
        (at, change, end) => {
          const damaged = Buffer.from(frame.subarray(0, end));
          if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ change;
          try {
            decodeZstd(damaged, limit);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
    );
    expect(() => decodeZstd(Buffer.from('nope, none'), limit)).toThrow('not Zstandard');
  });
});
