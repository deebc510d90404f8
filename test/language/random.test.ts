import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/language/random.js';

describe('Random', () => {
  it('gives the same bytes for the same seed on every machine', () => {
    // Recorded once. A change here changes what every printed seed means.
    expect(Random.fromSeed(42).bytes(16).toString('hex')).toMatchInlineSnapshot(`"f99e16395e91745313cdcf48a805f802"`);
    expect(Random.fromSeed(42).fork('a').fork(7).bytes(16).toString('hex')).toMatchInlineSnapshot(
      `"f48a19a77e65a6a3fc371e7e662059f5"`,
    );
    expect(Random.fromSeed('a word').integer(1_000_000)).toMatchInlineSnapshot(`803810`);
  });

  it('takes a number and its text for the same seed', () => {
    expect(Random.fromSeed('42').bytes(32)).toEqual(Random.fromSeed(42).bytes(32));
  });

  it('can be read at any offset in any order', () => {
    const random = Random.fromSeed(1);
    const whole = random.bytes(300_000);
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(100_000), (at, length) => {
        const piece = Buffer.alloc(length);
        random.read(at, piece);
        expect(piece.equals(whole.subarray(at, at + length))).toBe(true);
      }),
    );
  });

  it('reads beyond 2^32 blocks without repeating itself', () => {
    const random = Random.fromSeed(1);
    const [near, far] = [Buffer.alloc(32), Buffer.alloc(32)];
    random.read(0, near);
    random.read(2 ** 36, far);
    expect(far).not.toEqual(near);
    const seam = Buffer.alloc(64);
    random.read(2 ** 36 - 32, seam);
    expect(seam.subarray(32)).toEqual(far);
  });

  it('makes forks that depend on their name alone', () => {
    const used = Random.fromSeed(5);
    used.integer(10);
    used.fork('other').bytes(100);
    expect(used.fork('x').bytes(8)).toEqual(Random.fromSeed(5).fork('x').bytes(8));
  });

  it('makes forks that differ from one another', () => {
    const root = Random.fromSeed(5);
    const names = [
      ...Array.from({ length: 3000 }, (_, i) => i),
      ...Array.from({ length: 3000 }, (_, i) => `n${String(i)}`),
    ];
    expect(new Set(names.map((name) => root.fork(name).bytes(8).toString('hex'))).size).toBe(names.length);
  });

  it('draws whole numbers evenly', () => {
    const random = Random.fromSeed(9);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('draws below any safe bound and refuses others', () => {
    const random = Random.fromSeed(9);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (below) => {
        const drawn = random.integer(below);
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThan(below);
      }),
    );
    for (const bad of [0, -1, 1.5, 2 ** 60]) expect(() => random.integer(bad)).toThrow(TypeError);
  });
});
