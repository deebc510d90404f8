import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { command } from '../../../src/proxy/dump/command.js';
import { ManualClock } from '../../kit/manual-clock.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import type { RanMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

it.each([
  ['to load', [], 'load = () =>', 'addon lazy.mjs has not finished load after 10 s'],
  [
    'to run',
    [],
    'lost = await',
    'lazy.mjs has not finished loading after 10 s: it waits for something outside functions',
  ],
  ['to run', ['--options'], 'lost = await', 'lazy.mjs has not finished loading after 10 s'],
])(
  'a script that takes for ever %s is named, and does not keep the program from ending: %j',
  async (_, more, text, told) => {
    const directory = temporaryDirectory();
    const script = join(directory, 'lazy.mjs');
    writeFileSync(script, `export const ${text} new Promise(() => undefined);`);
    const clock = new ManualClock(1_700_000_000_000);
    const end = new AbortController();
    const hurry = new AbortController();
    let printed = '';
    const target = {
      write: (text: string | Buffer) => (printed += text.toString()),
      isTerminal: false,
      columns: () => 80,
    };
    const status = command(['-n', '-s', script, '--set', `confdir=${directory}`, ...more], {
      ...{ out: target, err: target, clock, signal: end.signal, hurry: hurry.signal },
      standardInput: () => (async function* () {})(),
      notify: () => Promise.resolve(undefined),
    });
    await clock.untilWaiting(10_000);
    // What is waited for first may be something that settles.
    await expect
      .poll(
        () => {
          clock.advance(10_000);
          return printed;
        },
        { timeout: 50_000 },
      )
      .toContain(told);
    end.abort('SIGTERM');
    hurry.abort('SIGTERM');
    expect(await status).toBe(1);
    expect(printed).toContain('the program ends before all addons were loaded');
    expect(printed).not.toContain('addon script');
  },
);

/** Ends the program as soon as `running` of a script was called. @param text what it does then */
async function endedWhileRunning(text: string): Promise<RanMitmdump> {
  const directory = temporaryDirectory();
  const script = join(directory, 'script.mjs');
  writeFileSync(script, `export async function running() { console.log("runs"); ${text} }`);
  const end = new AbortController();
  const begun = vi.spyOn(console, 'log').mockImplementation(() => {
    end.abort('SIGTERM');
  });
  onTestFinished(() => {
    begun.mockRestore();
  });
  return runMitmdump(['-p', '0', '-s', script, '--set', `confdir=${directory}`], { signal: end.signal });
}

it('a script that takes for ever to run is named when the program is to end, and nothing listens after that', async () => {
  const { status, out, err } = await endedWhileRunning('return new Promise(() => undefined);');
  expect(err).toBe(
    'addon script.mjs failed in running: it has not finished\nthe program ends before all addons were loaded\n',
  );
  expect(out).not.toContain('listening');
  expect(status).toBe(1);
});

it('a script that runs soon enough lets the program end in order', async () => {
  const text = 'await new Promise((resolve) => setImmediate(resolve));';
  const { status, out, err } = await endedWhileRunning(text);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).not.toContain('listening');
});
