// The examples that note, keep, hold, kill and repeat what passes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../kit/daemon.js';
import { ManualClock } from '../../kit/manual-clock.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import { ask, startExample } from './example.js';

test('save-bodies.ts', async () => {
  const { port } = await webServer('http', ({ url = '' }, response) => {
    if (url === '/empty') response.end();
    else response.setHeader('Content-Encoding', 'gzip').end(gzipSync(`body of ${url}`));
  });
  const bodiesDirectory = join(temporaryDirectory(), 'a', 'b');
  const { proxy } = await startExample('save-bodies.ts', { before: port, addonOptions: { bodiesDirectory } });
  for (const path of ['/a?b=../c', '/empty', '/a?b=../c']) await (await fetch(`${proxy.url}${path}`)).text();
  expect(readdirSync(bodiesDirectory).sort()).toEqual(['0001-127.0.0.1_a_b_.._c', '0002-127.0.0.1_a_b_.._c']);
  expect(readFileSync(join(bodiesDirectory, '0001-127.0.0.1_a_b_.._c'), 'utf8')).toBe('body of /a?b=../c');
});

test('count-hosts.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', '200']] });
  const { proxy, lines } = await startExample('count-hosts.ts', { before: daemon.port });
  for (const host of ['a.test', 'b.test:8080', 'a.test']) await ask(proxy.port, '/', { host });
  expect(await proxy.call('count.hosts')).toEqual({ 'a.test': 2, 'b.test': 1 });
  await proxy.stop();
  expect(lines).toEqual(['info: a.test: 2', 'info: b.test: 1']);
});

test('log-ndjson.ts', async () => {
  const daemon = await startDaemon({
    anchors: [
      ['/good', "200:b'four'"],
      ['/bad', "200:b'four':d3"],
    ],
  });
  const ndjsonFile = join(temporaryDirectory(), 'log');
  const { proxy } = await startExample('log-ndjson.ts', { before: daemon.port, addonOptions: { ndjsonFile } });
  await fetch(`${proxy.url}/good`, { method: 'PUT' });
  await fetch(`${proxy.url}/bad`);
  const entries = readFileSync(ndjsonFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  const time = expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/) as string;
  expect(entries).toEqual([
    { time, method: 'PUT', url: `${proxy.url}/good`, status: 200, bytes: 4 },
    { time, method: 'GET', url: `${proxy.url}/bad`, error: expect.any(String) as string },
  ]);
});

describe('retry.ts', () => {
  test('asks until there is an answer', async () => {
    let left = 2;
    const { port } = await webServer('http', (_, response) => {
      response.statusCode = left-- > 0 ? 503 : 200;
      response.end(String(response.statusCode));
    });
    const { proxy } = await startExample('retry.ts', { before: port });
    const response = await fetch(proxy.url);
    expect([response.status, await response.text()]).toEqual([200, '200']);
    expect(left).toBe(-1);
  });

  test('gives up, and repeats nothing but GET', async () => {
    let count = 0;
    const { port } = await webServer('http', (_, response) => {
      count++;
      response.writeHead(500).end();
    });
    const { proxy } = await startExample('retry.ts', { before: port });
    expect((await fetch(proxy.url)).status).toBe(500);
    expect(count).toBe(3);
    expect((await fetch(proxy.url, { method: 'POST' })).status).toBe(500);
    expect(count).toBe(4);
  });
});

test('kill-some.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', '200']] });
  const run = async (killSeed: string): Promise<string> => {
    const addonOptions = { killSeed, killPercent: 50 };
    const { proxy, lines } = await startExample('kill-some.ts', { before: daemon.port, addonOptions });
    let outcomes = '';
    for (let i = 0; i < 24; i++) {
      outcomes += await fetch(proxy.url).then(
        ({ ok }) => (ok ? '.' : '?'),
        () => 'x',
      );
    }
    expect(lines).toEqual([...outcomes.matchAll(/x/g)].map(() => `info: killed: ${proxy.url}/`));
    return outcomes;
  };
  const first = await run('7');
  expect(first).toMatch(/^[.x]+$/);
  expect(first).toContain('x');
  expect(first).toContain('.');
  expect(await run('7')).toBe(first);
  expect(await run('8')).not.toBe(first);
});

test('hold.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', '200']] });
  const clock = new ManualClock(1_700_000_000_000);
  const addonOptions = { hold: '~m POST', holdSeconds: 0 };
  const { proxy } = await startExample('hold.ts', { before: daemon.port, addonOptions, clock });
  expect((await fetch(proxy.url)).status).toBe(200);
  const held = fetch(`${proxy.url}/held`, { method: 'POST' });
  await expect.poll(() => proxy.call('hold.list')).toMatchObject([{ request: { path: '/held' } }]);
  expect(daemon.log()).toHaveLength(1);
  await proxy.call('hold.release', '~m POST');
  expect((await held).status).toBe(200);
  expect(await proxy.call('hold.list')).toEqual([]);

  await proxy.configure({ holdSeconds: 7 });
  const released = fetch(`${proxy.url}/for/a/while`, { method: 'POST' });
  await clock.untilWaiting(7000);
  expect(daemon.log()).toHaveLength(2);
  clock.advance(7000);
  expect((await released).status).toBe(200);
  await expect(proxy.configure({ hold: '~m' })).rejects.toMatchObject({ code: 'ERR_FILTER' });
  expect(proxy.options['hold']).toBe('~m POST');
});

test('graphql-operations.ts', async () => {
  const daemon = await startDaemon({ anchors: [['/', '200']] });
  const { proxy, lines } = await startExample('graphql-operations.ts', { before: daemon.port });
  const send = (path: string, body: unknown) =>
    fetch(`${proxy.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  await send('/graphql', { query: 'mutation AddUser($n: String) { add(name: $n) }' });
  await send('/v2/graphql?x=1', [
    { query: '{ me }' },
    { query: 'query A { a } query B { b }', operationName: 'B' },
    { query: 'subscription($a: Int) { s(a: $a) }', operationName: null },
  ]);
  await send('/other', { query: '{ me }' });
  expect(proxy.flows().map(({ comment }) => comment)).toEqual([
    'mutation AddUser',
    'query (anonymous), query B, subscription (anonymous)',
    '',
  ]);
  expect(proxy.flows('~comment AddUser')).toHaveLength(1);
  expect(lines).toHaveLength(2);
});
