'use strict';
const { mkdtemp, readFile } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Daemon } = require('pathod');
const { Proxy } = require('pathod/proxy');

let daemon;
beforeEach(async () => {
  daemon = await Daemon.start({ anchors: [['/users', "200:b'[]'"]] });
});
afterEach(() => daemon.stop());

test('what the client asked for is kept, and can be saved', async () => {
  const proxy = await Proxy.start({ mode: `reverse:${daemon.url()}` });
  try {
    await fetch(`${proxy.url}/users`, { method: 'POST', body: 'name=Ada' });
    const [flow] = proxy.httpFlows('~m post');
    expect(flow.request.text).toBe('name=Ada');
    const file = join(await mkdtemp(join(tmpdir(), 'flows-')), 'users.har');
    await proxy.save(file);
    expect(JSON.parse(await readFile(file, 'utf8')).log.entries).toHaveLength(1);
  } finally {
    await proxy.stop();
  }
});

test('a server that is down is told of in words', async () => {
  const proxy = await Proxy.start({ mode: 'reverse:http://127.0.0.1:1' });
  try {
    const response = await fetch(proxy.url);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain('connection refused');
  } finally {
    await proxy.stop();
  }
});
