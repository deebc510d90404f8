import { Daemon } from 'pathod';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { fetchUser, ServiceError } from '../src/client.js';

// The documentation's test_simple: ask for a response by its spec, then look at what was asked.
test('simple', async () => {
  const daemon = await Daemon.start();
  try {
    const response = await fetch(daemon.p('200:b@100'), { method: 'PUT' });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(100);
    expect(daemon.lastLog()).toMatchObject({ type: 'crafted', request: { method: 'PUT' } });
  } finally {
    await daemon.stop();
  }
});

describe('fetchUser', () => {
  let service: Daemon;

  beforeAll(async () => {
    service = await Daemon.start({
      seed: 'users',
      anchors: [
        ['/users/ada', `200:c'application/json':b'{"name":"Ada"}'`],
        ['/users/gone', '404'],
        ['/users/cut', `200:c'application/json':b'{"name":"Ada"}':da:h'Content-Length'='1000'`],
        ['/users/noise', '200:b@1k'],
        ['/users/slow', `200:b'{}':p20,f`],
        ['/users/reset', '200:b@1k:dr'],
        ['/users/nonsense', `200:b'{}':i0,@50`],
      ],
    });
  });
  afterAll(() => service.stop());
  beforeEach(() => service.clearLog());

  it('returns the user, and asks once', async () => {
    expect(await fetchUser(service.url(), 'ada')).toEqual({ name: 'Ada' });
    expect(service.log()).toHaveLength(1);
  });

  it.each(['gone', 'cut', 'noise', 'slow', 'reset', 'nonsense'])('survives a service that is %s', async (id) => {
    await expect(fetchUser(service.url(), id, 300)).rejects.toThrow(ServiceError);
  });
});
