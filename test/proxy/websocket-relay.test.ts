import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { injectWebSocketMessage, relayWebSocket } from '../../src/proxy/websocket-relay.js';
import { Request } from '../../src/proxy/message/request.js';
import { clientContext } from './client-context.js';
import { bare, closing, frame, websocketEnds } from './websocket-ends.js';

describe('messages', () => {
  it('pass byte for byte, and are kept', async () => {
    const told: string[] = [];
    const addon: Addon = {
      websocketStart: ({ websocket }) => told.push(`start ${String(websocket?.messages.length)}`),
      websocketMessage: ({ websocket }) => told.push(String(websocket?.messages.at(-1)?.content)),
      websocketEnd: ({ websocket, live }) => told.push(`end ${String(websocket?.closeCode)} ${String(live)}`),
    };
    const { client, server, flow, proxy } = await websocketEnds({ addon });
    const up = Buffer.concat([frame(1, 'hello'), frame(2, Buffer.of(0, 255))]);
    const down = Buffer.concat([frame(1, 'welcome', bare), frame(2, Buffer.alloc(70_000, 'x'), bare)]);
    client.peer.send(up);
    await server.peer.until(() => server.bytes.equals(up));
    server.peer.send(down);
    await client.peer.until(() => client.bytes.equals(down));
    client.peer.send(frame(8, closing(1000, 'done')));
    await server.until(3);
    server.peer.send(frame(8, closing(1000, 'done'), bare));
    await client.peer.untilEnd();
    client.peer.end();
    server.peer.end();
    await proxy.over();
    expect(
      flow().websocket.messages.map(({ fromClient, isText, content }) => [fromClient, isText, content.length]),
    ).toEqual([
      [true, true, 5],
      [true, false, 2],
      [false, true, 7],
      [false, false, 70_000],
    ]);
    expect(flow().websocket).toMatchObject({ closedByClient: true, closeCode: 1000, closeReason: 'done' });
    expect(flow().websocket.timestampEnd).toBeTypeOf('number');
    expect(flow().live).toBe(false);
    expect(told.filter((line) => !line.startsWith('x'))).toEqual([
      'start 0',
      'hello',
      '\u0000\ufffd',
      'welcome',
      'end 1000 true',
    ]);
  });

  it('keep their fragments when they are not changed, with what came between them sent first', async () => {
    const { client, server, flow } = await websocketEnds();
    const fragments = [frame(1, 'ab', { fin: false }), frame(0, '', { fin: false }), frame(0, 'cde')];
    client.peer.send(fragments[0] ?? '').send(frame(9, 'ping'));
    await server.until(1);
    client.peer.send(Buffer.concat(fragments.slice(1)));
    await server.until(4);
    expect(server.bytes).toEqual(Buffer.concat([frame(9, 'ping'), ...fragments]));
    expect(flow().websocket.messages.map(({ content }) => String(content))).toEqual(['abcde']);
  });

  it('are sent as an addon changes them, masked anew to the server and not at all to the client', async () => {
    const addon: Addon = {
      websocketMessage({ websocket }) {
        const message = websocket?.messages.at(-1);
        if (message?.text === 'same size') message.text = 'SAME SIZE';
        else if (message?.text === 'drop') message.drop();
        else if (message !== undefined) message.text = `changed ${message.text}`;
      },
    };
    const { client, server, flow } = await websocketEnds({ addon });
    client.peer.send(
      Buffer.concat([frame(1, 'same', { fin: false }), frame(0, ' size'), frame(1, 'drop'), frame(1, 'a')]),
    );
    const up = await server.until(3);
    expect(up.map(({ payload, masked, fin }) => [String(payload), masked, fin])).toEqual([
      ['SAME', true, false],
      [' SIZE', true, true],
      ['changed a', true, true],
    ]);
    expect(new Set(up.map((one) => one.key?.toString('hex'))).size).toBe(3);
    server.peer.send(frame(1, 'b', bare));
    const down = await client.until(1);
    expect(down.map(({ payload, masked }) => [String(payload), masked])).toEqual([['changed b', false]]);
    expect(flow().websocket.messages.map(({ dropped }) => dropped)).toEqual([false, true, false, false]);
  });

  it('can be injected both ways', async () => {
    const seen: string[] = [];
    const addon: Addon = {
      websocketMessage: ({ websocket }) => seen.push(String(websocket?.messages.at(-1)?.content)),
    };
    const { client, server, flow, proxy } = await websocketEnds({ addon });
    injectWebSocketMessage(flow(), true, Buffer.from('to the client'), true);
    injectWebSocketMessage(flow(), false, Buffer.from('to the server'), false);
    expect((await client.until(1)).map(({ opcode, payload, masked }) => [opcode, String(payload), masked])).toEqual([
      [1, 'to the client', false],
    ]);
    expect((await server.until(1)).map(({ opcode, payload, masked }) => [opcode, String(payload), masked])).toEqual([
      [2, 'to the server', true],
    ]);
    expect(flow().websocket.messages.map(({ injected, fromClient }) => [injected, fromClient])).toEqual([
      [true, false],
      [true, true],
    ]);
    expect(seen).toEqual(['to the client', 'to the server']);
    client.peer.socket.destroy();
    await proxy.over();
    expect(() => {
      injectWebSocketMessage(flow(), true, Buffer.from('late'), true);
    }).toThrow(TypeError);
  });

  it('can be injected by an addon that is just told of another one', async () => {
    const addon: Addon = {
      websocketStart(flow) {
        injectWebSocketMessage(flow, true, Buffer.from('welcome'), true);
      },
      websocketMessage(flow) {
        if (flow.websocket?.messages.at(-1)?.text !== 'question') return;
        injectWebSocketMessage(flow, true, Buffer.from('answer'), true);
      },
    };
    const later: string[] = [];
    const { client, server, flow, context } = await websocketEnds({ addon });
    context.proxy.hooks.add({
      websocketMessage: ({ websocket }) => later.push(websocket?.messages.at(-1)?.text ?? ''),
    });
    await client.until(1);
    client.peer.send(frame(1, 'question'));
    await Promise.all([client.until(2), server.until(1)]);
    expect(client.frames.map(({ payload }) => String(payload))).toEqual(['welcome', 'answer']);
    expect(flow().websocket.messages.map(({ text }) => text)).toEqual(['welcome', 'question', 'answer']);
    expect(later.filter((text) => text !== 'welcome')).toEqual(['question', 'answer']);
  });

  it('wait while their flow is intercepted, and keep their order', async () => {
    const held: HttpFlow[] = [];
    const addon: Addon = {
      websocketMessage(flow) {
        if (String(flow.websocket?.messages.at(-1)?.content) !== 'hold') return;
        flow.intercept();
        held.push(flow);
      },
    };
    const { client, server, flow } = await websocketEnds({ addon });
    client.peer.send(Buffer.concat([frame(1, 'hold'), frame(1, 'behind')]));
    server.peer.send(frame(9, 'ping', bare));
    await expect.poll(() => held.length).toBe(1);
    expect((await client.until(1)).map(({ opcode }) => opcode)).toEqual([9]);
    expect(server.frames).toEqual([]);
    flow().resume();
    expect((await server.until(2)).map(({ payload }) => String(payload))).toEqual(['hold', 'behind']);
  });
});

