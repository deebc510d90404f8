import { EventEmitter, once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/net/clock.js';
import type { Clock } from '../../../src/net/clock.js';
import { Proxy } from '../../../src/proxy/index.js';
import type { ProxyOptions } from '../../../src/proxy/index.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

/** The time of the machine; files are looked at more often. */
const clock: Clock = {
  now: () => systemClock.now(),
  wait: (ms, signal) => systemClock.wait(ms === 250 ? 20 : ms, signal),
};

/** A proxy with scripts, under a test's hand. */
export interface ScriptedProxy {
  readonly proxy: Proxy;
  /** Where files of scripts lie. */
  readonly directory: string;
  /** The lines of its log: `info: Loading script ...`. */
  readonly lines: readonly string[];
  /** Writes a file of a script, in one step. */
  readonly write: (name: string, text: string) => string;
  /** Resolves once a line of the log matches that is none of the first `from`. */
  readonly logged: (pattern: RegExp, from?: number) => Promise<string>;
}

/**
 * Starts a proxy with one script. It is stopped when the test that made it is over.
 * @param files texts by name; the first is the script
 */
export async function scriptedProxy(
  files: Readonly<Record<string, string>>,
  options: ProxyOptions = {},
): Promise<ScriptedProxy> {
  const directory = temporaryDirectory();
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    return path;
  };
  const [first = ''] = Object.entries(files).map(([name, text]) => write(name, text));
  const lines: string[] = [];
  const told = new EventEmitter();
  const proxy = await Proxy.start(
    { ...options, addonOptions: { scripts: [first], ...options.addonOptions } },
    {
      clock,
      log: ({ level, message }) => {
        lines.push(`${level}: ${message.replaceAll(`${directory}/`, '')}`);
        told.emit('line');
      },
    },
  );
  onTestFinished(() => proxy.stop());
  return {
    ...{ proxy, directory, lines, write },
    async logged(pattern, from = 0) {
      for (;;) {
        const found = lines.slice(from).find((line) => pattern.test(line));
        if (found !== undefined) return found;
        await once(told, 'line');
      }
    },
  };
}
