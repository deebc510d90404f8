import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { notifySystemd } from '../../src/net/notify-systemd.js';
import { notifySocket } from '../kit/notify-socket.js';
import { hasProgram } from '../kit/programs.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

const withoutKoffi = (): Promise<unknown> => Promise.reject(new Error('not installed'));

describe.skipIf(!hasProgram('python3'))('systemd', () => {
  it('is told by koffi, at a path', async () => {
    const path = join(temporaryDirectory(), 'notify');
    const socket = await notifySocket(path);
    vi.stubEnv('NOTIFY_SOCKET', path);
    expect(await notifySystemd('READY=1')).toBeUndefined();
    expect(await socket.next()).toBe('READY=1');
  });

  it('is told at a name outside the file system', async () => {
    const name = `@pathod-test-${String(process.pid)}`;
    const socket = await notifySocket(name);
    vi.stubEnv('NOTIFY_SOCKET', name);
    expect(await notifySystemd('STOPPING=1')).toBeUndefined();
    expect(await socket.next()).toBe('STOPPING=1');
  });

  it.skipIf(!hasProgram('systemd-notify'))('is told by systemd-notify without koffi', async () => {
    const path = join(temporaryDirectory(), 'notify');
    const socket = await notifySocket(path);
    vi.stubEnv('NOTIFY_SOCKET', path);
    const said = notifySystemd('READY=1', withoutKoffi);
    const lines = [await socket.next(), await socket.next()];
    expect(lines).toContain('READY=1');
    expect(await said).toBeUndefined();
  });
});

describe('without systemd', () => {
  it('nobody is told', async () => {
    vi.stubEnv('NOTIFY_SOCKET', '');
    expect(await notifySystemd('READY=1', withoutKoffi)).toBeUndefined();
  });

  it('a socket that is not there is a line', async () => {
    vi.stubEnv('NOTIFY_SOCKET', join(temporaryDirectory(), 'none'));
    expect(await notifySystemd('READY=1')).toMatch(/^systemd cannot be told of READY=1 at .*none$/);
    vi.stubEnv('PATH', '/nonexistent');
    expect(await notifySystemd('READY=1', withoutKoffi)).toMatch(/^systemd cannot be told of READY=1, neither/);
  });
});
