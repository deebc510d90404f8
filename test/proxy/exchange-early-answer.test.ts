// A request that passes on as it arrives may be answered before its end. What is left of it is not read for ever.
import { expect, it } from 'vitest';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { http1Host, routeTo } from './http1-host.js';
import type { HostSettings, Http1Host } from './http1-host.js';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const endless = 'POST / HTTP/1.1\r\nContent-Length: 1000000000000\r\n\r\n';

/** A host that passes requests on as they arrive, before a server that does this when it has the head. */
async function passing(act: (peer: Peer) => void, settings: HostSettings = {}): Promise<[Http1Host, Peer]> {
  const server = await rawServer((peer) => {
    peer.until('\r\n\r\n').then(
      () => act(peer),
      () => undefined,
    );
  });
  const stream = ({ request }: HttpFlow): void => {
    request.stream = true;
  };
  const host = await http1Host({ route: routeTo(server.port), addons: [{ requestheaders: stream }], ...settings });
  return [host, await host.client()];
}

it('is sent no further when the server has gone', async () => {
  const [host, client] = await passing((peer) => peer.send(answer).socket.destroySoon());
  client.send(endless);
  let sent = 0;
  const piece = Buffer.alloc(64 * 1024);
  const more = (): void => {
    while (client.socket.writable) {
      sent += piece.length;
      if (!client.socket.write(piece)) return;
    }
  };
  client.socket.on('drain', more);
  await client.until('hi');
  more();
  await client.closed();
  await host.settled();
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  expect(host.names()).toEqual(['requestheaders', 'responseheaders', 'response']);
  const { request, live } = await host.event('response');
  expect([request.rawContent, request.timestampEnd, live]).toEqual([undefined, undefined, false]);
});

it('is waited for as long as it moves, and some seconds more', async () => {
  const clock = new ManualClock(1e12);
  let server: Peer | undefined;
  const [host, client] = await passing((peer) => (server = peer.send(answer)), { clock });
  await client.send(endless).until('hi');
  const flow = await host.event('response');
  for (let i = 0; i < 3; i++) {
    await clock.untilWaiting(10_000);
    client.send(`more${String(i)}`);
    await server?.until(`more${String(i)}`);
    clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(flow.live).toBe(true);
  }
  clock.advance(10_000);
  await clock.untilWaiting(500);
  expect([flow.live, flow.serverConn.state]).toEqual([false, 0]);
  clock.advance(500);
  await client.closed();
  await host.settled();
  expect(host.names()).toEqual(['requestheaders', 'responseheaders', 'response']);
});

it('is read to its end otherwise, and the connection used again', async () => {
  let server: Peer | undefined;
  const [host, client] = await passing((peer) => {
    server = peer.send(answer);
  });
  await client.send('POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n').until('hi');
  client.send('body').send('GET /next HTTP/1.1\r\n\r\n');
  await host.event('request');
  await server?.until('/next');
  server?.send(answer);
  await client.until((all) => all.length === 2 * answer.length);
  expect(server?.text).toContain('\r\n\r\nbodyGET /next');
});
