import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/proxy/turns.js';

describe('turns', () => {
  it('are taken at once when nothing is to be waited for', () => {
    expect(new Turns().take(() => undefined)).toBeUndefined();
  });

  it('come one after the other, also when one of them fails or takes another one', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const slow = turns.take(async () => {
      await Promise.resolve();
      done.push('slow');
    });
    const failing = turns.take(() => Promise.reject(new Error('mine')));
    const outer = turns.take(() => {
      void turns.take(() => {
        done.push('inner');
      });
      done.push('outer');
    });
    await slow;
    await expect(failing).rejects.toThrow('mine');
    await outer;
    await turns.take(() => undefined);
    await Promise.resolve();
    expect(done).toEqual(['slow', 'outer', 'inner']);
    expect(() =>
      turns.take(() => {
        throw new Error('at once');
      }),
    ).toThrow('at once');
    expect(turns.take(() => undefined)).toBeUndefined();
  });
});
