import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Daemon, LogRecord } from '../../src/pathod/index.js';
import { encodeFrameHeader, mask } from '../../src/wire/websocket-frames.js';
import { get, open, startDaemon } from '../kit/daemon.js';
import type { Peer } from '../kit/peer.js';

/** A client of the package `ws`, connected. */
async function websocket(daemon: Daemon, path = '/chat'): Promise<WebSocket> {
  const socket = new WebSocket(daemon.url(path).replace('http', 'ws'));
  onTestFinished(() => {
    socket.terminate();
  });
  await once(socket, 'open');
  return socket;
}

async function message(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.toString('latin1');
}

const handshake = [
  'Connection: keep-alive, Upgrade',
  'Upgrade: WebSocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A raw client that has sent a handshake and has its answer. */
async function raw(daemon: Daemon, path = '/'): Promise<Peer> {
  const peer = await open(daemon);
  await peer.send(get(path, ...handshake)).until('\r\n\r\n');
  return peer;
}

/** A masked text frame of a client. */
function frame(payload: string | Buffer, opcode = 1): Buffer {
  const bytes = Buffer.from(payload);
  const key = Buffer.from('abcd');
  mask(bytes, key, 0);
  const flags = { fin: true, rsv1: false, rsv2: false, rsv3: false, masked: true };
  return Buffer.concat([encodeFrameHeader({ ...flags, opcode, length: bytes.length }), key, bytes]);
}

/** Types of the records, oldest first. */
function types(log: readonly LogRecord[]): string[] {
  return log.map(({ type }) => type).reverse();
}

describe('with ws', () => {
  test('a handshake is accepted on any path, and messages are logged', async () => {
    const daemon = await startDaemon();
    const socket = await websocket(daemon, '/any/path');
    socket.send('hello');
    socket.send(Buffer.from([0, 255]));
    const [second, first, crafted] = await daemon.expectLog(3);
    expect(crafted).toMatchObject({ type: 'crafted', response: { statusCode: '101' } });
    expect(first).toMatchObject({
      type: 'inbound',
      protocol: 'websockets',
      cipher: null,
      frame: { fin: true, rsv1: false, opcode: 1, mask: true, payloadLength: 5, payload: 'hello' },
    });
    expect(second).toMatchObject({ frame: { opcode: 2, payload: '\\x00\\xff' } });
  });

  test('frames come back as asked for, in order', async () => {
    const daemon = await startDaemon();
    const socket = await websocket(daemon);
    const received = message(socket);
    socket.send("pathod!wf:-fin:b'he' wf:fin:c0:b'llo'");
    expect(await received).toBe('hello');
    const log = await daemon.expectLog(4);
    expect(types(log)).toEqual(['crafted', 'inbound', 'reflected', 'reflected']);
    expect(log[0]).toMatchObject({ body: 'llo', spec: "wf:fin:c0:b'llo'", disconnect: false });
  });

  test('a large frame that chance makes comes back, and is logged as sent', async () => {
    const daemon = await startDaemon();
    const socket = await websocket(daemon);
    const received = message(socket);
    socket.send('pathod!wf:fin:cbinary:b@200k,digits');
    const text = await received;
    expect(text).toHaveLength(200 * 1024);
    const [record] = await daemon.expectLog(3);
    expect(record).toMatchObject({ body: text.slice(0, 1024) });
  });

  test('neither a ping nor a close is answered', async () => {
    const daemon = await startDaemon();
    const socket = await websocket(daemon);
    let pongs = 0;
    socket.on('pong', () => pongs++);
    socket.ping('are you there');
    socket.close(1000);
    const log = await daemon.expectLog(3);
    expect(log).toMatchObject([{ frame: { opcode: 8 } }, { frame: { opcode: 9, payload: 'are you there' } }, {}]);
    expect(pongs).toBe(0);
    expect(socket.readyState).toBe(WebSocket.CLOSING);
  });

  test('a close comes when asked for', async () => {
    const daemon = await startDaemon();
    const socket = await websocket(daemon);
    socket.send("pathod!wf:fin:cclose:b'\\x03\\xe8bye'");
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1000, 'bye']);
  });
});

