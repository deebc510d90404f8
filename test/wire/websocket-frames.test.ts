import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import { encodeFrameHeader, FrameReader, mask, opcodeNames } from '../../src/wire/websocket-frames.js';
import type { FrameHeader, ReceivedFrame } from '../../src/wire/websocket-frames.js';
import { bytewise, cut } from './drive.js';

const plain = { fin: false, rsv1: false, rsv2: false, rsv3: false, opcode: 1, masked: false, length: 0 };
const key = Buffer.from('abcd');

describe('a frame header', () => {
  test.each<[Partial<FrameHeader>, string]>([
    [{}, '0100'],
    [{ fin: true }, '8100'],
    [{ rsv1: true }, '4100'],
    [{ rsv2: true }, '2100'],
    [{ rsv3: true }, '1100'],
    [{ opcode: 15 }, '0f00'],
    [{ masked: true }, '0180'],
    [{ masked: true, key }, '018061626364'],
    [{ masked: false, key }, '010061626364'],
    [{ length: 125 }, '017d'],
    [{ length: 126 }, '017e007e'],
    [{ length: 126, masked: true, key }, '01fe007e61626364'],
    [{ length: 65535 }, '017effff'],
    [{ length: 65536 }, '017f0000000000010000'],
    [{ length: 2 ** 53 - 1 }, '017f001fffffffffffff'],
    [{ length: 125n }, '017d'],
    [{ length: 2n ** 64n - 1n, masked: true }, '01ffffffffffffffffff'],
  ])('%o', (changes, hex) => {
    expect(encodeFrameHeader({ ...plain, ...changes }).toString('hex')).toBe(hex);
  });

  test('the opcodes that have a name', () => {
    expect(Object.fromEntries(opcodeNames)).toEqual({
      0: 'continue',
      1: 'text',
      2: 'binary',
      8: 'close',
      9: 'ping',
      10: 'pong',
    });
  });
});

describe('masking', () => {
  test('is as RFC 6455 has it, at any position and alignment, on any length', () => {
    const sizes = fc.oneof(fc.nat(20), fc.integer({ min: 50, max: 300 }));
    const positions = fc.oneof(
      fc.nat(9),
      fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 + 3 }),
      fc.integer({ min: 2 ** 52, max: 2 ** 52 + 9 }),
    );
    fc.assert(
      fc.property(
        sizes,
        fc.nat(7),
        positions,
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        (size, offset, position, maskingKey) => {
          const memory = Buffer.alloc(size + offset + 8);
          memory.forEach((_, i) => (memory[i] = (i * 7) & 0xff));
          const before = Buffer.from(memory);
          mask(memory.subarray(offset, offset + size), maskingKey, position);
          const expected = before.map((byte, i) =>
            i < offset || i >= offset + size ? byte : byte ^ (maskingKey[(position + i - offset) % 4] ?? 0),
          );
          expect(memory.equals(expected)).toBe(true);
        },
      ),
    );
  });
});

