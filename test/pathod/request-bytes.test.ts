import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestBytes } from '../../src/pathod/request-bytes.js';
import { longestDump } from '../../src/pathod/text-log.js';

test('every request has the beginning of its own bytes, however they arrive', () => {
  const request = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.integer({ min: longestDump - 3, max: longestDump + 200_000 }).map((length) => new Uint8Array(length).fill(7)),
  );
  fc.assert(
    fc.property(fc.array(request, { maxLength: 6 }), fc.integer({ min: 1, max: 70_000 }), (requests, size) => {
      const stream = Buffer.concat(requests);
      const ends = requests.map((_, i) => requests.slice(0, i + 1).reduce((sum, one) => sum + one.length, 0));
      const bytes = new RequestBytes();
      const taken: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const received = Math.min(at + size, stream.length);
        bytes.receive(stream.subarray(at, received));
        for (const end of ends.filter((one) => one > at && one <= received)) taken.push(bytes.take(received - end));
      }
      expect(taken.length).toBe(requests.length);
      requests.forEach((one, i) => expect(taken[i]?.equals(one.subarray(0, longestDump))).toBe(true));
    }),
    { numRuns: 60 },
  );
});
