// A proxy that is stopped, whatever happens on it just then: every connection ends, every flow ends, nothing is left.
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test, vi } from 'vitest';
import { Proxy } from '../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../src/proxy/index.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';
import { unhandledDuring } from '../kit/unhandled.js';
import { webServer } from '../kit/web-server.js';

const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** Sockets, servers and files of this process. Timers are the test runner's, too. */
function handles(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (/TCP|TLS|Pipe|FS|DNS|GetAddrInfo/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

interface Stage {
  readonly port: number;
  readonly proxy: Proxy;
  readonly server: RawServer;
}

interface Phase {
  readonly name: string;
  readonly options?: (server: RawServer) => ProxyOptions;
  /** Brings the proxy there. */
  readonly reach: (stage: Stage) => Promise<void>;
}

/** A client that sends this and resolves once the server got something. */
async function requestTo({ port, server }: Stage, text: string = head + '0123456789'): ReturnType<typeof connect> {
  const client = await connect(port);
  client.send(text);
  await (await server.peer()).until('\r\n\r\n');
  return client;
}

const phases: readonly Phase[] = [
  { name: 'a client is connected', reach: async ({ port }) => void (await connect(port)) },
  {
    name: 'half a head was sent',
    reach: async ({ port, proxy }) => {
      (await connect(port)).send('GET / HTTP/1.1\r\nHo');
      await seen(proxy);
    },
  },
  {
    name: 'half a body was sent',
    reach: async ({ port, proxy }) => {
      (await connect(port)).send(`${head}01234`);
      await until(() => proxy.flows().length > 0);
    },
  },
  { name: 'the server is to answer', reach: async (stage) => void (await requestTo(stage)) },
  {
    name: 'half a response was received',
    reach: async (stage) => {
      await requestTo(stage);
      stage.server.peers[0]?.send(`${ok}01234`);
      await until(() => (stage.server.peers[0]?.socket.writableLength ?? 0) === 0);
    },
  },
  {
    name: 'half a response was passed on',
    options: () => ({
      addons: [{ name: 'stream', responseheaders: ({ response }) => void (response && (response.stream = true)) }],
    }),
    reach: async (stage) => {
      const client = await requestTo(stage);
      stage.server.peers[0]?.send(`${ok}01234`);
      await client.until('01234');
    },
  },
  {
    name: 'a client does not read what is passed on',
    options: () => ({
      addons: [{ name: 'stream', responseheaders: ({ response }) => void (response && (response.stream = true)) }],
    }),
    reach: async (stage) => {
      const client = await requestTo(stage);
      client.socket.pause();
      const peer = await stage.server.peer();
      peer.send(`HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n`);
      for (let i = 0; i < 400; i++) peer.send(Buffer.alloc(65536));
      await until(() => stage.proxy.flows().length > 0);
    },
  },
  {
    name: 'a connection waits to be used again',
    reach: async (stage) => {
      const client = await requestTo(stage);
      stage.server.peers[0]?.send(`${ok}0123456789`);
      await client.until('0123456789');
    },
  },
  {
    name: 'a flow is intercepted',
    options: () => ({ addons: [{ name: 'hold', request: (flow) => flow.intercept() }] }),
    reach: async ({ port, proxy }) => {
      (await connect(port)).send(`${head}0123456789`);
      await until(() => proxy.flows().some(({ intercepted }) => intercepted));
    },
  },
  ...(
    [
      'requestheaders',
      'request',
      'responseheaders',
      'response',
      'error',
      'clientConnected',
      'serverConnect',
      'serverConnected',
      'tlsClienthello',
      'tlsStartClient',
    ] as const
  ).map((hook): Phase => {
    let isCalled = false;
    const forever = (): Promise<void> => {
      isCalled = true;
      return new Promise(() => undefined);
    };
    return {
      name: `an addon takes forever in ${hook}`,
      options: () => ({ addons: [{ name: 'slow', [hook]: forever }] }),
      reach: async ({ port, server }) => {
        if (hook.startsWith('tls')) {
          connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => undefined);
          await until(() => isCalled);
          return;
        }
        const client = await connect(port);
        client.send(`${head}0123456789`);
        if (/response/.test(hook)) {
          const peer = await server.peer();
          await peer.until('0123456789');
          peer.send(`${ok}0123456789`);
        } else if (hook === 'error') {
          await (await server.peer()).until('0123456789');
          server.peers[0]?.socket.resetAndDestroy();
        }
        await until(() => isCalled);
      },
    };
  }),
  {
    name: 'the server shakes no hands',
    options: ({ port }) => ({ mode: `reverse:https://localhost:${String(port)}` }),
    reach: async ({ port, server }) => {
      (await connect(port)).send(`${head}0123456789`);
      await (await server.peer()).until(1);
    },
  },
  {
    name: 'the proxy behind does not answer CONNECT',
    options: ({ port }) => ({ mode: `upstream:http://localhost:${String(port)}` }),
    reach: async ({ port, server }) => {
      (await connect(port)).send('CONNECT server.test:443 HTTP/1.1\r\n\r\n');
      await (await server.peer()).until('CONNECT');
    },
  },
  {
    name: 'half a ClientHello was sent',
    reach: async ({ port, proxy }) => {
      (await connect(port)).send('\x16\x03\x01\x02\x00\x01');
      await seen(proxy);
    },
  },
  {
    name: 'a client of TLS is idle',
    reach: async ({ port }) => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
    },
  },
  {
    name: 'streams of HTTP/2 are open',
    reach: async ({ port, server }) => {
      const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
      session.on('error', () => undefined);
      for (let i = 0; i < 5; i++) session.request({ ':path': `/${String(i)}` }).on('error', () => undefined);
      await (await server.peer(4)).until('\r\n\r\n');
    },
  },
  {
    name: 'a WebSocket is open',
    reach: async (stage) => {
      const key = 'Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n';
      const client = await requestTo(stage, `GET / HTTP/1.1\r\nHost: x\r\n${upgrade}${key}\r\n`);
      const accept = 'Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n';
      stage.server.peers[0]?.send(`HTTP/1.1 101 Switching Protocols\r\n${upgrade}${accept}\r\n\x81\x02hi`);
      await client.until('hi');
    },
  },
  {
    name: 'an unknown protocol is spoken',
    options: ({ port }) => ({ mode: `reverse:tcp://127.0.0.1:${String(port)}` }),
    reach: async ({ port, server }) => {
      (await connect(port)).send('hello');
      await (await server.peer()).until('hello');
    },
  },
  {
    name: 'a message of bytes is intercepted',
    options: ({ port }) => ({
      mode: `reverse:tcp://127.0.0.1:${String(port)}`,
      addons: [{ name: 'hold', tcpMessage: (flow) => flow.intercept() }],
    }),
    reach: async ({ port, proxy }) => {
      (await connect(port)).send('hello');
      await until(() => proxy.flows().some(({ intercepted }) => intercepted));
    },
  },
  {
    name: 'SOCKS was begun',
    options: () => ({ mode: 'socks5' }),
    reach: async ({ port }) => {
      const client = await connect(port);
      await client.send('\x05\x01\x00').until('\x05\x00');
      client.send('\x05\x01');
    },
  },
];

