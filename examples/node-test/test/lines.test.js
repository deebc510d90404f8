import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Daemon } from 'pathod';
import { lines } from '../src/lines.js';

async function startFor(t) {
  const daemon = await Daemon.start();
  t.after(() => daemon.stop());
  return daemon;
}

test('simple', async (t) => {
  const daemon = await startFor(t);
  const response = await fetch(daemon.p('200:b@100'), { method: 'PUT' });
  assert.equal(response.status, 200);
  assert.equal((await response.arrayBuffer()).byteLength, 100);
  assert.equal(daemon.lastLog().request.method, 'PUT');
});

test('lines arrive before the end of the body', async (t) => {
  const daemon = await startFor(t);
  const reader = lines(daemon.p("200:b'one\\ntwo\\nthree':p46,f"));
  assert.equal((await reader.next()).value, 'one');
});

test('a body that ends early is an error, not a short text', async (t) => {
  const daemon = await startFor(t);
  await assert.rejects(async () => {
    for await (const line of lines(daemon.p("200:b'one\\ntwo\\nthree':d46"))) assert.ok(line);
  });
});
