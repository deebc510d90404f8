import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { writeSoon } from '../../src/net/write-soon.js';
import { writeTo } from '../../src/net/write-to.js';

/** A stream with what was handed down to it: a list for each time. */
function recording(highWaterMark = 1000): { duplex: Duplex; writes: string[][]; go: () => void } {
  const writes: string[][] = [];
  let go = (): void => undefined;
  const duplex = new Duplex({
    writableHighWaterMark: highWaterMark,
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      writes.push([chunk.toString()]);
      go = done;
      if (highWaterMark > 10) done();
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }: { chunk: unknown }) => String(chunk)));
      go = done;
      if (highWaterMark > 10) done();
    },
  });
  return { duplex, writes, go: () => go() };
}

const pieces = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

describe('what is written soon', () => {
  it('leaves when the turn is over, all pieces of a stream in one go', async () => {
    const [a, b] = [recording(), recording()];
    void writeSoon(a.duplex, pieces('head', 'body'));
    void writeSoon(b.duplex, pieces('other'));
    void writeSoon(a.duplex, pieces('next'));
    expect([a.writes, b.writes]).toEqual([[], []]);
    await turn();
    expect(a.writes).toEqual([['head', 'body', 'next']]);
    expect(b.writes).toEqual([['other']]);
  });

  it('leaves again in the turns after', async () => {
    const { duplex, writes } = recording();
    for (const text of ['one', 'two', 'three']) {
      void writeSoon(duplex, pieces(text));
      await turn();
    }
    expect(writes).toEqual([['one'], ['two'], ['three']]);
  });

  it('stays in front of what is written after it', async () => {
    const { duplex, writes } = recording();
    void writeSoon(duplex, pieces('first'));
    void writeTo(duplex, Buffer.from('second'));
    await turn();
    expect(writes).toEqual([['first', 'second']]);
  });

  it('leaves before the end of the stream', async () => {
    const { duplex, writes } = recording();
    void writeSoon(duplex, pieces('all'));
    duplex.end();
    await new Promise((resolve) => duplex.once('finish', resolve));
    await turn();
    expect(writes).toEqual([['all']]);
  });

  it('is not let go of before whoever holds the stream back lets it go', async () => {
    const { duplex, writes } = recording();
    duplex.cork();
    void writeSoon(duplex, pieces('later'));
    await turn();
    expect(writes).toEqual([]);
    duplex.uncork();
    expect(writes).toEqual([['later']]);
  });

  it('is waited for when the stream wants no more', async () => {
    const { duplex, writes, go } = recording(10);
    const waiting = writeSoon(duplex, pieces('more than ', 'ten bytes'));
    expect(waiting).toBeInstanceOf(Promise);
    await turn();
    expect(writes).toEqual([['more than ', 'ten bytes']]);
    go();
    await waiting;
  });

  it('is waited for no longer when the stream is gone', async () => {
    const { duplex, writes } = recording(10);
    const waiting = writeSoon(duplex, pieces('more than ten bytes'));
    duplex.destroy();
    await waiting;
    await turn();
    expect(writes).toEqual([]);
    expect(writeSoon(duplex, pieces('nothing'))).toBeUndefined();
    await turn();
  });
});
