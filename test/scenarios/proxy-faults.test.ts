// pathod as a server that fails in every way that has a name: each request ends in one response or one error.
import { describe, expect, test, vi } from 'vitest';
import { faults } from '../../src/language/faults.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { certificateFor, fileOf } from '../kit/certificates.js';
import { connect } from '../kit/connect.js';
import { startDaemon } from '../kit/daemon.js';
import { SkippingClock } from '../kit/skipping-clock.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { unhandledDuring } from '../kit/unhandled.js';

/** Faults that keep their client waiting until it leaves, and after how many bytes it does so. */
const unending: Readonly<Record<string, { readonly gathered?: number; readonly streamed: number }>> = {
  timeout: { gathered: 0, streamed: 0 },
  stalled_headers: { gathered: 0, streamed: 0 },
  stalled_body: { gathered: 0, streamed: 1 },
  endless_informational: { gathered: 100, streamed: 100 },
  endless_body: { streamed: 1000 },
};

/** The size of what the endless ones may send. */
const bodySizeLimit = 256 * 1024;

/** Counts what flows end in. */
class Ends implements Addon {
  readonly name = 'ends';
  readonly of = new Map<Flow, string[]>();

  request(flow: Flow): void {
    this.of.set(flow, []);
  }

  response(flow: Flow): void {
    this.of.get(flow)?.push('response');
  }

  error(flow: Flow): void {
    this.of.get(flow)?.push('error');
  }
}

/** Sends a request and reads until the connection ends; leaves after so many bytes when that would take forever. */
async function ask({ proxy }: StartedProxy, path: string, enough: number | undefined): Promise<string> {
  const peer = await connect(proxy.port);
  peer.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  if (enough === undefined) return (await peer.closed()).toString('latin1');
  await peer.until(enough);
  await until(() => proxy.flows('~u /fault').length === 2);
  peer.socket.destroy();
  return peer.text;
}

/** Resolves once it is the case. */
async function until(isTheCase: () => boolean): Promise<void> {
  await vi.waitUntil(isTheCase, { interval: 1, timeout: 40_000 });
}

const ways = [
  { way: 'gathered, from a server of HTTP/1', scheme: 'http', streamed: false },
  { way: 'streamed, from a server of HTTP/1', scheme: 'http', streamed: true },
  { way: 'gathered, from a server of HTTP/2', scheme: 'https', streamed: false },
  { way: 'streamed, from a server of HTTP/2', scheme: 'https', streamed: true },
] as const;

describe.each(ways)('$way', ({ scheme, streamed }) => {
  const isHttp2 = scheme === 'https';
  const known = faults.filter(({ http2 }) => !isHttp2 || http2 !== undefined);

  test.each(known)('$name', async ({ name }) => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const daemon = await startDaemon(
      {
        anchors: [
          ['/fault', `fault:${name}`],
          ['/fine', "200:b'fine'"],
        ],
        ...(isHttp2 && { ssl: true, certs: [fileOf(key, cert)] }),
      },
      { clock: new SkippingClock() },
    );
    const ends = new Ends();
    const started = await startedProxy({
      mode: `reverse:${scheme}://localhost:${String(daemon.port)}`,
      addons: [ends, ...(streamed ? [streaming] : [])],
      bodySizeLimit,
    });
    const { proxy, lines } = started;
    const enough = unending[name]?.[streamed ? 'streamed' : 'gathered'];
    const unhandled = await unhandledDuring(async () => {
      const [first, second] = await Promise.all([ask(started, '/fault', enough), ask(started, '/fault', enough)]);
      for (const got of [first, second]) if (enough === undefined) expect(got).toMatch(/^HTTP\/\d\.\d \d{3} /);
      expect(await ask(started, '/fine', undefined)).toMatch(/\r\n\r\nfine$/);
      await until(() => proxy.flows().every(({ live }) => !live));
    });
    expect(unhandled).toEqual([]);
    expect([...ends.of.values()].map((all) => all.length)).toEqual([1, 1, 1]);
    expect(lines.filter((line) => line.includes('internal error'))).toEqual([]);
    for (const [flow, [end]] of ends.of) expect(flow.error === undefined).toBe(end === 'response');
  });
});

const streaming: Addon = {
  name: 'streaming',
  responseheaders: (flow) => {
    if (flow.response !== undefined) flow.response.stream = true;
  },
};
