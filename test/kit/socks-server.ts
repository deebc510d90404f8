import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Socks5Server } from '../../src/wire/socks5-server.js';
import type { SocksAddress, SocksCredentials, SocksReply } from '../../src/wire/socks5.js';

/** How a SOCKS5 server behaves. */
export interface SocksServerOptions {
  /** Clients must give these. */
  readonly credentials?: SocksCredentials;
  /** Answers every request so, instead of connecting. */
  readonly refusal?: SocksReply;
  /** Connects to this local port, whatever was asked for. */
  readonly redirect?: number;
}

/** A SOCKS5 proxy on a free local port until the test is over, and what it was asked for. */
export async function socksServer(
  options: SocksServerOptions = {},
): Promise<{ readonly port: number; readonly requests: readonly SocksAddress[] }> {
  const requests: SocksAddress[] = [];
  const sockets = new Set<Socket>();
  const own = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy());
  };
  const tunnel = (client: Socket, target: SocksAddress, socks: Socks5Server): void => {
    requests.push(target);
    if (options.refusal !== undefined) {
      client.end(socks.reply(options.refusal));
      return;
    }
    const server = own(connect({ host: '127.0.0.1', port: options.redirect ?? target.port, allowHalfOpen: true }));
    server.once('connect', () => {
      client.write(socks.reply('succeeded'));
      server.write(socks.detach());
      client.pipe(server).pipe(client);
    });
    server.once('close', () => client.destroy());
    client.once('close', () => server.destroy());
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const socks = new Socks5Server(options.credentials !== undefined);
    own(client).on('data', function read(chunk: Buffer) {
      socks.receive(chunk);
      for (let event = socks.next(); event !== undefined; event = socks.next()) {
        if (event.type === 'send') client.write(event.bytes);
        else if (event.type === 'refuse') client.end(event.bytes);
        else if (event.type === 'request') {
          client.off('data', read).pause();
          tunnel(client, event.target, socks);
        } else {
          const { username, password } = event.credentials;
          const accepted = username === options.credentials?.username && password === options.credentials.password;
          client.write(socks.judge(accepted));
          if (!accepted) client.end();
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  return { port: (server.address() as AddressInfo).port, requests };
}
