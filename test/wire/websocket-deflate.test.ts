import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';
import type { DeflateRaw, InflateRaw } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreedDeflate, DeflateDirection, readExtensions } from '../../src/wire/websocket-deflate.js';

const free = { takeover: true, windowBits: 15 };
const mebibyte = 1024 * 1024;

describe('the extensions that were agreed on', () => {
  it.each([
    ['', []],
    ['permessage-deflate', [['permessage-deflate', {}]]],
    [' Permessage-Deflate ; A=1;b="2" ;c', [['permessage-deflate', { a: '1', b: '2', c: true }]]],
    [
      'x; q="a,b;\\"c", y',
      [
        ['x', { q: 'a,b;"c' }],
        ['y', {}],
      ],
    ],
    [
      'foo, bar; baz=2',
      [
        ['foo', {}],
        ['bar', { baz: '2' }],
      ],
    ],
  ])('reads %j', (field, expected) => {
    const found = readExtensions(field).map(({ name, parameters }) => [name, Object.fromEntries(parameters)]);
    expect(found).toEqual(expected);
  });

  it.each([
    ['permessage-deflate', free, free],
    ['permessage-deflate; client_no_context_takeover', { ...free, takeover: false }, free],
    [
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=9',
      free,
      { takeover: false, windowBits: 9 },
    ],
    ['permessage-deflate; client_max_window_bits="8"', { ...free, windowBits: 8 }, free],
    ['permessage-deflate; client_max_window_bits', free, free],
    ['permessage-deflate; client_max_window_bits=99', free, free],
  ])('understands %j', (field, client, server) => {
    expect(readExtensions(field).map(agreedDeflate)).toEqual([{ client, server }]);
  });

  it('knows no other extension', () => {
    expect(readExtensions('x-webkit-deflate-frame').map(agreedDeflate)).toEqual([undefined]);
  });
});

/** RFC 7692, section 7.2.3. */
describe('the examples of RFC 7692', () => {
  it.each([
    ['one block', 'f248cdc9c90700'],
    ['a block without compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['a block that is marked as the last', 'f348cdc9c9070000'],
    ['two blocks', 'f24805000000ffffcac9c90700'],
  ])('reads a message in %s', (_, bytes) => {
    const direction = new DeflateDirection(free, mebibyte);
    expect(direction.inflate(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))).toEqual(Buffer.from('Hello'));
  });

  it('refers back to the message before', () => {
    const direction = new DeflateDirection(free, mebibyte);
    expect(direction.inflate(Buffer.from('f248cdc9c90700', 'hex'))).toEqual(Buffer.from('Hello'));
    expect(direction.inflate(Buffer.from('f200110000', 'hex'))).toEqual(Buffer.from('Hello'));
  });

  it('makes the same messages', () => {
    const direction = new DeflateDirection(free, mebibyte);
    const deflated = [direction.deflate(Buffer.from('Hello')), direction.deflate(Buffer.from('Hello'))];
    expect(deflated.map((bytes) => (bytes as Buffer).toString('hex'))).toEqual(['f248cdc9c90700', 'f200110000']);
  });

  it('makes an empty message of one byte', () => {
    expect(new DeflateDirection(free, mebibyte).deflate(Buffer.alloc(0))).toEqual(Buffer.of(0));
  });
});

describe('what cannot be inflated', () => {
  const bomb = deflateRawSync(Buffer.alloc(10 * mebibyte), { finishFlush: constants.Z_SYNC_FLUSH });

  it('is refused when it is too large', () => {
    expect(() => new DeflateDirection(free, mebibyte).inflate(bomb)).toThrow(
      expect.objectContaining({ status: 1009, message: 'a message of more than 1048576 bytes' }),
    );
  });

  it('is refused when it is too large and worth a thread', async () => {
    const large = deflateRawSync(Buffer.alloc(100 * mebibyte), { finishFlush: constants.Z_SYNC_FLUSH });
    const inflating = new DeflateDirection(free, mebibyte).inflate(large);
    await expect(inflating).rejects.toMatchObject({ status: 1009 });
  });

  it('is refused when it is damaged', () => {
    expect(() => new DeflateDirection(free, mebibyte).inflate(Buffer.from('ffffff', 'hex'))).toThrow(
      expect.objectContaining({ status: 1007 }),
    );
  });

  it('is refused when it refers back to what may not be referred to', () => {
    const direction = new DeflateDirection({ ...free, takeover: false }, mebibyte);
    void direction.inflate(Buffer.from('f248cdc9c90700', 'hex'));
    expect(() => direction.inflate(Buffer.from('f200110000', 'hex'))).toThrow(
      expect.objectContaining({ status: 1007 }),
    );
  });
});