/** Resolves once it is the case. */
async function until(isTheCase: () => boolean): Promise<void> {
  await vi.waitUntil(isTheCase, { interval: 1, timeout: 40_000 });
}

/** Resolves after a question of another client was answered: what came before was read by then. */
async function seen(proxy: Proxy): Promise<void> {
  const other = await connect(proxy.port);
  other.send('no request\r\n\r\n');
  await other.closed();
}

describe('stop, while', () => {
  test.each(phases)('$name', async ({ name, options, reach }) => {
    const before = handles();
    const server = await rawServer();
    const ends = new Map<Flow, string[]>();
    const end = (flow: Flow, how: string): void => void ends.set(flow, [...(ends.get(flow) ?? []), how]);
    const { proxy, lines } = await startedProxy({
      mode: `reverse:http://127.0.0.1:${String(server.port)}`,
      ...options?.(server),
    });
    await proxy.use({
      name: 'ends',
      requestheaders: (flow) => void ends.set(flow, []),
      httpConnectError: (flow) => end(flow, 'httpConnectError'),
      response: (flow) => end(flow, 'response'),
      error: (flow) => end(flow, 'error'),
      tcpStart: (flow) => void ends.set(flow, []),
      tcpEnd: (flow) => end(flow, 'tcpEnd'),
      tcpError: (flow) => end(flow, 'tcpError'),
    });
    const unhandled = await unhandledDuring(async () => {
      await reach({ proxy, server, port: proxy.port });
      await proxy.stop();
      await proxy.stop();
      for (const { socket } of server.peers) socket.destroy();
      await server.close();
      await until(() => Object.entries(handles()).every(([name, count]) => count <= (before[name] ?? 0)));
    });
    expect(unhandled).toEqual([]);
    expect(proxy.flows().filter(({ live }) => live)).toEqual([]);
    // An addon that does not come to an end keeps those behind it from theirs.
    if (!name.includes('forever')) for (const [flow, how] of ends) expect(how, flow.type).toHaveLength(1);
    // In one of them the server was lost before.
    const errors = new Set([...ends.keys()].flatMap(({ error }) => error?.message ?? []));
    if (!name.endsWith('in error')) expect([...errors, 'The proxy was stopped.'][0]).toBe('The proxy was stopped.');
    expect(errors.size).toBeLessThanOrEqual(1);
    expect(lines.filter((line) => /internal|unexpected/.test(line))).toEqual([]);
    await expect(connect(proxy.addresses[0]?.port ?? 0)).rejects.toThrow();
  });
});

describe('many proxies', () => {
  test('twenty side by side, each with its own flows, and nothing is left', async () => {
    const { port } = await webServer();
    const before = handles();
    const proxies = await Promise.all(
      Array.from({ length: 20 }, () => Proxy.start({ mode: `reverse:http://127.0.0.1:${String(port)}` })),
    );
    expect(new Set(proxies.map((proxy) => proxy.port)).size).toBe(20);
    // All processes' proxies share one authority.
    expect(new Set(proxies.map((proxy) => proxy.ca)).size).toBe(1);
    await Promise.all(
      proxies.map(async (proxy, index) => {
        const client = await connect(proxy.port);
        for (let i = 0; i <= index; i++) client.send(`GET /${String(i)} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await client.until(`GET /${String(index)} `);
        client.socket.destroy();
      }),
    );
    expect(proxies.map((proxy) => proxy.flows().length)).toEqual(proxies.map((_, index) => index + 1));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await until(() => (handles()['TCPServerWrap'] ?? 0) <= (before['TCPServerWrap'] ?? 0));
  });

  test('await using stops at the end of the block, also when it throws', async () => {
    let port = 0;
    await expect(
      (async () => {
        await using proxy = await Proxy.start();
        port = proxy.port;
        throw new Error('thrown in the block');
      })(),
    ).rejects.toThrow('thrown in the block');
    await expect(connect(port)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('flows, url and saving stay of use when it was stopped', async () => {
    const { port } = await webServer();
    const proxy = await Proxy.start({ mode: `reverse:http://127.0.0.1:${String(port)}` });
    await (await fetch(proxy.url)).text();
    await proxy.stop();
    expect(proxy.flows('~c 200')).toHaveLength(1);
  });
});
