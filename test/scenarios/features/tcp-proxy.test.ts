// docs/features/tcp-proxy.md
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { certificateFor } from '../../kit/certificates.js';
import { connect } from '../../kit/connect.js';
import { dumpProcess } from '../../kit/dump-process.js';
import type { DumpProcess } from '../../kit/dump-process.js';
import { Peer } from '../../kit/peer.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

/** A server of a protocol of its own: it greets, and answers each line in capitals. */
async function shouter(secure: boolean): Promise<number> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write('SHOUT 1.0 ready\n');
    socket.on('data', (data) => socket.write(data.toString().toUpperCase()));
    socket.on('end', () => socket.end());
  };
  const { key, cert } = (await certificateFor()).tlsOptions;
  const server = secure ? createTlsServer({ key, cert }, serve) : createTcpServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** A tunnel through a proxy. */
async function tunnel(program: DumpProcess, port: number): Promise<Peer> {
  const peer = await connect(program.port);
  peer.send(`CONNECT localhost:${String(port)} HTTP/1.1\r\n\r\n`);
  await peer.until('\r\n\r\n');
  return peer;
}

describe('TCP proxy', { timeout: 60_000 }, () => {
  test('passes on what is no HTTP, prints it, and reads it behind TLS', async () => {
    const [plain, secure] = await Promise.all([shouter(false), shouter(true)]);
    const file = join(temporaryDirectory(), 'flows');
    const [old, today] = await Promise.all([
      dumpProcess('--tcp', 'localhost', '-dd', '-d'),
      dumpProcess('--tcp-hosts', 'localhost', '--flow-detail', '3', '-w', file),
    ]);
    for (const program of [old, today]) {
      // It looks like HTTP, and is taken for bytes nevertheless.
      const bare = await tunnel(program, plain);
      await bare.until('ready\n');
      bare.send('GET / HTTP/1.1\r\n\r\nhello\n');
      await bare.until('\r\n\r\nHELLO\n');
      await bare.end().closed();

      const { socket } = await tunnel(program, secure);
      socket.removeAllListeners('data');
      const ca = readFileSync(program.caFile);
      const encrypted = connectTls({ socket, servername: 'localhost', ca });
      const peer = new Peer(encrypted);
      await peer.until('ready\n');
      peer.send('secret\n');
      await peer.until('SECRET\n');
      await peer.end().closed();
      await program.until(/<- tcp <-[^]*HELLO[^]*<- tcp <-[^]*SECRET/);
      expect(program.out).toMatch(/-> tcp -> localhost:\d+\n[^]*GET \/ HTTP\/1.1[^]*hello/);
      expect(program.out).not.toMatch(/: GET /);
    }
    expect(old.err).toContain('--tcp-hosts');
    await today.stop();
    // What is recorded is filtered as all flows are.
    const read = await runMitmdump(['-nr', file, '--flow-detail', '3', '~tcp & ~b secret']);
    expect(read).toMatchObject({ status: 0, err: '' });
    expect(read.out).toContain('secret');
    expect(read.out).not.toContain('hello');
  });

  test('stands before a server of any protocol, and knows what is no HTTP without being told', async () => {
    const port = await shouter(false);
    const [reverse, regular, closed] = await Promise.all([
      dumpProcess('--mode', `reverse:tcp://localhost:${String(port)}`, '--flow-detail', '3'),
      dumpProcess('--flow-detail', '3'),
      dumpProcess('--no-rawtcp'),
    ]);
    for (const peer of [await connect(reverse.port), await tunnel(regular, port)]) {
      await peer.until('ready\n');
      peer.send('shout this\n');
      await peer.until('SHOUT THIS\n');
    }
    for (const program of [reverse, regular]) await program.until(/<- tcp <-[^]*SHOUT THIS/);
    const refused = await tunnel(closed, port);
    const answer = await refused.send('shout this\n').closed();
    expect(answer.toString()).not.toContain('SHOUT THIS');
  });
});
