import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ConnectionError, ProtocolError } from '../../../src/errors.js';
import { dialChain } from '../../../src/net/dial-chain.js';
import { dial } from '../../../src/net/dial.js';
import { listen } from '../../../src/net/listen.js';
import { enterSocks5 } from '../../../src/proxy/entry/socks5-entry.js';
import type { Socks5Entry } from '../../../src/proxy/entry/socks5-entry.js';
import type { Addon } from '../../../src/proxy/hooks/addon.js';
import { hasProgram } from '../../kit/programs.js';
import { rawServer } from '../../kit/raw-server.js';
import { run } from '../../kit/run.js';
import { clientContext } from '../client-context.js';
import type { ContextSettings } from '../client-context.js';

const hello = Buffer.from([5, 1, 0]);
const onlyUser: Addon = {
  socks5Auth(data) {
    data.valid = data.username === 'me' && data.password === 'ge:heim';
  },
};

/** A client's end, and what becomes of ours. */
function entering(settings: ContextSettings = {}): { client: Duplex; ours: Duplex; entry: Promise<Socks5Entry> } {
  const [client, ours] = duplexPair();
  return { client, ours, entry: enterSocks5(clientContext(settings), ours) };
}

function request(command: number, ...address: number[]): Buffer {
  return Buffer.from([5, command, 0, ...address]);
}

async function nextOf(stream: Duplex): Promise<string> {
  const chunk = stream.read() as Buffer | null;
  if (chunk !== null) return chunk.toString('hex');
  await once(stream, 'readable');
  return nextOf(stream);
}

const ipv4 = [1, 127, 0, 0, 1, 0, 80];

describe('a client of SOCKS5', () => {
  test.each([
    ['an IPv4 address', ipv4, '127.0.0.1'],
    ['a name', [3, 4, ...Buffer.from('host'), 0, 80], 'host'],
    ['an IPv6 address', [4, ...Array<number>(15).fill(0), 1, 0, 80], '::1'],
    ['an IPv4 address in IPv6', [4, ...Array<number>(10).fill(0), 255, 255, 10, 0, 0, 7, 0, 80], '10.0.0.7'],
  ])('asks for %s', async (_, address, host) => {
    const { client, entry } = entering();
    client.write(hello);
    expect(await nextOf(client)).toBe('0500');
    client.write(Buffer.concat([request(1, ...address), Buffer.from('GET /')]));
    const { target, rest, grant } = await entry;
    expect(target).toEqual([host, 80]);
    expect(rest.toString()).toBe('GET /');
    grant(['10.0.0.1', 0x1234]);
    expect(await nextOf(client)).toBe('050000010a0000011234');
  });

  test('may send everything at once, or byte by byte', async () => {
    const all = Buffer.concat([hello, request(1, ...ipv4), Buffer.from('rest')]);
    const whole = entering();
    whole.client.write(all);
    expect((await whole.entry).rest.toString()).toBe('rest');
    const slow = entering();
    for (const byte of all.subarray(0, -4)) slow.client.write(Buffer.from([byte]));
    expect((await slow.entry).target).toEqual(['127.0.0.1', 80]);
  });

  test.each([
    ['BIND', 2, 'SOCKS bind is not supported', 7],
    ['UDP ASSOCIATE', 3, 'SOCKS udp-associate is not supported', 7],
    ['a command that there is not', 9, 'unknown command 9', 7],
  ])('is refused %s', async (_, command, message, reply) => {
    const { client, entry } = entering();
    client.write(Buffer.concat([hello, request(command, ...ipv4)]));
    await expect(entry).rejects.toThrow(new ProtocolError(message));
    expect(await nextOf(client)).toBe(`0500050${String(reply)}0001000000000000`);
  });

  test('is refused an empty name, which would be this machine', async () => {
    const { client, entry } = entering();
    client.write(Buffer.concat([hello, request(1, 3, 0, 0, 80)]));
    await expect(entry).rejects.toThrow(ProtocolError);
    expect((await nextOf(client)).slice(4, 8)).toBe('0504');
  });

  test('that speaks HTTP, or leaves, is an error', async () => {
    const other = entering();
    other.client.write('GET http://x/ HTTP/1.1\r\n\r\n');
    await expect(other.entry).rejects.toThrow("not a SOCKS5 client: it sent b'GET http://x/ HT'");
    const gone = entering();
    gone.client.write(hello);
    gone.client.end();
    await expect(gone.entry).rejects.toThrow('the client left before it had asked SOCKS for anything');
    const destroyed = entering();
    destroyed.ours.destroy();
    await expect(destroyed.entry).rejects.toThrow(ProtocolError);
  });

  test.each([
    ['ECONNREFUSED', 5],
    ['ENOTFOUND', 4],
    ['EHOSTUNREACH', 4],
    ['ETIMEDOUT', 4],
    ['ENETUNREACH', 3],
    ['EACCES', 1],
  ])('learns of %s by the reply %i', async (code, reply) => {
    const { client, entry } = entering();
    client.write(Buffer.concat([hello, request(1, ...ipv4)]));
    const cause = Object.assign(new Error(code), { code });
    (await entry).refuse(new ConnectionError('no', 'connect', 'x', { cause }));
    expect((await nextOf(client)).slice(4, 8)).toBe(`050${String(reply)}`);
  });

  test('learns of a connection that an addon refused', async () => {
    const { client, entry } = entering();
    client.write(Buffer.concat([hello, request(1, ...ipv4)]));
    (await entry).refuse(new ConnectionError('connection to x refused: no', 'connect', 'x'));
    expect((await nextOf(client)).slice(4, 8)).toBe('0502');
  });
});

