import { describe, expect, test } from 'vitest';
import { TimeoutError } from '../../src/errors.js';
import { Pathoc } from '../../src/pathoc/index.js';
import type { ReceivedFrame } from '../../src/pathoc/index.js';
import { rawServer } from '../kit/raw-server.js';
import { pathoc } from './command-line.js';
import { answering, websocketServer } from './servers.js';

const switching = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';

/** A server that accepts any handshake, sends these bytes, and ends. */
function sending(bytes: string): ReturnType<typeof answering> {
  return answering([switching + bytes], { end: true });
}

describe('the program', () => {
  test('talks to a server of the package ws, and ends when it closes', async () => {
    const port = await websocketServer((socket) => {
      socket.on('message', (data: Buffer, isBinary) => socket.send(Buffer.concat([data, data]), { binary: isBinary }));
    });
    const { out, status } = await pathoc([
      `127.0.0.1:${port}`,
      'ws:/',
      "wf:fin:b'hi'",
      'wf:fin:cbinary:b@1500',
      'wf:fin:cping:bx',
      'wf:fin:cclose',
    ]);
    const sent = out.match(/^>> .*$/gm);
    const received = out.match(/^<< .*$/gm);
    expect(sent).toEqual([
      '>> ws:/',
      ">> wf:fin:b'hi'",
      '>> wf:fin:cbinary:b@1500',
      '>> wf:fin:cping:bx',
      '>> wf:fin:cclose',
    ]);
    expect(received).toEqual([
      '<< 101 Switching Protocols: 0 bytes',
      '<< ws frame:text:fin 4b',
      '<< ws frame:binary:fin 2.93k',
      '<< ws frame:pong:fin 1b',
      '<< ws frame:close:fin',
    ]);
    expect(status).toBe(0);
  });

  test.each([
    ['an empty unfinished text frame', '\x01\x00', 'ws frame:text'],
    ['all flags', '\xf2\x01x', 'ws frame:binary:fin|rsv1|rsv2|rsv3 1b'],
    ['a mask', '\x81\x85abcd\t\x07\x0f\x08\x0e', "ws frame:text:fin|mask:key=b'abcd' 5b"],
    ['an opcode without a name', '\x8b\x00', 'ws frame:11:fin'],
    ['a length of two bytes', `\x80\x7e\x06\x00${'x'.repeat(1536)}`, 'ws frame:continue:fin 1.5k'],
  ])('prints %s', async (_, bytes, line) => {
    const { port } = await sending(bytes);
    const { out, status } = await pathoc([`127.0.0.1:${port}`, 'ws:/']);
    expect(out).toBe(`>> ws:/\n<< 101 Switching Protocols: 0 bytes\n<< ${line}\n`);
    expect(status).toBe(0);
  });

  test('shows the bytes of frames', async () => {
    const { port } = await sending('\x81\x02ok');
    const { out } = await pathoc(['-q', '-p', '-x', `127.0.0.1:${port}`, 'ws:/:r', "wf:k'\\x00\\x00\\x00\\x00':bhi"]);
    expect(out).toContain(
      '<< ws frame:text:fin 2b\nBytes read:\n\t0000000000 81 02 6f 6b                                     ..ok\n',
    );
    expect(out).toContain(
      ">> wf:k'\\x00\\x00\\x00\\x00':bhi\nBytes written:\n\t0000000000 01 82 00 00 00 00 68 69                         ......hi\n",
    );
  });

  test('tells of a frame that is cut short', async () => {
    const { port } = await sending('\x81\x05ab');
    expect(await pathoc([`127.0.0.1:${port}`, 'ws:/'])).toMatchObject({
      status: 2,
      out: '>> ws:/\n<< 101 Switching Protocols: 0 bytes\nInvalid server response: Server disconnected after 4 bytes of a frame\n',
    });
  });

  test('waits for frames until none came in time, which is no failure', async () => {
    const { port } = await answering([`${switching}\x81\x00`]);
    const { out, status } = await pathoc(['-t', '0.05', `127.0.0.1:${port}`, 'ws:/']);
    expect(out).toBe('>> ws:/\n<< 101 Switching Protocols: 0 bytes\n<< ws frame:text:fin\n');
    expect(status).toBe(0);
  });

  test('ends after the close frame of the peer, though the connection stays open', async () => {
    const { port } = await answering([`${switching}\x88\x00`]);
    const { out } = await pathoc([`127.0.0.1:${port}`, 'ws:/']);
    expect(out).toBe('>> ws:/\n<< 101 Switching Protocols: 0 bytes\n<< ws frame:close:fin\n');
  });

  test('sends frames without a handshake, and does not wait for any', async () => {
    const server = await rawServer();
    const { out, status } = await pathoc([`127.0.0.1:${server.port}`, "wf:k'abcd':b'hi'", 'wf:-mask:fin:x2']);
    expect(out).toBe(">> wf:k'abcd':b'hi'\n>> wf:-mask:fin\n>> wf:-mask:fin\n");
    expect(status).toBe(0);
    const peer = await server.peer();
    expect(await peer.untilEnd()).toEqual(Buffer.from('\x01\x82abcd\x09\x0b\x81\x00\x81\x00', 'latin1'));
  });

  test('sends frames after an answer that is no handshake', async () => {
    const server = await answering(['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n']);
    const { out } = await pathoc([`127.0.0.1:${server.port}`, 'ws:/', 'wf:-mask']);
    expect(out).toBe('>> ws:/\n<< 404 Not Found: 0 bytes\n>> wf:-mask\n');
    expect((await (await server.peer()).untilEnd()).subarray(-2)).toEqual(Buffer.from([1, 0]));
  });

  test('a frame that disconnects ends the conversation', async () => {
    const { port } = await answering([switching]);
    const { out, status } = await pathoc([`127.0.0.1:${port}`, 'ws:/', 'wf:-mask:d1', 'wf']);
    expect(out).toBe(
      '>> ws:/\n<< 101 Switching Protocols: 0 bytes\n>> wf:-mask:d1\nDisconnected, as the frame says\n' +
        'Not sent, as the connection is closed: 1 message\n',
    );
    expect(status).toBe(2);
  });
});

