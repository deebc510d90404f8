'use strict';
const { Daemon } = require('pathod');
const { download } = require('../src/download');

let daemon;
beforeEach(async () => {
  daemon = await Daemon.start({ seed: 1 });
});
afterEach(() => daemon.stop());

test('simple', async () => {
  const response = await fetch(daemon.p('200:b@100'), { method: 'PUT' });
  expect(response.status).toBe(200);
  expect((await response.arrayBuffer()).byteLength).toBe(100);
  expect(daemon.lastLog()).toMatchObject({ type: 'crafted', request: { method: 'PUT' } });
});

test('a whole body is returned', async () => {
  expect(await download(daemon.p('200:b@64k'))).toHaveLength(65536);
});

test('a body cut short is not taken for a whole one', async () => {
  await expect(download(daemon.p('200:b@64k:d1000'))).rejects.toThrow();
});

test('an error status is an error', async () => {
  await expect(download(daemon.p("503:b'try later'"))).rejects.toThrow('status 503');
});
