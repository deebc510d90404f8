import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { PerMessageDeflateOptions } from 'ws';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { injectWebSocketMessage, relayWebSocket } from '../../src/proxy/websocket-relay.js';
import { clientContext } from './client-context.js';
import { switchingProxy } from './switching-proxy.js';
import { flowOf } from './websocket-ends.js';

describe('with ws on both sides', () => {
  async function ends(deflate: boolean | PerMessageDeflateOptions, addon: Addon = {}) {
    const context = clientContext({ addons: [addon] });
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: deflate });
    onTestFinished(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const proxy = await switchingProxy(context, port, relayWebSocket);
    const connected = once(server, 'connection') as Promise<[WebSocket]>;
    const client = new WebSocket(`ws://127.0.0.1:${String(proxy.port)}`, { perMessageDeflate: deflate });
    onTestFinished(() => {
      client.terminate();
    });
    await once(client, 'open');
    const [accepted] = await connected;
    return { client, server: accepted, proxy, flow: () => flowOf(proxy.flows) };
  }

  /** Collects what a socket gets. */
  function inbox(socket: WebSocket): {
    readonly got: [Buffer, boolean][];
    readonly until: (count: number) => Promise<void>;
  } {
    const got: [Buffer, boolean][] = [];
    socket.on('message', (data: Buffer, isBinary) => {
      got.push([data, isBinary]);
      socket.emit('got');
    });
    return {
      got,
      until: async (count) => {
        while (got.length < count) await once(socket, 'got');
      },
    };
  }

  const agreements: [string, boolean | PerMessageDeflateOptions][] = [
    ['no compression', false],
    ['compression', { threshold: 0 }],
    ['no context of the client', { threshold: 0, clientNoContextTakeover: true }],
    ['no context of the server', { threshold: 0, serverNoContextTakeover: true }],
    ['no context at all', { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true }],
    ['small windows', { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 10 }],
    ['compression of large messages only', { threshold: 1024 }],
  ];

  it.each(agreements)('%s: every message arrives, whatever is done with those before', async (_, deflate) => {
    const addon: Addon = {
      websocketMessage({ websocket }) {
        const message = websocket?.messages.at(-1);
        if (message?.content.includes('drop')) message.drop();
        if (message?.content.includes('change')) message.content = Buffer.from(`changed ${'c'.repeat(3000)}`);
      },
    };
    const { client, server, flow } = await ends(deflate, addon);
    const lines = [
      'one',
      'two two two',
      'drop',
      'one',
      'change',
      'two two two',
      `long ${'long '.repeat(60_000)}`,
      'one',
    ];
    const arriving = lines
      .filter((line) => line !== 'drop')
      .map((line) => (line === 'change' ? `changed ${'c'.repeat(3000)}` : line));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const { got, until } = inbox(to);
      for (const line of lines) from.send(line);
      await until(arriving.length);
      injectWebSocketMessage(flow(), to === client, Buffer.from('injected'), true);
      await until(arriving.length + 1);
      from.send('two two two');
      await until(arriving.length + 2);
      expect(got.map(([data]) => String(data))).toEqual([...arriving, 'injected', 'two two two']);
    }
  });

  it('passes large binary messages both ways', async () => {
    const { client, server, flow } = await ends({ threshold: 0 });
    const large = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `${String(i * 7919)},`).join(''));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const { got, until } = inbox(to);
      from.send(large);
      from.send(large.subarray(5));
      await until(2);
      expect(got.map(([data, isBinary]) => [data.length, isBinary])).toEqual([
        [large.length, true],
        [large.length - 5, true],
      ]);
    }
    expect(flow().websocket.messages.every(({ content }) => large.subarray(-content.length).equals(content))).toBe(
      true,
    );
  });

  it('passes any messages in any fragments', async () => {
    const { client, server } = await ends({ threshold: 0 });
    const { got, until } = inbox(server);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }),
            fc.boolean(),
            fc.boolean(),
          ),
          {
            maxLength: 6,
          },
        ),
        async (messages) => {
          for (const [pieces, compress, ping] of messages) {
            pieces.forEach((piece, i) => {
              client.send(piece, { fin: i === pieces.length - 1, binary: true, compress });
              if (ping) client.ping('p');
            });
          }
          await until(count + messages.length);
          expect(got.slice(count).map(([data]) => data)).toEqual(messages.map(([pieces]) => Buffer.concat(pieces)));
          count += messages.length;
        },
      ),
      { numRuns: 40 },
    );
  });

  it('closes in order from either side', async () => {
    const { client, server, flow, proxy } = await ends(true);
    const closed = once(client, 'close') as Promise<[number, Buffer]>;
    server.close(4000, 'bye');
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4000, 'bye']);
    await proxy.over();
    expect(flow().websocket).toMatchObject({ closedByClient: false, closeCode: 4000, closeReason: 'bye' });
  });
});
