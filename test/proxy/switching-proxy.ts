import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ClientContext } from '../../src/proxy/context.js';
import { ServerConnection } from '../../src/proxy/flow/connection.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { TakenOver } from '../../src/proxy/http-stream.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';

/** What relays between the two ends once both have switched protocols. */
export type Relay = (context: ClientContext, flow: HttpFlow, client: TakenOver, server: TakenOver) => Promise<void>;

export interface SwitchingProxy {
  readonly port: number;
  readonly flows: readonly HttpFlow[];
  /** Resolves when everything that was relayed so far is over. */
  over(): Promise<void>;
}

/**
 * A proxy that can do nothing but switch protocols: it passes on the head of a request and the head of its response,
 * and leaves the rest to a relay. It is closed when the test is over.
 */
export async function switchingProxy(
  context: ClientContext,
  serverPort: number,
  relay: Relay,
): Promise<SwitchingProxy> {
  const flows: HttpFlow[] = [];
  const running: Promise<void>[] = [];
  const sockets: Socket[] = [];
  const serve = async (client: Socket): Promise<void> => {
    const server = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [client, server]) sockets.push(socket.on('error', () => undefined));
    const request = await readHead(client);
    server.write(request.head);
    const response = await readHead(server);
    client.write(response.head);
    const flow = new HttpFlow(Request.make('GET', 'http://server.test/chat', '', fieldsOf(request.head)), {
      clientConn: context.client,
      serverConn: Object.assign(new ServerConnection(), { state: 3 }),
    });
    flow.response = Response.make(101, '', fieldsOf(response.head));
    flow.live = true;
    flows.push(flow);
    await relay(context, flow, { duplex: client, rest: request.rest }, { duplex: server, rest: response.rest });
  };
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => running.push(serve(client)));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return {
    // A server that listens on TCP has an AddressInfo.
    port: (listener.address() as AddressInfo).port,
    flows,
    over: async () => {
      await Promise.all(running);
    },
  };
}

interface Head {
  readonly head: Buffer;
  readonly rest: Buffer;
}

function readHead(socket: Socket): Promise<Head> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('data', take).pause();
      resolve({ head: received.subarray(0, end + 4), rest: received.subarray(end + 4) });
    };
    socket.on('data', take);
  });
}

function fieldsOf(head: Buffer): readonly (readonly [string, string])[] {
  const lines = head.toString('latin1').split('\r\n').slice(1, -2);
  return lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}
