// The one-liners of fixtures/h2 on either side of the proxy: every exchange comes to its end, and its flow says which.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runExchange } from '../../src/proxy/exchange.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { pathoc } from '../pathoc/command-line.js';
import { clientContext } from '../proxy/client-context.js';
import { http2Sessions, http2Upstream, keepAndSend, upstreamsOf } from '../proxy/http2-relay.js';

const folder = fileURLToPath(new URL('../../fixtures/h2/', import.meta.url));

const names = (suffix: string): string[] =>
  readdirSync(folder).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));

const broken = (rule: string): string => `HTTP/2 protocol error of the server: ${rule}`;

/** Of the server's pathologies, what the client gets, or what the flow's error is. */
const servers: Record<string, { readonly body: string } | { readonly error: string }> = {
  'bad-hpack-index': { error: broken('HPACK index 1000 is not among the 61 of the tables') },
  'continuation-flood': { error: broken('a header block has more than 4096 CONTINUATION frames') },
  'data-before-headers': { error: broken('DATA before HEADERS on stream 1') },
  'goaway-mid-response': { body: '200 half and half' },
  'goaway-refuses-stream': {
    error: "the server takes no more requests on this connection: enhance_your_calm b'go away'",
  },
  'header-block-split': { body: '200 x=y' },
  'headers-on-stream-zero': { error: broken('HEADERS is on stream 0') },
  'hpack-index-zero': { error: broken('HPACK index 0 is not among the 61 of the tables') },
  'oversized-frame': { error: broken('a frame of 32768 bytes is more than 16384') },
  'padding-beyond-frame': { error: broken('DATA of 7 bytes claims 200 bytes of padding') },
  'ping-flood': { body: '200 content-length=15 after the flood' },
  'push-uninvited': { error: broken('PUSH_PROMISE, though push is disabled') },
  'rst-stream-mid-response': { error: 'the server reset the stream: internal_error' },
  'rst-stream-storm': { error: 'the server reset the stream: cancel' },
  'settings-flood': { body: '200 content-length=15 after the flood' },
  'truncated-frame': { error: 'the server closed the connection before its answer was complete' },
  'unknown-frame-type': { body: '200 content-length=23 ignored what is unknown' },
  'window-overflow': { error: broken('the window of stream 1 grew beyond 2^31 - 1') },
  'wrong-stream-id': { error: broken('HEADERS on stream 3, which is idle') },
  'zero-window': { body: '200 content-length=25 send what you want to say' },
};

const spec = (file: string): string =>
  readFileSync(folder + file, 'latin1')
    .trim()
    .replace('x100000', 'x5000');

describe('a server', () => {
  test('each fixture is here', () => {
    expect(Object.keys(servers).sort()).toEqual(names('.pathod').sort());
  });

  test.each(Object.entries(servers))('%s', async (name, expected) => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/', spec(`${name}.pathod`)]] });
    const flows: HttpFlow[] = [];
    const note = (flow: HttpFlow): void => {
      flows.push(flow);
    };
    const context = clientContext({ addons: [{ response: note, error: note }] });
    const upstream = await http2Upstream(context, daemon.port);
    const upstreams = upstreamsOf(upstream);
    const route = { fixed: upstream.link.destination, via: undefined, clientTls: false, rewritesHost: true };
    const { port } = await http2Sessions(context, (stream) => runExchange({ context, route, upstreams }, stream));
    const client = await http2Peer(port);
    const told = await client.ask('/');
    expect(flows.length).toBe(1);
    if ('body' in expected) expect(told).toBe(expected.body);
    else {
      expect(told).toMatch(/^502 /);
      expect(flows[0]?.error?.message).toBe(expected.error);
    }
  });
});

describe('a client', () => {
  test.each(names('.pathoc'))('%s', { timeout: 60_000 }, async (name) => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/', '200:b"fine"']] });
    const context = clientContext();
    const upstream = await http2Upstream(context, daemon.port);
    const { port } = await http2Sessions(
      context,
      keepAndSend(() => upstream.open()),
    );
    const { status } = await pathoc(['--h2c', '-t', '1', `127.0.0.1:${String(port)}`, spec(`${name}.pathoc`)]);
    expect(status).toBeLessThanOrEqual(2);
    // Others are served as before, by the same connection to the server.
    expect(await (await http2Peer(port)).ask('/')).toMatch(/^200 .*fine$/);
    expect(upstream.isClosed).toBe(false);
  });
});