describe('a client that must name itself', () => {
  const settings = { options: { proxyauth: 'any' }, addons: [onlyUser] };
  const credentials = Buffer.from('\x01\x02me\x07ge:heim', 'latin1');

  test('is let in when an addon says so', async () => {
    const { client, entry } = entering(settings);
    client.write(Buffer.concat([Buffer.from([5, 2, 0, 2]), credentials, request(1, ...ipv4)]));
    expect((await entry).target).toEqual(['127.0.0.1', 80]);
    expect(await nextOf(client)).toBe('05020100');
  });

  test('is waited for while an addon thinks', async () => {
    let decide = (): void => undefined;
    const slow: Addon = {
      socks5Auth: (data) =>
        new Promise<void>((resolve) => {
          decide = () => {
            data.valid = true;
            resolve();
          };
        }),
    };
    const { client, entry } = entering({ ...settings, addons: [slow] });
    client.write(Buffer.concat([Buffer.from([5, 1, 2]), credentials, request(1, ...ipv4)]));
    expect(await nextOf(client)).toBe('0502');
    decide();
    expect(await nextOf(client)).toBe('0100');
    expect((await entry).target).toEqual(['127.0.0.1', 80]);
  });

  test('is turned away with the wrong password, and when nobody judges', async () => {
    for (const addons of [[onlyUser], []]) {
      const { client, entry } = entering({ ...settings, addons });
      client.write(Buffer.concat([Buffer.from([5, 1, 2]), Buffer.from('\x01\x02me\x01x', 'latin1')]));
      await expect(entry).rejects.toThrow('SOCKS user "me" is not let in');
      expect(await nextOf(client)).toBe('05020101');
    }
  });

  test('is turned away when it offers no password', async () => {
    const { client, entry } = entering(settings);
    client.write(hello);
    await expect(entry).rejects.toThrow('the client offers no user name and password');
    expect(await nextOf(client)).toBe('05ff');
  });
});

/** A proxy of SOCKS that does nothing else, on a free port. */
async function socksProxy(settings: ContextSettings = {}): Promise<number> {
  const context = clientContext(settings);
  const listener = await listen({}, (socket) => {
    void enterSocks5(context, socket).then(
      async ({ target: [host, port], rest, grant, refuse }) => {
        try {
          const server = await dial({ host, port });
          server.write(rest);
          grant();
          socket.pipe(server).pipe(socket);
        } catch (error) {
          refuse(error);
          socket.end();
        }
      },
      () => socket.end(),
    );
  });
  context.proxy.signal.addEventListener('abort', () => void listener.close());
  return listener.port;
}

describe('real clients', () => {
  test('our own client', async () => {
    const server = await rawServer((peer) => peer.send('hi'));
    const port = await socksProxy({ options: { proxyauth: 'any' }, addons: [onlyUser] });
    const { duplex } = await dialChain({
      ...{ host: 'localhost', port: server.port },
      socks: { host: '127.0.0.1', port, credentials: { username: 'me', password: 'ge:heim' } },
    });
    expect(await nextOf(duplex)).toBe(Buffer.from('hi').toString('hex'));
    duplex.destroy();
  });

  test.skipIf(!hasProgram('curl'))('curl', async () => {
    const server = await rawServer((peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    const port = await socksProxy({ options: { proxyauth: 'any' }, addons: [onlyUser] });
    const proxy = `127.0.0.1:${String(port)}`;
    const url = `http://localhost:${String(server.port)}/`;
    const through = (...args: string[]): ReturnType<typeof run> => run('curl', ['-s', '-S', ...args]);
    expect(await through('--socks5-hostname', proxy, '--proxy-user', 'me:ge:heim', url)).toMatchObject({
      stdout: 'hi',
    });
    expect(await through('--socks5', proxy, '--proxy-user', 'me:ge:heim', url)).toMatchObject({ stdout: 'hi' });
    expect((await through('--socks5', proxy, '--proxy-user', 'me:wrong', url)).stderr).toMatch(/rejected/i);
    expect((await through('--socks5', proxy, url)).code).toBe(97);
    await server.close();
    const refused = await through('--socks5', proxy, '--proxy-user', 'me:ge:heim', url);
    expect(refused.stderr).toMatch(/\(5\)|refused/i);
  });
});
