import { describe, expect, it } from 'vitest';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { ManualClock } from '../kit/manual-clock.js';
import { bare, closing, frame, websocketEnds } from './websocket-ends.js';

describe('the end', () => {
  it('is told with the code and the reason of who closed first', async () => {
    const { client, server, flow, proxy } = await websocketEnds();
    server.peer.send(frame(8, closing(4321, 'enough'), bare));
    expect((await client.until(1))[0]?.payload).toEqual(closing(4321, 'enough'));
    client.peer.send(frame(8, closing(1000)));
    expect((await server.until(1))[0]?.payload).toEqual(closing(1000));
    client.peer.end();
    server.peer.end();
    await proxy.over();
    expect(flow().websocket).toMatchObject({ closedByClient: false, closeCode: 4321, closeReason: 'enough' });
  });

  it('lets messages through that were sent before the other side knew', async () => {
    const { client, server, flow } = await websocketEnds();
    client.peer.send(frame(8, ''));
    await server.until(1);
    server.peer.send(Buffer.concat([frame(1, 'late', bare), frame(8, '', bare)]));
    expect((await client.until(2)).map(({ opcode }) => opcode)).toEqual([1, 8]);
    expect(flow().websocket).toMatchObject({ closeCode: 1005, closeReason: '' });
  });

  it('comes after ten seconds when the other side does not answer', async () => {
    const clock = new ManualClock();
    const { client, server, proxy } = await websocketEnds({ clock });
    client.peer.send(frame(8, closing(1001)));
    await server.until(1);
    await clock.untilWaiting(10_000);
    clock.advance(10_000);
    await client.peer.untilEnd();
    expect(client.frames.map(({ payload }) => payload)).toEqual([closing(1001)]);
    client.peer.end();
    server.peer.end();
    await proxy.over();
    expect(clock.waiting).toEqual([]);
  });

  it.each([
    ['client', 'ends', true],
    ['server', 'ends', false],
    ['client', 'resets', true],
    ['server', 'resets', false],
  ])('is abnormal when the %s %s its connection', async (side, how, closedByClient) => {
    const { client, server, flow, proxy, context } = await websocketEnds();
    const [leaver, other] = side === 'client' ? [client, server] : [server, client];
    leaver.peer.send(frame(1, 'last words', { masked: side === 'client' }));
    await other.until(1);
    if (how === 'resets') leaver.peer.socket.resetAndDestroy();
    else leaver.peer.socket.end();
    if (how === 'resets') await other.peer.closed();
    else await other.peer.untilEnd();
    expect(other.peer.error?.code).toBe(how === 'resets' ? 'ECONNRESET' : undefined);
    other.peer.end();
    await proxy.over();
    expect(flow().websocket).toMatchObject({ closedByClient, closeCode: 1006, closeReason: undefined });
    expect(flow().serverConn.timestampEnd).toBeTypeOf('number');
    expect(context.lines).toEqual([]);
  });

  it('is told to both sides when the proxy stops', async () => {
    const over = new AbortController();
    const { client, server, proxy, flow } = await websocketEnds({ signal: over.signal });
    over.abort('stop');
    await Promise.all([client.peer.untilEnd(), server.peer.untilEnd(), proxy.over()]);
    for (const end of [client, server]) expect(end.frames[0]?.payload.readUInt16BE(0)).toBe(1001);
    expect(flow().websocket).toMatchObject({ closedByClient: false, closeCode: 1001 });
  });

  it('comes at once when the flow is killed', async () => {
    const { client, server, proxy, flow } = await websocketEnds();
    client.peer.send(frame(1, 'a'));
    await server.until(1);
    flow().kill();
    await Promise.all([client.peer.untilEnd(), server.peer.untilEnd(), proxy.over()]);
    expect(flow()).toMatchObject({ error: { message: 'Connection killed.' }, websocket: { closeCode: 1006 } });
  });

  it('comes at once when the flow is killed while it is intercepted, and the message is not sent', async () => {
    const addon: Addon = {
      websocketMessage: (flow) => {
        flow.intercept();
      },
    };
    const { client, server, proxy, flow } = await websocketEnds({ addon });
    client.peer.send(frame(1, 'a'));
    await expect.poll(() => flow().intercepted).toBe(true);
    flow().kill();
    await Promise.all([client.peer.untilEnd(), server.peer.untilEnd(), proxy.over()]);
    expect(server.frames).toEqual([]);
  });
});

describe('what RFC 6455 forbids closes both sides', () => {
  const wrong = (first: number, ...rest: number[]): Buffer => Buffer.of(first, ...rest);
  it.each<[string, 'client' | 'server', Buffer, number]>([
    ['a frame of a client that is not masked', 'client', frame(1, 'a', bare), 1002],
    ['a frame of a server that is masked', 'server', frame(1, 'a'), 1002],
    ['the first reserved bit without compression', 'client', frame(1, 'a', { compressed: true }), 1002],
    ['the second reserved bit', 'client', wrong(0xa1, 0x80, 0, 0, 0, 0), 1002],
    ['the third reserved bit', 'server', wrong(0x91, 0), 1002],
    ['a reserved opcode', 'server', wrong(0x83, 0), 1002],
    ['a reserved control opcode', 'server', wrong(0x8b, 0), 1002],
    ['a fragmented control frame', 'server', wrong(0x09, 0), 1002],
    ['a long control frame', 'server', frame(9, 'x'.repeat(126), bare), 1002],
    ['a length in more bytes than it needs', 'server', wrong(0x81, 126, 0, 1, 0x61), 1002],
    ['a continuation of nothing', 'server', frame(0, 'a', bare), 1002],
    [
      'a message within another one',
      'server',
      Buffer.concat([frame(1, 'a', { fin: false, ...bare }), frame(1, 'b', bare)]),
      1002,
    ],
    ['a Close frame of one byte', 'server', frame(8, 'a', bare), 1002],
    ['a Close frame with a status that may not be sent', 'client', frame(8, closing(1005)), 1002],
    ['a Close frame with an unassigned status', 'client', frame(8, closing(2999)), 1002],
    ['a reason that is not UTF-8', 'client', frame(8, Buffer.concat([closing(1000), Buffer.of(0xff)])), 1007],
    ['text that is not UTF-8', 'server', frame(1, Buffer.of(0x61, 0xc3), bare), 1007],
    ['a frame that is too large', 'server', Buffer.of(0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1), 1009],
    [
      'a message that is too large',
      'server',
      Buffer.concat([frame(2, Buffer.alloc(600_000), { fin: false, ...bare }), frame(0, Buffer.alloc(600_000), bare)]),
      1009,
    ],
  ])('%s', async (_, side, bytes, status) => {
    const { client, server, flow, proxy, context } = await websocketEnds({ options: { bodySizeLimit: 1024 * 1024 } });
    const sender = side === 'client' ? client : server;
    sender.peer.send(bytes);
    for (const end of [client, server]) {
      await end.peer.untilEnd();
      expect(end.frames.map(({ opcode, payload }) => [opcode, payload.readUInt16BE(0)])).toEqual([[8, status]]);
      end.peer.end();
    }
    await proxy.over();
    expect(flow().websocket).toMatchObject({ closedByClient: side === 'client', closeCode: status });
    expect(context.lines.join('\n')).toMatch(
      /^warn: WebSocket http:\/\/server\.test\/chat is closed: the (client|server) sent /,
    );
  });
});