/** Frames out of chunks; a failure is the last entry. */
function frames(chunks: readonly Buffer[], maximumPayload?: number): (ReceivedFrame | string)[] {
  const reader = new FrameReader(maximumPayload === undefined ? {} : { maximumPayload });
  const found: (ReceivedFrame | string)[] = [];
  try {
    for (const chunk of chunks) {
      reader.receive(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) found.push(frame);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    found.push(error.message);
  }
  return found;
}

describe('the frame reader', () => {
  // prettier-ignore
  test.each<[hex: string, frame: Partial<ReceivedFrame>, payload: string]>([
    ['0100', { fin: false, opcode: 1, masked: false, length: 0, minimal: true, key: undefined }, ''],
    ['81026869', { fin: true, length: 2 }, 'hi'],
    ['818261626364090b', { masked: true, key, length: 2 }, 'hi'],
    ['7f00', { rsv1: true, rsv2: true, rsv3: true, opcode: 15 }, ''],
    ['817e000161', { length: 1, minimal: false }, 'a'],
    ['817f000000000000000161', { length: 1, minimal: false }, 'a'],
    ['817e007e' + '61'.repeat(126), { length: 126, minimal: true }, 'a'.repeat(126)],
    ['817f000000000000ffff' + '61'.repeat(65535), { length: 65535, minimal: false }, 'a'.repeat(65535)],
    ['817f0000000000010000' + '61'.repeat(65536), { length: 65536, minimal: true }, 'a'.repeat(65536)],
  ])('%#', (hex, expected, payload) => {
    const bytes = Buffer.from(hex, 'hex');
    for (const chunks of [[bytes], bytewise(bytes)]) {
      const [frame, ...more] = frames(chunks);
      expect(more).toEqual([]);
      expect(frame).toMatchObject(expected);
      if (typeof frame !== 'object') throw new Error('no frame');
      expect(frame.payload.toString('latin1')).toBe(payload);
      expect(frame.bytes.equals(bytes)).toBe(true);
    }
  });

  test('reads back what is written, however it arrives', () => {
    const frame = fc.record({
      fin: fc.boolean(),
      rsv1: fc.boolean(),
      rsv2: fc.boolean(),
      rsv3: fc.boolean(),
      opcode: fc.nat(15),
      key: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
      payload: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 120, maxLength: 130 })),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 8 }), (sent, places) => {
        const bytes = Buffer.concat(
          sent.flatMap(({ key: maskingKey, payload, ...head }) => {
            const body = Buffer.from(payload);
            if (maskingKey) mask(body, maskingKey, 0);
            return [
              encodeFrameHeader({ ...head, key: maskingKey, masked: maskingKey !== undefined, length: body.length }),
              body,
            ];
          }),
        );
        for (const chunks of [[bytes], bytewise(bytes), cut(bytes, places)]) {
          const read = frames(chunks).map((found) => {
            if (typeof found === 'string') return found;
            const { fin, rsv1, rsv2, rsv3, opcode, key: maskingKey, payload } = found;
            return {
              fin,
              rsv1,
              rsv2,
              rsv3,
              opcode,
              key: maskingKey && Uint8Array.from(maskingKey),
              payload: Uint8Array.from(payload),
            };
          });
          expect(read).toEqual(sent);
        }
      }),
    );
  });

  test('any bytes are frames, or too long a one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, places) => {
        const whole = frames([Buffer.from(bytes)]);
        expect(frames(cut(Buffer.from(bytes), places))).toEqual(whole);
      }),
    );
  });

  test('a payload that came whole is a view, and masking leaves what came as it was', () => {
    const bytes = Buffer.from('8102686981826162636409' + '0b', 'hex');
    const before = bytes.toString('hex');
    const [first] = frames([bytes]);
    expect(typeof first === 'object' && first.payload.buffer).toBe(bytes.buffer);
    expect(bytes.toString('hex')).toBe(before);
  });

  test('a payload beyond the bound is refused by its header', () => {
    expect(frames([Buffer.from('8104', 'hex')], 3)).toEqual(['a frame payload of 4 bytes is more than 3']);
    expect(frames([Buffer.from('8103616161', 'hex')], 3)).toHaveLength(1);
    expect(frames([Buffer.from('817fffffffffffffffff', 'hex')])).toEqual([
      'a frame payload of 18446744073709551615 bytes is more than 67108864',
    ]);
  });

  test('says how much of a frame waits', () => {
    const reader = new FrameReader();
    reader.receive(Buffer.from('8105616263', 'hex'));
    expect([reader.next(), reader.waiting]).toEqual([undefined, 5]);
  });

  test('a frame that comes byte by byte is linear work', () => {
    const copy = vi.spyOn(Uint8Array.prototype, 'set');
    const payload = Buffer.alloc(60_000, 'a');
    const reader = new FrameReader();
    for (const chunk of bytewise(Buffer.concat([encodeFrameHeader({ ...plain, length: payload.length }), payload]))) {
      reader.receive(chunk);
      if (reader.next() !== undefined) break;
    }
    const copied = copy.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    copy.mockRestore();
    expect(reader.waiting).toBe(0);
    expect(copied).toBeLessThan(4 * payload.length);
  });
});
