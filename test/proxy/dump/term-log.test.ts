import { describe, expect, it } from 'vitest';
import { TermLog } from '../../../src/proxy/dump/term-log.js';
import type { LogTarget } from '../../../src/proxy/dump/term-log.js';
import { logLevels } from '../../../src/proxy/hooks/hook-data.js';

function target(isTerminal: boolean): LogTarget & { readonly text: () => string } {
  let text = '';
  return { isTerminal, write: (line) => (text += line), text: () => text };
}

describe('the log of the terminal', () => {
  it.each([
    ['error', ['error']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'alert', 'debug']],
  ] as const)('at %s prints %j', (verbosity, printed) => {
    const [out, err] = [target(false), target(false)];
    const log = new TermLog(out, err, verbosity);
    for (const level of logLevels) log.write({ level, message: level });
    expect(err.text() + out.text()).toBe(printed.map((level) => `${level}\n`).join(''));
    expect(err.text()).toBe('error\n');
  });

  it('has colours on a terminal, and lets nobody write to it', () => {
    const [out, err] = [target(true), target(true)];
    const log = new TermLog(out, err);
    log.write({ level: 'warn', message: 'a\x1b[2Jb' });
    log.write({ level: 'error', message: 'c' });
    log.write({ level: 'info', message: 'd' });
    expect(out.text()).toBe('\x1b[33ma.[2Jb\x1b[0m\nd\n');
    expect(err.text()).toBe('\x1b[31mc\x1b[0m\n');
  });
});
