import { describe, expect, it } from 'vitest';
import { ScriptWatch } from '../../../src/proxy/scripts/script-watch.js';
import { ManualClock } from '../../kit/manual-clock.js';

/** A watch of one script of two files, and what it tells. */
function watched() {
  const clock = new ManualClock();
  const now = new Map([
    ['a', '1'],
    ['b', '1'],
  ]);
  const script = { files: new Map(now) };
  const told: string[] = [];
  const watch = new ScriptWatch(
    clock,
    () => [script],
    (path) => now.get(path) ?? 'none',
    () => {
      told.push([...now.values()].join());
      script.files = new Map(now);
    },
  );
  watch.start();
  const look = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { now, told, watch, look };
}

describe('a watch of scripts', () => {
  it('tells of nothing when nothing changes', async () => {
    const { look, told, watch } = watched();
    await look();
    await look();
    expect(told).toEqual([]);
    await watch.stop();
  });

  it('tells once of a change, of any of the files, when it has settled', async () => {
    const { now, look, told, watch } = watched();
    now.set('b', '2');
    await look();
    now.set('b', '3');
    await look();
    expect(told).toEqual([]);
    await look();
    await look();
    expect(told).toEqual(['1,3']);
    await watch.stop();
  });

  it('tells nothing of what was changed back', async () => {
    const { now, look, told, watch } = watched();
    now.set('a', '2');
    await look();
    now.set('a', '1');
    await look();
    await look();
    expect(told).toEqual([]);
    await watch.stop();
  });

  it('tells of a file that goes, and that comes again', async () => {
    const { now, look, told, watch } = watched();
    now.set('a', 'none');
    await look();
    await look();
    now.set('a', '2');
    await look();
    await look();
    expect(told).toEqual(['none,1', '2,1']);
    await watch.stop();
  });

  it('tells nothing once it is stopped', async () => {
    const { now, look, told, watch } = watched();
    await watch.stop();
    now.set('a', '2');
    await look();
    await look();
    expect(told).toEqual([]);
  });
});
