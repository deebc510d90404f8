import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteQueue } from '../../src/wire/byte-queue.js';
import { hasWatched, HeadScanner } from '../../src/wire/head-scanner.js';
import type { WatchedField } from '../../src/wire/head-scanner.js';
import { bytewise, cut } from './drive.js';

const names: readonly WatchedField[] = ['content-length', 'transfer-encoding', 'expect', 'upgrade'];

interface Scanned {
  readonly length: number;
  readonly lineEnd: number;
  readonly seen: readonly WatchedField[];
  readonly invalid: string | undefined;
}

/** What a scanner finds in a head that arrives in these chunks, behind bytes that were taken out. */
function scan(chunks: readonly Buffer[], strict = false): Scanned {
  const queue = new ByteQueue();
  const scanner = new HeadScanner(strict);
  queue.push(Buffer.from('taken'));
  let length = -1;
  let isFirst = true;
  for (const chunk of chunks) {
    queue.push(chunk);
    if (isFirst) queue.skip(5);
    isFirst = false;
    length = scanner.scan(queue);
    if (length !== -1) break;
  }
  return {
    length,
    lineEnd: scanner.startLineEnd,
    seen: names.filter((name) => hasWatched(scanner.seenFields, name)),
    invalid: scanner.invalidLine?.toString('latin1'),
  };
}

describe.each<[name: string, head: string, seen: readonly WatchedField[], invalid: string | undefined]>([
  ['no fields', 'x\r\n\r\n', [], undefined],
  ['bare LF', 'x\n\n', [], undefined],
  ['a watched field', 'x\r\nContent-Length: 1\r\n\r\n', ['content-length'], undefined],
  ['a watched field without a value', 'x\nEXPECT:\n\n', ['expect'], undefined],
  ['all of them', 'x\nupgrade:\nExpect:\ntransfer-Encoding:a\nCONTENT-LENGTH:0\n\n', names, undefined],
  ['names that only begin so', 'x\nUpgrade-X: 1\nExpec: 1\nexpected: 1\nup\n\n', [], 'up\n'],
  ['names that only end so', 'x\nX-Upgrade: 1\n expect: 1\n\n', [], undefined],
  ['a space before the colon', 'x\nUpgrade : 1\n\n', [], undefined],
  ['no colon', 'x\r\njunk\r\nA: 1\r\nmore\r\n\r\n', [], 'junk\r\n'],
  ['no name', 'x\r\n: junk\r\n\r\n', [], ': junk\r\n'],
  ['white space before the first field', 'x\r\n A\r\n\r\n', [], ' A\r\n'],
  ['a folded field', 'x\r\nA: 1\r\n\tmore\r\n\r\n', [], undefined],
])('%s', (_, head, seen, invalid) => {
  const bytes = Buffer.from(`${head}GET / HTTP/1.1\r\nUpgrade: 1\r\n\r\n`, 'latin1');
  const lineEnd = head.indexOf('\n') + 1;

  test('is found however it arrives', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.nat(), { maxLength: 6 }), (strict, places) => {
        const wanted = { length: head.length, lineEnd, seen, invalid: strict ? invalid : undefined };
        expect(scan(cut(bytes, places), strict)).toEqual(wanted);
        expect(scan(bytewise(bytes), strict)).toEqual(wanted);
      }),
      { numRuns: 20 },
    );
  });
});

test('is as new after a reset', () => {
  const scanner = new HeadScanner(true);
  const queue = new ByteQueue();
  queue.push(Buffer.from('x\njunk\nUpgrade: 1\n\n'));
  expect(scanner.scan(queue)).toBe(19);
  scanner.reset();
  expect([scanner.startLineEnd, scanner.seenFields, scanner.invalidLine]).toEqual([-1, 0, undefined]);
  queue.skip(19);
  queue.push(Buffer.from('y\n\n'));
  expect(scanner.scan(queue)).toBe(3);
});
