import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatheredBytes } from '../../src/wire/gathered-bytes.js';

test('what was written is taken in order, however large the pieces, and stays as it was', () => {
  const step = fc.oneof(
    fc.record({ write: fc.nat({ max: 5000 }) }),
    fc.record({ reserve: fc.nat({ max: 3000 }) }),
    fc.constant('take' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const gathered = new GatheredBytes();
      const taken: Buffer[] = [];
      const expected: Buffer[] = [];
      let letter = 0;
      for (const one of steps) {
        letter = (letter + 1) % 256;
        if (one === 'take') taken.push(gathered.take());
        else if ('write' in one) {
          expected.push(Buffer.alloc(one.write, letter));
          gathered.write(Buffer.alloc(one.write, letter));
        } else {
          expected.push(Buffer.alloc(one.reserve, letter));
          const at = gathered.reserve(one.reserve);
          gathered.memory.fill(letter, at, at + one.reserve);
        }
      }
      const waiting = gathered.length;
      const last = gathered.take();
      expect(last.length).toBe(waiting);
      expect(gathered.length).toBe(0);
      expect(Buffer.concat([...taken, last]).equals(Buffer.concat(expected))).toBe(true);
    }),
  );
});
