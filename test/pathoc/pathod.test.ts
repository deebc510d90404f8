import { expect, onTestFinished, test } from 'vitest';
import { Daemon } from '../../src/pathod/index.js';
import { pathoc } from './command-line.js';

/** Where a daemon listens that ends with the test. */
async function daemon(): Promise<string> {
  const started = await Daemon.start();
  onTestFinished(() => started.stop());
  return new URL(started.url('/')).host;
}

test('pathod serves the responses that requests embed', async () => {
  const host = await daemon();
  const { out, status } = await pathoc([host, "get:/p/:s'401:m@5,digits'", "get:'/p/200:b@1m'", "get:'/p/200:q'"]);
  const [first, ...rest] = out
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('<<'));
  expect(first).toMatch(/^<< 401 \d{5}: 0 bytes$/);
  expect(rest[0]).toBe('<< 200 OK: 1048576 bytes');
  expect(rest[1]).toMatch(/^<< 800 Parse Error: \d+ bytes$/);
  expect(status).toBe(0);
});

test('pathod cuts short, and pathoc says so', async () => {
  const { out, status } = await pathoc([await daemon(), "get:'/p/200:b@1k:d500'"]);
  expect(out).toMatch(/\nInvalid server response: body cut short: got \d+ of 1024 bytes\n$/);
  expect(status).toBe(2);
});

test('pathod reflects frames', async () => {
  const { out, status } = await pathoc(['-t', '0.3', await daemon(), 'ws:/', `wf:fin:f'wf:fin:b"hello":x2'`]);
  expect(out).toBe(
    '>> ws:/\n<< 101 Switching Protocols: 0 bytes\n>> wf:fin:f\'wf:fin:b"hello":x2\'\n' +
      '<< ws frame:text:fin 5b\n'.repeat(2),
  );
  expect(status).toBe(0);
});
