import { Daemon, Pathoc } from 'pathod';
import { fetchWithRetry } from '../src/retry';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await Daemon.start();
});
beforeEach(() => daemon.clearLog());
afterAll(() => daemon.stop());

test('simple', async () => {
  const response = await fetch(daemon.p('200:b@100'), { method: 'PUT' });
  expect(response.status).toBe(200);
  expect((await response.arrayBuffer()).byteLength).toBe(100);
  expect(daemon.lastLog()).toMatchObject({ type: 'crafted', request: { method: 'PUT' } });
});

test('goes on after a failure of the network and after a 503', async () => {
  const response = await fetchWithRetry([daemon.p('200:d5'), daemon.p('503'), daemon.p("200:b'here'")]);
  expect(await response.text()).toBe('here');
  expect(daemon.log()).toHaveLength(3);
});

test('takes a 404 for an answer', async () => {
  expect((await fetchWithRetry([daemon.p('404'), daemon.p('200')])).status).toBe(404);
});

test('a server of ours can be probed with requests that no client would send', async () => {
  const pathoc = await Pathoc.connect({ host: '127.0.0.1', port: daemon.port });
  try {
    const response = await pathoc.request("'GEH EIM':/p/200:h'X'='\\x00'");
    expect(response.code).toBeGreaterThanOrEqual(200);
  } finally {
    await pathoc.close();
  }
});
