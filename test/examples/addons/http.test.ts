// The examples that look at requests and responses: what their clients and servers see.
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../kit/daemon.js';
import { ManualClock } from '../../kit/manual-clock.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import { ask, startExample } from './example.js';

/** A server that answers with the body that it gets. */
async function mirror(): Promise<number> {
  return (await webServer('http', (_, response, body) => response.end(body))).port;
}

/** A server that answers with the target and some header fields that it was asked with, as JSON. */
async function reporter(): Promise<number> {
  const report = ({ method, url, headers }: IncomingMessage) => JSON.stringify({ method, url, headers });
  return (await webServer('http', (request, response) => response.end(report(request)))).port;
}

/** What {@link reporter} tells. */
interface Report {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function reported(url: string, init: RequestInit = {}): Promise<Report> {
  return (await (await fetch(url, init)).json()) as Report;
}

test('add-header.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', "200:b'hello'"]] });
  const { proxy } = await startExample('add-header.ts', { before: daemon.port });
  const response = await fetch(proxy.url);
  expect(response.headers.get('x-proxied-by')).toBe('pathod');
  expect(await response.text()).toBe('hello');
});

test('redirect.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', "200:b'the other'"]] });
  const redirectTo = daemon.url('/').slice(0, -1);
  const addonOptions = { redirectFrom: '127.0.0.1', redirectTo };
  const { proxy } = await startExample('redirect.ts', { before: await reporter(), addonOptions });
  expect(await (await fetch(`${proxy.url}/a?b=c`)).text()).toBe('the other');
  expect(daemon.lastLog()).toMatchObject({ request: { path: '/a?b=c' } });
  await proxy.configure({ redirectFrom: 'api.example.com' });
  expect(await reported(`${proxy.url}/a?b=c`)).toMatchObject({ url: '/a?b=c' });
});

describe('modify-form.ts', () => {
  test('a field of a form', async () => {
    const { proxy } = await startExample('modify-form.ts', { before: await mirror() });
    const body = new URLSearchParams({ name: 'Ada L.', email: 'ada@example.com' });
    const response = await fetch(proxy.url, { method: 'POST', body });
    expect(await response.text()).toBe('name=Ada+L.&email=nobody%40example.com');
  });

  test('a field of a form with files', async () => {
    const { proxy } = await startExample('modify-form.ts', { before: await mirror() });
    const body = new FormData();
    body.set('email', 'ada@example.com');
    body.set('picture', new Blob(['first\r\n\nlast'], { type: 'image/png' }), 'a.png');
    const text = await (await fetch(proxy.url, { method: 'POST', body })).text();
    expect(text).toContain('\r\n\r\nnobody@example.com\r\n--');
    // The file is as it was.
    expect(text).toMatch(/name="picture"; filename="a\.png"\r\nContent-Type: image\/png\r\n\r\nfirst\r\n\nlast\r\n--/);
    expect(text).not.toContain('ada');
  });

  test('nothing else', async () => {
    const { proxy } = await startExample('modify-form.ts', { before: await mirror() });
    const body = 'email=ada@example.com';
    const headers = { 'Content-Type': 'text/plain' };
    expect(await (await fetch(proxy.url, { method: 'POST', body, headers })).text()).toBe(body);
  });
});

test('modify-query.ts', async () => {
  const { proxy } = await startExample('modify-query.ts', { before: await reporter() });
  const { url } = await reported(`${proxy.url}/list?utm_source=x&page=2&q=a+b&fbclid=1&utm_id=7`);
  expect(url).toBe('/list?page=2&q=a+b&per_page=5');
  expect((await reported(`${proxy.url}/list?q=%7e`)).url).toBe('/list?q=%7e');
});

describe('block-hosts.ts', () => {
  test('refuses what is in its file', async () => {
    const blockFile = join(temporaryDirectory(), 'hosts');
    writeFileSync(blockFile, 'Example.com\n127.0.0.1\n');
    const daemon = await startDaemon({ anchors: [['/', '200']] });
    const { proxy } = await startExample('block-hosts.ts', { before: daemon.port, addonOptions: { blockFile } });
    const response = await fetch(proxy.url);
    expect([response.status, await response.text()]).toEqual([403, '127.0.0.1 is blocked.\n']);
    expect(daemon.log()).toEqual([]);
    await expect(proxy.configure({ blockFile: `${blockFile}.none` })).rejects.toThrow('no such file');
    expect((await fetch(proxy.url)).status).toBe(403);
    expect(await ask(proxy.port, '/', { host: 'www.EXAMPLE.com' })).toMatchObject({ status: 403 });
    expect(await ask(proxy.port, '/', { host: 'example.org' })).toMatchObject({ status: 200 });
  });
});

