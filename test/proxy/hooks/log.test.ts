import { expect, test } from 'vitest';
import type { LogEntry } from '../../../src/proxy/hooks/hook-data.js';
import { Log } from '../../../src/proxy/hooks/log.js';

test('what a peer says adds no line to the log', () => {
  const entries: LogEntry[] = [];
  const log = new Log(
    () => 1500,
    (entry) => entries.push(entry),
  );
  log.warn('no certificate for a.test\r\n\x1b[31mforged: line');
  expect(entries).toEqual([
    { level: 'warn', message: 'no certificate for a.test\\r\\n\\u001b[31mforged: line', timestamp: 1.5 },
  ]);
});

test('what is no text is shown', () => {
  const lines: string[] = [];
  const log = new Log(
    () => 0,
    ({ message }) => lines.push(message),
  );
  for (const message of [5, { a: 1, b: ['x'.repeat(80)] }, new TypeError('no'), undefined, [1, 'a']]) log.info(message);
  expect(lines).toEqual(['5', `{ a: 1, b: [ '${'x'.repeat(80)}' ] }`, 'TypeError: no', 'undefined', "[ 1, 'a' ]"]);
});
