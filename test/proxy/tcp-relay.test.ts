import { once } from 'node:events';
import { connect as connectSocket, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../src/net/clock.js';
import { ServerConnection } from '../../src/proxy/flow/connection.js';
import type { TcpFlow } from '../../src/proxy/flow/stream-flow.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { injectTcpMessage, relayTcp } from '../../src/proxy/tcp-relay.js';
import { connect } from '../kit/connect.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import { clientContext } from './client-context.js';

interface Settings {
  readonly addon?: Addon;
  readonly kept?: boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Notes the hooks about a flow, and the flow. */
class Witness {
  readonly name = 'witness';
  readonly told: string[] = [];
  flow: TcpFlow | undefined;

  tcpStart(flow: TcpFlow): void {
    this.flow = flow;
    this.told.push('start');
  }

  tcpMessage({ messages }: TcpFlow): void {
    const last = messages.at(-1);
    this.told.push(`${last?.fromClient === true ? '>' : '<'} ${String(last?.content)}`);
  }

  tcpEnd({ live, error }: TcpFlow): void {
    this.told.push(`end ${String(live)} ${String(error?.message)}`);
  }

  tcpError({ error }: TcpFlow): void {
    this.told.push(`error ${String(error?.message)}`);
  }

  serverDisconnected(): void {
    this.told.push('disconnected');
  }
}

/** A client and a server in the test's hand, and a relay between them. */
async function ends({ addon = {}, kept = true, clock, signal }: Settings = {}) {
  const witness = new Witness();
  const whole = clientContext({ addons: [witness, addon], ...(clock && { clock }) });
  const context = signal === undefined ? whole : { ...whole, proxy: { ...whole.proxy, signal } };
  const server = await rawServer();
  const connection = Object.assign(new ServerConnection(), { address: ['server.test', 1], state: 3 });
  let relaying: { over: Promise<void>; sockets: readonly Socket[] } | undefined;
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const toServer = connectSocket({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    const over = relayTcp(
      context,
      { duplex: client, rest: Buffer.alloc(0) },
      { duplex: toServer, connection },
      { kept },
    );
    relaying = { over, sockets: [client, toServer] };
    toServer.once('connect', () => listener.emit('relaying'));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    listener.close();
  });
  // A server that listens on TCP has an AddressInfo.
  const client = await connect((listener.address() as AddressInfo).port, { allowHalfOpen: true });
  if (relaying === undefined) await once(listener, 'relaying');
  // It is there: the event says so.
  const { over, sockets } = relaying as unknown as { over: Promise<void>; sockets: readonly Socket[] };
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { client, server: await server.peer(), over, sockets, context, witness, connection };
}

describe.each([
  ['with a flow', true],
  ['without one', false],
])('bytes %s', (_, kept) => {
  it('pass both ways, and each end is passed on by itself', async () => {
    const { client, server, over, witness } = await ends({ kept });
    client.send('to the server');
    await server.until('to the server');
    client.end();
    await server.untilEnd();
    server.send('after the end');
    await client.until('after the end');
    server.end();
    await client.untilEnd();
    await over;
    const told = ['start', '> to the server', '< after the end', 'end true undefined'];
    expect(witness.told).toEqual([...(kept ? told : []), 'disconnected']);
    expect(client.error ?? server.error).toBeUndefined();
  });

  it.each(['client', 'server'] as const)('tell of a reset by the %s', async (side) => {
    const { client, server, over, witness, connection } = await ends({ kept });
    client.send('a');
    await server.until('a');
    server.send('b');
    await client.until('b');
    const [leaver, other] = side === 'client' ? [client, server] : [server, client];
    leaver.socket.resetAndDestroy();
    await other.closed();
    expect(other.error?.code).toBe('ECONNRESET');
    await over;
    const who = side === 'client' ? 'Client' : 'Server';
    const told = ['start', '> a', '< b', `error ${who} connection failed: Connection reset by peer`];
    expect(witness.told).toEqual([...(kept ? told : []), 'disconnected']);
    expect(connection).toMatchObject({ state: 0 });
  });

  it('tell of a reset after the other side has ended', async () => {
    const { client, server, over, witness } = await ends({ kept });
    client.end();
    await server.untilEnd();
    server.send('x');
    await client.until('x');
    client.socket.resetAndDestroy();
    // It is noticed by what is sent there.
    const sending = setInterval(() => server.send('more'), 10);
    await server.closed();
    clearInterval(sending);
    await over;
    expect(server.error?.code).toMatch(/^(ECONNRESET|EPIPE)$/);
    if (kept) expect(witness.told.at(-2)).toMatch(/^error Client connection failed: /);
  });

  it('are closed when nothing was sent for as long as tcp_timeout says', async () => {
    const clock = new ManualClock();
    const { client, server, over, context } = await ends({ kept, clock });
    await clock.untilWaiting(600_000);
    clock.advance(300_000);
    client.send('x');
    await server.until('x');
    clock.advance(300_000);
    await clock.untilWaiting(300_000);
    clock.advance(300_000);
    await Promise.all([client.untilEnd(), server.untilEnd(), over]);
    expect(clock.waiting).toEqual([]);
    expect(context.lines).toEqual(['info: server.test:1: nothing was sent for 600 seconds; the connection is closed']);
  });

  it('are closed when the proxy stops', async () => {
    const stop = new AbortController();
    const { client, server, over, sockets } = await ends({ kept, signal: stop.signal });
    client.send('x');
    await server.until('x');
    stop.abort('stop');
    await Promise.all([client.untilEnd(), server.untilEnd(), over]);
    expect(sockets.every(({ closed }) => closed)).toBe(true);
  });

  it('stop for a slow reader', async () => {
    const chunk = Buffer.alloc(16 * 1024);
    const total = 500;
    let read = 0;
    const server = new Duplex({
      read() {
        this.push(read++ < total ? chunk : null);
      },
      write(_chunk, _encoding, done) {
        done();
      },
    });
    let written = 0;
    let goOn: (() => void) | undefined;
    let holds = true;
    const client = new Duplex({
      read() {
        this.push(null);
      },
      write(data: Buffer, _encoding, done) {
        written += data.length;
        if (holds) goOn = done;
        else done();
      },
    });
    const connection = new ServerConnection();
    const rest = Buffer.alloc(0);
    const over = relayTcp(clientContext(), { duplex: client, rest }, { duplex: server, connection }, { kept });
    // Everything is in memory here: some turns are enough for all that can be done.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(read).toBeLessThan(20);
    holds = false;
    goOn?.();
    await over;
    expect(written).toBe(total * chunk.length);
  });

  it('arrive whole, however they are cut', async () => {
    const { client, server, over } = await ends({ kept });
    let sentUp = Buffer.alloc(0);
    let sentDown = Buffer.alloc(0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 70_000, size: 'max' })), { maxLength: 10 }),
        async (sends) => {
          for (const [up, bytes] of sends) {
            (up ? client : server).send(bytes);
            if (up) sentUp = Buffer.concat([sentUp, bytes]);
            else sentDown = Buffer.concat([sentDown, bytes]);
          }
          await Promise.all([server.until(sentUp.length), client.until(sentDown.length)]);
          expect(server.received.equals(sentUp) && client.received.equals(sentDown)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
    client.end();
    server.end();
    await over;
  });
});

describe('messages', () => {
  it.each<[what: string, spoil: (flow: TcpFlow) => void, why: string]>([
    ['content', (flow) => Object.assign(flow.messages.at(-1) ?? {}, { content: 42 }), 'content takes a Buffer, not 42'],
    [
      'no content',
      (flow) => Object.assign(flow.messages.at(-1) ?? {}, { content: null }),
      'content takes a Buffer, not null',
    ],
    ['messages', (flow) => Object.assign(flow, { messages: null }), 'messages takes a list, not null'],
  ])('pass as they came when an addon sets wrong %s', async (_, spoil, why) => {
    const addon: Addon = { name: 'spoiler', tcpMessage: spoil };
    const { client, server, context, witness } = await ends({ addon });
    client.send('one');
    await server.until('one');
    server.send('two');
    await client.until('two');
    expect(witness.flow?.messages.map(({ content }) => String(content))).toEqual(['one', 'two']);
    expect(context.lines).toHaveLength(2);
    for (const line of context.lines) {
      expect(line.slice(0, line.indexOf(' (at'))).toBe(`error: addon spoiler failed in tcpMessage: ${why}`);
      expect(line).toMatch(/ \(at .*tcp-relay\.test\.ts:\d+:\d+\)$/);
    }
  });

  it('are sent as an addon changes them, and not at all when nothing is left', async () => {
    const addon: Addon = {
      tcpMessage({ messages }) {
        const last = messages.at(-1);
        if (last === undefined) return;
        last.content = last.content.includes('drop')
          ? Buffer.alloc(0)
          : Buffer.from(String(last.content).toUpperCase());
      },
    };
    const { client, server, witness } = await ends({ addon });
    client.send('drop this');
    await expect.poll(() => witness.told.length).toBe(2);
    client.send('keep this');
    await server.until('KEEP THIS');
    expect(server.text).toBe('KEEP THIS');
  });

  it('can be injected', async () => {
    const { client, server, witness, over } = await ends();
    await expect.poll(() => witness.flow).toBeDefined();
    // As was just seen.
    const flow = witness.flow as TcpFlow;
    client.send('x');
    await server.until('x');
    injectTcpMessage(flow, true, Buffer.from('down'));
    injectTcpMessage(flow, false, Buffer.from('up'));
    await Promise.all([client.until('down'), server.until('up')]);
    expect(witness.told).toEqual(['start', '> x', '< down', '> up']);
    client.end();
    server.end();
    await over;
    expect(() => {
      injectTcpMessage(flow, true, Buffer.from('late'));
    }).toThrow(TypeError);
  });

  it('come in order when addons take their time', async () => {
    const order: string[] = [];
    const addon: Addon = {
      async tcpMessage({ messages }) {
        const content = String(messages.at(-1)?.content);
        await setImmediate();
        order.push(content, String(messages.at(-1)?.content));
      },
    };
    const { client, server, over } = await ends({ addon });
    client.send('up').end();
    server.send('down').end();
    await over;
    expect(order.sort()).toEqual(['down', 'down', 'up', 'up']);
  });

  it('wait while their flow is intercepted', async () => {
    const addon: Addon = {
      tcpStart(flow) {
        flow.intercept();
      },
    };
    const { client, server, witness } = await ends({ addon });
    client.send('x');
    await expect.poll(() => witness.flow?.intercepted).toBe(true);
    await setImmediate();
    expect(server.text).toBe('');
    witness.flow?.resume();
    await server.until('x');
  });

  it('are no longer sent once the flow is killed', async () => {
    const addon: Addon = {
      tcpMessage(flow) {
        flow.kill();
      },
    };
    const { client, server, witness, over } = await ends({ addon });
    client.send('x');
    await Promise.all([client.untilEnd(), server.untilEnd(), over]);
    expect(server.text).toBe('');
    expect(witness.told).toEqual(['start', '> x', 'error Connection killed.', 'disconnected']);
  });

  it('do not keep a proxy from stopping that are intercepted', async () => {
    const stop = new AbortController();
    const addon: Addon = {
      tcpMessage(flow) {
        flow.intercept();
      },
    };
    const { client, server, witness, over } = await ends({ addon, signal: stop.signal });
    client.send('x');
    await expect.poll(() => witness.flow?.intercepted).toBe(true);
    stop.abort('stop');
    await over;
    expect(server.text).toBe('');
    expect(witness.told.at(-2)).toBe('end true undefined');
  });
});
