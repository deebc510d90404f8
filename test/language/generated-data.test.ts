import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datatypeNames, datatypes } from '../../src/language/datatypes.js';
import { generatedData } from '../../src/language/generated-data.js';
import { Random, readAll } from '../kit/language.js';
import { liveMemory } from '../kit/live-memory.js';

describe.each(datatypeNames)('%s', (datatype) => {
  const alphabet = datatypes[datatype];

  it('is drawn evenly: no character more than 1 % off', () => {
    const perCharacter = 100_000;
    const counts = new Array<number>(256).fill(0);
    const segment = generatedData(alphabet.length * perCharacter, datatype, Random.fromSeed('even'));
    if (Buffer.isBuffer(segment)) throw new Error('expected a segment made as it is read');
    const piece = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < segment.length; at += piece.length) {
      const into = piece.subarray(0, Math.min(piece.length, segment.length - at));
      segment.read(at, into);
      for (const byte of into) counts[byte]! += 1;
    }
    for (const [byte, count] of counts.entries()) {
      const expected = alphabet.includes(String.fromCharCode(byte)) ? perCharacter : 0;
      expect(Math.abs(count - expected)).toBeLessThanOrEqual(expected * 0.012);
    }
  });

  it('is the same whether made at once or piece by piece', () => {
    const whole = readAll(generatedData(70_000, datatype, Random.fromSeed(3)));
    const segment = generatedData(70_000, datatype, Random.fromSeed(3));
    fc.assert(
      fc.property(fc.nat(69_999), fc.nat(40_000), (at, length) => {
        const into = Buffer.alloc(Math.min(length, 70_000 - at));
        if (Buffer.isBuffer(segment)) throw new Error('expected a segment made as it is read');
        segment.read(at, into);
        expect(into.equals(whole.subarray(at, at + into.length))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

it('costs no memory for a terabyte', () => {
  const before = liveMemory();
  const segment = generatedData(1024 ** 4, 'ascii', Random.fromSeed(1));
  const tail = Buffer.alloc(100);
  if (Buffer.isBuffer(segment)) throw new Error('expected a segment made as it is read');
  segment.read(1024 ** 4 - 100, tail);
  expect(new Set(tail).size).toBeGreaterThan(20);
  expect(liveMemory() - before).toBeLessThan(4 * 1024 * 1024);
});