it('does not compress for a receiver with a window of 256 bytes, which zlib cannot', () => {
  const direction = new DeflateDirection({ ...free, windowBits: 8 }, mebibyte);
  void direction.inflate(Buffer.from('f248cdc9c90700', 'hex'));
  expect(direction.deflate(Buffer.from('changed'))).toBeUndefined();
  expect(direction.inStep).toBe(false);
});

describe('a sender and a receiver that keep their streams', () => {
  const content = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    fc.tuple(fc.string({ minLength: 1 }), fc.nat(40_000)).map(([text, length]) => Buffer.alloc(length, text)),
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  );
  const step = fc.record({
    content,
    fate: fc.constantFrom('pass', 'pass', 'change', 'drop', 'inject'),
    other: content,
  });
  const agreement = fc.record({ takeover: fc.boolean(), windowBits: fc.integer({ min: 9, max: 15 }) });

  it('understand each other whatever is changed, dropped or injected between them', async () => {
    await fc.assert(
      fc.asyncProperty(agreement, fc.array(step, { maxLength: 12 }), async (agreed, steps) => {
        const direction = new DeflateDirection(agreed, mebibyte);
        const sender = new Stream(() => createDeflateRaw({ windowBits: agreed.windowBits }), agreed.takeover);
        const receiver = new Stream(() => createInflateRaw({ windowBits: agreed.windowBits }), agreed.takeover);
        const tail = Buffer.of(0, 0, 0xff, 0xff);
        const expectReceived = async (deflated: Buffer | undefined, expected: Buffer): Promise<void> => {
          expect(await receiver.pass(Buffer.concat([deflated ?? Buffer.alloc(0), tail]))).toEqual(expected);
        };
        for (const { content, fate, other } of steps) {
          if (fate === 'inject') {
            await expectReceived(await direction.deflate(other), other);
            continue;
          }
          const sent = (await sender.pass(content)).subarray(0, -tail.length);
          const { inStep } = direction;
          expect(await direction.inflate(sent)).toEqual(content);
          if (fate === 'drop') direction.withheld();
          else if (fate === 'change') await expectReceived(await direction.deflate(other), other);
          else if (inStep) {
            direction.passed(content);
            await expectReceived(sent, content);
          } else await expectReceived(await direction.deflate(content), content);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('come into step again once 32 KiB have passed unchanged', () => {
    const direction = new DeflateDirection(free, mebibyte);
    void direction.deflate(Buffer.from('injected'));
    expect(direction.inStep).toBe(false);
    for (let i = 0; i < 32; i++) {
      const content = Buffer.alloc(1024, String(i));
      void direction.inflate(deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4));
      void direction.deflate(content);
    }
    expect(direction.inStep).toBe(true);
  });
});

/** zlib as a stream, flushed after each message. */
class Stream {
  private stream: DeflateRaw | InflateRaw;

  constructor(
    private readonly make: () => DeflateRaw | InflateRaw,
    private readonly keeps: boolean,
  ) {
    this.stream = make();
  }

  async pass(bytes: Buffer): Promise<Buffer> {
    if (!this.keeps) this.stream = this.make();
    const { stream } = this;
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer): unknown => chunks.push(chunk);
    stream.on('data', take);
    await new Promise<void>((resolve, reject) => {
      stream.once('error', reject);
      stream.write(bytes);
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        resolve();
      });
    });
    stream.off('data', take);
    return Buffer.concat(chunks);
  }
}
