import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { spawn } from 'node:child_process';
import { rawServer } from './raw-server.js';

/** The first bytes that Node's client sends with these options. */
export async function nodeHello(options: ConnectionOptions): Promise<Buffer> {
  const server = await rawServer();
  const socket = connect({ host: '127.0.0.1', port: server.port, ...options });
  socket.on('error', () => undefined);
  const peer = await server.peer();
  const hello = await peer.until((bytes) => bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3));
  socket.destroy();
  await server.close();
  return hello;
}

/** The first bytes that a program sends; `PORT` in its arguments is that of the server. */
export async function programHello(program: string, argv: readonly string[]): Promise<Buffer> {
  const server = await rawServer();
  const child = spawn(
    program,
    argv.map((word) => word.replace('PORT', String(server.port))),
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  const gone = once(child, 'exit');
  const peer = await server.peer();
  const hello = await peer.until((bytes) => bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3));
  child.kill('SIGKILL');
  await Promise.all([gone, server.close()]);
  return hello;
}