test('inject-html.ts', async () => {
  const { port } = await webServer('http', ({ url }, response) => {
    response.setHeader('Content-Type', url === '/data' ? 'text/plain' : 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', "default-src 'self'").setHeader('Content-Encoding', 'gzip');
    response.end(gzipSync('<html><body class="wide"><h1>Größe $1</h1></body></html>'));
  });
  const { proxy } = await startExample('inject-html.ts', { before: port });
  const response = await fetch(proxy.url);
  expect(response.headers.get('content-security-policy')).toBeNull();
  expect(await response.text()).toMatch(
    /^<html><body class="wide"><p .*came through a proxy.*<script>.*<\/script><h1>Größe \$1<\/h1>/,
  );
  expect(await (await fetch(`${proxy.url}/data`)).text()).not.toContain('proxy');
});

test('mock-endpoint.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', "200:b'real'"]] });
  const { proxy } = await startExample('mock-endpoint.ts', { before: daemon.port });
  const response = await fetch(`${proxy.url}/api/users/7?x=1`);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ id: '7', name: 'Ada' });
  expect((await fetch(`${proxy.url}/api/users/7`, { method: 'DELETE' })).status).toBe(405);
  expect(daemon.log()).toEqual([]);
  expect(await (await fetch(`${proxy.url}/api/users`)).text()).toBe('real');
});

test('local-json.ts', async () => {
  const localFile = join(temporaryDirectory(), 'flags.json');
  const addonOptions = { localPath: '/flags', localFile };
  const daemon = await startDaemon({ anchors: [['/', "200:b'real'"]] });
  const { proxy, lines } = await startExample('local-json.ts', { before: daemon.port, addonOptions });
  for (const dark of [true, false]) {
    writeFileSync(localFile, JSON.stringify({ dark }));
    expect(await (await fetch(`${proxy.url}/flags?user=1`)).json()).toEqual({ dark });
  }
  expect(await (await fetch(`${proxy.url}/flagship`)).text()).toBe('real');
  expect(lines).toEqual([]);
});

test('rate-limit.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', '200']] });
  const clock = new ManualClock(1_700_000_000_000);
  const { proxy } = await startExample('rate-limit.ts', { before: daemon.port, clock, addonOptions: { rateLimit: 2 } });
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await fetch(proxy.url)).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
  const refused = await fetch(proxy.url);
  // That time is 20 seconds into its minute.
  expect(refused.headers.get('retry-after')).toBe('40');
  clock.advance(40_000);
  expect((await fetch(proxy.url)).status).toBe(200);
});

test('delay.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', '200']] });
  const clock = new ManualClock();
  const addonOptions = { delayPath: '/slow', delaySeconds: 2.5 };
  const { proxy } = await startExample('delay.ts', { before: daemon.port, clock, addonOptions });
  let isThere = false;
  const slow = fetch(`${proxy.url}/slow/1`).finally(() => (isThere = true));
  await clock.untilWaiting(2500);
  expect((await fetch(`${proxy.url}/fast`)).status).toBe(200);
  expect(isThere).toBe(false);
  clock.advance(2500);
  expect((await slow).status).toBe(200);
});

test('options-and-commands.ts', async () => {
  const { proxy } = await startExample('options-and-commands.ts', { before: await reporter() });
  expect((await reported(proxy.url)).headers['x-stage']).toBe('test');
  await proxy.configure({ stage: 'acceptance' });
  expect((await reported(proxy.url)).headers['x-stage']).toBe('acceptance');
  const refusal = 'stage takes lower-case letters, not "Live!"';
  await expect(proxy.configure({ stage: 'Live!', anticache: true })).rejects.toThrow(refusal);
  expect(proxy.options).toMatchObject({ stage: 'acceptance', anticache: false });
  expect(await proxy.call('stage.of', '~http')).toEqual(['test', 'acceptance']);
});