describe('a handshake', () => {
  test('is answered with its key, by an anchor and by a spec too', async () => {
    const daemon = await startDaemon({ anchors: [['/anchor', "ws:h'X'='y'"]] });
    for (const path of ['/', '/anchor', '/p/ws']) {
      const peer = await raw(daemon, path);
      expect(peer.text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
      expect(peer.text).toContain('sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    }
  });

  test('is no handshake without Upgrade, Connection or key', async () => {
    const daemon = await startDaemon();
    for (let i = 0; i < handshake.length; i++) {
      const peer = await open(daemon);
      await peer.send(get('/', ...handshake.filter((_, index) => index !== i))).until('800 Not found');
    }
  });

  test.each(['/p/200', '/p/ws:404', '/p/200:zz'])('answered by %s makes frames of what follows', async (path) => {
    const daemon = await startDaemon();
    const peer = await raw(daemon, path);
    peer.send(frame("pathod!wf:b'back'"));
    await peer.until('\x01\x04back');
    expect(types(daemon.log())).toEqual(['crafted', 'inbound', 'reflected']);
  });

  test('may be followed by frames in the same chunk', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(
      Buffer.concat([Buffer.from(get('/', ...handshake)), frame("pathod!wf:b'one'"), frame("pathod!wf:b'two'")]),
    );
    await peer.until('\x01\x03one\x01\x03two');
  });

  test('may be answered late', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(Buffer.concat([Buffer.from(get('/p/ws:p5,0', ...handshake)), frame("pathod!wf:b'one'")]));
    await peer.until('\x01\x03one');
  });
});

describe('a frame', () => {
  test('that arrives byte by byte is logged once', async () => {
    const daemon = await startDaemon();
    const peer = await raw(daemon);
    for (const byte of frame("pathod!wf:b'back'")) {
      peer.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.until('\x01\x04back');
    expect(types(daemon.log())).toEqual(['crafted', 'inbound', 'reflected']);
  });

  test('of an opcode without a name is logged by its number', async () => {
    const daemon = await startDaemon();
    const peer = await raw(daemon);
    peer.send(frame('x', 11));
    await daemon.expectLog(2);
    expect(daemon.textLog()).toMatch(/ ws frame:11:fin\|mask:key=b'abcd' 1b\nPayload:\nx\n$/);
  });

  test('that is too long ends the connection', async () => {
    const daemon = await startDaemon();
    const peer = await raw(daemon);
    peer.send(Buffer.from('817f000000ffffffffff', 'hex'));
    await peer.untilEnd();
    expect(daemon.lastLog()).toMatchObject({
      type: 'error',
      msg: expect.stringMatching(/^a frame payload of/) as string,
    });
  });

  test('with d closes the connection behind it', async () => {
    const daemon = await startDaemon();
    const peer = await raw(daemon);
    const before = peer.received.length;
    peer.send(frame("pathod!wf:b'first' wf:b'second':d4 wf:b'third'"));
    expect((await peer.untilEnd()).subarray(before).toString('latin1')).toBe('\x01\x05first\x01\x06se');
    expect(daemon.log()).toMatchObject([
      { type: 'reflected', disconnect: true },
      { type: 'reflected', disconnect: false },
      {},
      {},
    ]);
  });

  test('may ask for text outside ASCII', async () => {
    const daemon = await startDaemon();
    const peer = await raw(daemon);
    peer.send(frame("pathod!wf:b'é'"));
    await peer.until('\x01\x02\xc3\xa9');
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['a mistake', 'pathod!wf:zz', /^Parse error in reflected frame specifcation: "zz" cannot stand here/],
    ['a frame within', `pathod!wf:f'wf'`, /^Parse error in reflected frame specifcation: /],
    ['nothing', 'pathod!', /^Parse error in reflected frame specifcation: /],
    [
      'bytes that are no text',
      Buffer.from('pathod!wf:b"\xff"', 'latin1'),
      /specifcation: the spec is not valid UTF-8$/,
    ],
    ['more than is accepted', `pathod!wf:b"${'x'.repeat(70_000)}"`, /specifcation: the spec has 70006 characters/],
    ['a file', 'pathod!wf:b<x', /^Error rendering reflected frame: File access disabled\.$/],
  ])('that asks for %s ends the connection with a word in the log', async (_, payload, reason) => {
    const daemon = await startDaemon();
    const peer = await raw(daemon);
    peer.send(frame(payload));
    await peer.untilEnd();
    expect(daemon.log()).toMatchObject([
      { type: 'error', msg: expect.stringMatching(reason) as string },
      { type: 'inbound' },
      { type: 'crafted' },
    ]);
  });

  test.each([
    [{ nocraft: true }, 'Crafting disabled.'],
    [{ nohang: true }, 'Pauses have been disabled.'],
    [{ limitSize: 200 }, 'Response too large.'],
  ])('is held to the policy %o', async (options, msg) => {
    const daemon = await startDaemon({ ...options, anchors: [['/', "ws:h'sec-websocket-accept'='x'"]] });
    const peer = await raw(daemon);
    peer.send(frame('pathod!wf:b@300:p0,1'));
    await peer.untilEnd();
    expect(daemon.lastLog()).toMatchObject({ type: 'error', msg });
  });

  test('is drawn by the seed', async () => {
    const received: string[] = [];
    for (let run = 0; run < 2; run++) {
      const daemon = await startDaemon({ seed: 3 });
      const peer = await raw(daemon);
      const before = peer.received.length;
      peer.send(Buffer.concat([frame('pathod!wf:b@20 wf:b@20'), frame('pathod!wf:b@20 wf:b@20')]));
      received.push((await peer.until(before + 88)).subarray(before).toString('hex'));
    }
    expect(received[0]).toBe(received[1]);
    expect(new Set(received[0]?.match(/.{44}/g)).size).toBe(4);
  });

  test('is shown by the text log, with its bytes on request', async () => {
    const daemon = await startDaemon({ explain: true, logRequests: true, logResponses: true });
    const peer = await raw(daemon);
    peer.send(frame("pathod!wf:b'x':k'abcd'"));
    await daemon.expectLog(3);
    const text = daemon.textLog();
    expect(text).toContain(
      " ws frame:text:fin|mask:key=b'abcd' 22b\nPayload:\npathod!wf:b\\x27x\\x27:k\\x27abcd\\x27\nBytes read:\n\t..abcd",
    );
    expect(text).toContain(
      " crafting websocket spec: wf:b'x':k'abcd'\n>> Spec: wf:b'x':k'abcd'\nBytes written:\n\t..abcd.\n",
    );
  });
});
