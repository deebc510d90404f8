import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ByteQueue } from '../../src/wire/byte-queue.js';

describe('the byte queue', () => {
  test('hands out views of a chunk that came alone', () => {
    const chunk = Buffer.from('line\nrest');
    const queue = new ByteQueue();
    queue.push(chunk);
    const line = queue.take(queue.indexOf(0x0a) + 1);
    const rest = queue.takeAll();
    expect([line.toString(), rest.toString()]).toEqual(['line\n', 'rest']);
    expect([line.buffer, line.byteOffset]).toEqual([chunk.buffer, chunk.byteOffset]);
    expect([rest.buffer, rest.byteOffset]).toEqual([chunk.buffer, chunk.byteOffset + 5]);
  });

  test('lets go of the memory when nothing waits', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('abc'));
    queue.push(Buffer.from('def'));
    queue.skip(6);
    expect([queue.length, queue.memory.length]).toEqual([0, 0]);
  });

  test('finds a byte across a seam, and none in spare memory', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('ab'));
    queue.push(Buffer.from('c\nd'));
    expect([queue.indexOf(0x0a), queue.indexOf(0x0a, 3), queue.indexOf(0x0a, 4)]).toEqual([3, 3, -1]);
    queue.skip(4);
    expect([queue.indexOf(0x0a), queue.at(0), queue.at(1)]).toEqual([-1, 0x64, -1]);
  });

  test('yields what went in, and views stay as they were', () => {
    const operation = fc.oneof(
      fc.record({ push: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({ take: fc.nat(50) }),
      fc.record({ skip: fc.nat(10) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const queue = new ByteQueue();
        let model = Buffer.alloc(0);
        const handedOut: [Buffer, string][] = [];
        for (const done of operations) {
          if ('push' in done) {
            queue.push(Buffer.from(done.push));
            model = Buffer.concat([model, done.push]);
          } else if ('take' in done) {
            const view = queue.take(done.take);
            handedOut.push([view, model.subarray(0, done.take).toString('hex')]);
            model = model.subarray(done.take);
          } else {
            queue.skip(done.skip);
            model = model.subarray(done.skip);
          }
          expect(queue.length).toBe(model.length);
          expect(queue.peek().equals(model)).toBe(true);
          expect(queue.indexOf(0)).toBe(model.indexOf(0));
        }
        for (const [view, hex] of handedOut) expect(view.toString('hex')).toBe(hex);
      }),
    );
  });

  test('joins bytes that come one by one in linear work', () => {
    const copied = vi.spyOn(Uint8Array.prototype, 'set');
    const queue = new ByteQueue();
    const bytes = 50_000;
    for (let i = 0; i < bytes; i++) queue.push(Buffer.of(i & 0xff));
    const work = copied.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    copied.mockRestore();
    expect(queue.length).toBe(bytes);
    expect(work).toBeLessThan(4 * bytes);
  });
});
