// The one-liners of fixtures/h2 on either side of the proxy: every exchange has its end, and every flow says which.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runExchange } from '../../src/proxy/exchange.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { clientContext } from '../proxy/client-context.js';
import { http2Sessions, http2Upstream } from '../proxy/http2-relay.js';

const folder = fileURLToPath(new URL('../../fixtures/h2/', import.meta.url));
const names = (suffix: string): string[] =>
  readdirSync(folder).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));

describe('a server', () => {
  test.each(names('.pathod'))('%s', async (name) => {
    const spec = readFileSync(`${folder}${name}.pathod`, 'latin1').trim();
    const daemon = await startDaemon({ h2c: true, anchors: [['/', spec]] });
    const flows: HttpFlow[] = [];
    const note = (flow: HttpFlow): void => void flows.push(flow);
    const context = clientContext({ addons: [{ response: note, error: note }] });
    const upstream = await http2Upstream(context, daemon.port);
    const upstreams = { ...none, open: () => upstream.open() };
    const fixed = upstream.link.destination;
    const route = { fixed, via: undefined, clientTls: false, rewritesHost: true };
    const { port } = await http2Sessions(context, (stream) => runExchange({ context, route, upstreams }, stream));
    const client = await http2Peer(port);
    const t = setTimeout(() => client.peer.socket.destroy(), 2000);
    const id = client.request('/');
    await client.over(id).catch(() => undefined);
    clearTimeout(t);
    console.log(name, '|', client.answer(id).replace(/<html>.*<p>(.*)<\/p>.*/s, '$1').slice(0, 300), '|', flows.length, flows[0]?.error?.message, '|', context.lines.join());
    expect(flows.length).toBe(1);
  });
});

const none = {
  offer: () => undefined,
  take: () => Promise.reject(new Error('no')),
  close: () => undefined,
};