describe('the library', () => {
  test('sends frames and iterates over those that come', async () => {
    const port = await websocketServer((socket) => {
      socket.on('message', (data: Buffer) => socket.send(data));
    });
    await using client = await Pathoc.connect({ host: '127.0.0.1', port });
    expect((await client.request('ws:/')).code).toBe(101);
    const payloads: string[] = [];
    expect(await client.send("wf:fin:b'one' wf:fin:b'two'")).toBe('sent');
    for await (const frame of client.frames()) {
      payloads.push(frame.payload.toString());
      if (payloads.length === 2) break;
    }
    await client.send("wf:fin:b'three':cbinary");
    const { value } = await client.frames().next();
    // The iterator has not ended.
    const third = value as ReceivedFrame;
    expect([...payloads, third.payload.toString()]).toEqual(['one', 'two', 'three']);
    expect(third).toMatchObject({ fin: true, opcode: 2, masked: false, key: undefined, length: 5 });
  });

  test('loses no frame between two iterations, however they arrive', async () => {
    const server = await rawServer((peer) => peer.send('\x81\x01a\x81\x01b\x81'));
    await using client = await Pathoc.connect({ host: '127.0.0.1', port: server.port });
    const got: string[] = [];
    for (let i = 0; i < 2; i++) {
      for await (const frame of client.frames()) {
        got.push(frame.payload.toString());
        break;
      }
    }
    const third = client.frames().next();
    (await server.peer()).send('\x01c');
    got.push(((await third).value as ReceivedFrame).payload.toString());
    expect(got).toEqual(['a', 'b', 'c']);
  });

  test('ends with the peer, with the signal, with close(), and throws when nothing comes in time', async () => {
    const server = await rawServer();
    const connect = (timeout?: number): Promise<Pathoc> =>
      Pathoc.connect({ host: '127.0.0.1', port: server.port, timeout });

    const left = await connect();
    (await server.peer(0)).end();
    expect(await left.frames().next()).toEqual({ value: undefined, done: true });
    await left.close();

    await using signalled = await connect();
    const over = new AbortController();
    const ended = signalled.frames(over.signal).next();
    over.abort();
    expect((await ended).done).toBe(true);

    const closed = await connect();
    const last = closed.frames().next();
    await closed.close();
    expect((await last).done).toBe(true);

    await using still = await connect(0.05);
    await expect(still.frames().next()).rejects.toThrow(TimeoutError);
  });

  test('a peer is made to wait while nobody takes its frames', async () => {
    let sent = 0;
    const server = await rawServer((peer) => {
      const frame = Buffer.concat([Buffer.from([0x82, 0x7e, 0xff, 0xff]), Buffer.alloc(0xffff)]);
      const more = (): void => {
        while (peer.socket.write(frame)) sent++;
        peer.socket.once('drain', more);
      };
      more();
    });
    await using client = await Pathoc.connect({ host: '127.0.0.1', port: server.port });
    await client.frames().next();
    const peer = await server.peer();
    await new Promise((resolve) => peer.socket.once('drain', resolve).setTimeout(200, () => resolve(undefined)));
    // What the system buffers, and no more.
    expect(sent).toBeLessThan(1000);
  });
});