describe('an addon that sets what is wrong', () => {
  it.each<[what: string, spoil: (flow: HttpFlow) => void, lines: readonly RegExp[]]>([
    [
      'messages',
      (flow) => Object.assign(flow.websocket ?? {}, { messages: null }),
      Array<RegExp>(2).fill(/failed in websocketMessage: messages takes a list, not null \(at .*relay\.test\.ts:/),
    ],
    [
      'WebSocket',
      (flow) => Object.assign(flow, { websocket: 5 }),
      Array<RegExp>(2).fill(
        /failed in websocketMessage: websocket takes a WebSocketData, not 5 \(at .*relay\.test\.ts:/,
      ),
    ],
    ['absence of a WebSocket', (flow) => Object.assign(flow, { websocket: null }), []],
  ])('holds up no message: %s', async (_, spoil, lines) => {
    const { client, server, context } = await websocketEnds({ addon: { websocketMessage: spoil } });
    client.peer.send(Buffer.concat([frame(1, 'one'), frame(1, 'two')]));
    expect((await server.until(2)).map(({ payload }) => String(payload))).toEqual(['one', 'two']);
    const errors = context.lines.filter((line) => line.startsWith('error'));
    expect(errors).toEqual(lines.map((line): unknown => expect.stringMatching(line)));
  });
});

describe('pings and pongs', () => {
  it('pass and are not kept, but told in the log', async () => {
    const { client, server, flow, context } = await websocketEnds();
    client.peer.send(frame(9, 'are you there'));
    server.peer.send(frame(10, 'yes', bare));
    expect((await server.until(1)).map(({ opcode, payload }) => [opcode, String(payload)])).toEqual([
      [9, 'are you there'],
    ]);
    expect((await client.until(1)).map(({ opcode, payload }) => [opcode, String(payload)])).toEqual([[10, 'yes']]);
    expect(flow().websocket.messages).toEqual([]);
    expect([...context.lines].sort()).toEqual([
      'debug: WebSocket ping from the client of http://server.test/chat: are you there',
      'debug: WebSocket pong from the server of http://server.test/chat: yes',
    ]);
  });
});

describe('an extension that is not known', () => {
  it('lets everything pass unread', async () => {
    const { client, server, flow, context, proxy } = await websocketEnds({ extensions: 'x-turn-bits' });
    client.peer.send(Buffer.of(0xf1, 0x00, 1, 2, 3));
    await server.peer.until(() => server.bytes.length === 5);
    server.peer.socket.end();
    client.peer.socket.end();
    await proxy.over();
    expect(flow().websocket.messages).toEqual([]);
    expect(context.lines).toEqual([
      'warn: WebSocket http://server.test/chat passes unread: its extension is not known: x-turn-bits',
    ]);
  });
});

describe('a slow reader', () => {
  it('stops the fast writer', async () => {
    const message = frame(2, Buffer.alloc(16 * 1024), bare);
    const total = 500;
    let read = 0;
    const server = new Duplex({
      read() {
        this.push(read++ < total ? message : null);
      },
      write(_chunk, _encoding, done) {
        done();
      },
    });
    let written = 0;
    let goOn: (() => void) | undefined;
    let holds = true;
    const client = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        written += chunk.length;
        if (holds) goOn = done;
        else done();
      },
    });
    const flow = new HttpFlow(Request.make('GET', 'http://server.test/'));
    const nothing = Buffer.alloc(0);
    const over = relayWebSocket(
      clientContext(),
      flow,
      { duplex: client, rest: nothing },
      { duplex: server, rest: nothing },
    );
    // Everything is in memory here: some turns are enough for all that can be done.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(read).toBeLessThan(20);
    holds = false;
    goOn?.();
    await over;
    expect(written).toBe(total * message.length);
    expect(flow.websocket?.messages.length).toBe(total);
  });
});
