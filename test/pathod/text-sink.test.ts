import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { TextSink } from '../../src/pathod/text-sink.js';

/** A reader that takes its writes one by one, when told to. */
function slowReader(): { stream: Writable; writes: string[]; takeAll: () => void } {
  const writes: string[] = [];
  let taken: (() => void) | undefined;
  let isOpen = false;
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      writes.push(text);
      if (isOpen) done();
      else taken = done;
    },
  });
  return {
    stream,
    writes,
    takeAll() {
      isOpen = true;
      taken?.();
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the way of the text log', () => {
  test('writes once a turn', async () => {
    const { stream, writes } = slowReader();
    const sink = new TextSink(stream);
    sink.write('one\n');
    sink.write('two\n');
    expect(writes).toEqual([]);
    await turn();
    expect(writes).toEqual(['one\ntwo\n']);
  });

  test('drops what a slow reader does not take, and says how much', async () => {
    const { stream, writes, takeAll } = slowReader();
    const sink = new TextSink(stream);
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 10_000; i++) sink.write(line);
    await turn();
    for (let i = 0; i < 10_000; i++) sink.write(line);
    expect(stream.writableLength).toBeLessThan(5 * 1024 * 1024);
    takeAll();
    sink.write('after\n');
    await sink.end(AbortSignal.timeout(1000));
    const text = writes.join('');
    const kept = text.split(line).length - 1;
    const told = [...text.matchAll(/^\((\d+) log entries were not written: their reader did not keep up\)$/gm)];
    expect(told.reduce((sum, [, count]) => sum + Number(count), kept)).toBe(20_000);
    expect(text).toMatch(/keep up\)\nafter\n$/);
  });

  test('is silent once its reader has left', async () => {
    const stream = new Writable({
      write(_text, _encoding, done) {
        done(new Error('EPIPE'));
      },
    });
    const failures: string[] = [];
    const sink = new TextSink(stream, (error) => failures.push(error.message));
    sink.write('one\n');
    await turn();
    sink.write('two\n');
    await sink.end(AbortSignal.timeout(1000));
    expect(stream.destroyed).toBe(true);
    expect(failures).toEqual(['EPIPE']);
  });

  test('does not wait at the end for a reader that stands still', async () => {
    const { stream } = slowReader();
    const sink = new TextSink(stream);
    sink.write('one\n');
    await turn();
    sink.write('two\n');
    await sink.end(AbortSignal.abort());
    expect(stream.writableLength).toBeGreaterThan(0);
  });

  test.each(['before the end', 'at the end'])(
    'hears of what fails %s, of a file that is closed first',
    async (when) => {
      const stream = new Writable({
        write(_text, _encoding, done) {
          setImmediate(done, new Error('ENOSPC'));
        },
        // As a file does: it tells of its error once it is closed.
        destroy(error, done) {
          setTimeout(done, 20, error);
        },
      });
      const failures: string[] = [];
      const sink = new TextSink(stream, (error) => failures.push(error.message));
      sink.write('one\n');
      for (let i = 0; i < 3 && when === 'before the end'; i++) await turn();
      await sink.end(AbortSignal.timeout(1000));
      expect(failures).toEqual(['ENOSPC']);
    },
  );
});
