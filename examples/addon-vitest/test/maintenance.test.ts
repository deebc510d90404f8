import { Daemon } from 'pathod';
import { Proxy } from 'pathod/proxy';
import { AddonTest, httpFlow } from 'pathod/proxy/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Maintenance } from '../src/maintenance.js';

describe('alone', () => {
  let addon: AddonTest;

  beforeEach(async () => {
    addon = await AddonTest.start(new Maintenance());
  });
  afterEach(() => addon.stop());

  it('answers for the path that is closed, and for no other', async () => {
    const closed = await addon.fire('request', httpFlow({ request: 'https://example.com/admin/users' }));
    expect(closed.response).toMatchObject({ statusCode: 503, text: 'back soon' });
    const open = await addon.fire('request', httpFlow({ request: 'https://example.com/' }));
    expect(open.response).toBeUndefined();
  });

  it('does what its option says', async () => {
    await addon.configure({ closedPath: '/shop' });
    const flow = await addon.fire('request', httpFlow({ request: 'https://example.com/shop' }));
    expect(flow.response?.statusCode).toBe(503);
  });

  it('refuses what is no path', async () => {
    await expect(addon.configure({ closedPath: 'shop' })).rejects.toThrow('closedPath begins with a slash');
    expect(addon.options['closedPath']).toBe('/admin');
  });

  it('counts, and writes to the log', async () => {
    await addon.fire('request', httpFlow({ request: { method: 'DELETE', url: 'https://example.com/admin' } }));
    expect(await addon.call('maintenance.count')).toBe(1);
    expect(addon.log.messages('info')).toEqual(['turned away: DELETE /admin']);
  });
});

describe('in a proxy', () => {
  it('keeps requests from the server', async () => {
    const site = await Daemon.start({ anchors: [['/', '200:b"welcome"']] });
    const proxy = await Proxy.start({
      mode: `reverse:${site.url()}`,
      addons: [new Maintenance()],
      addonOptions: { closedPath: '/shop' },
    });
    try {
      expect((await fetch(`${proxy.url}/shop`)).status).toBe(503);
      expect(await (await fetch(proxy.url)).text()).toBe('welcome');
      expect(site.log()).toHaveLength(1);
    } finally {
      await proxy.stop();
      await site.stop();
    }
  });
});
