/** Clauses that the ancestor did not have, over real sockets. */
import { describe, expect, test } from 'vitest';
import { faults } from '../../src/language/index.js';
import { pathOfSpec } from '../../src/pathod/craft-path.js';
import { ask, get, open, startDaemon } from '../kit/daemon.js';

const craft = (spec: string): string => get(pathOfSpec(spec, '/p/'));

describe('several responses', () => {
  test('are sent one after the other for one request', async () => {
    const daemon = await startDaemon();
    const text = await ask(daemon, craft("103:r:h'Link'='</a>' 102:r:x3 200:b'x'") + craft("404:b'y'"));
    expect(text.match(/HTTP\/1\.1 \d+/g)?.map((line) => line.slice(9))).toEqual([
      '103',
      '102',
      '102',
      '102',
      '200',
      '404',
    ]);
    expect(text).toContain('Link: </a>\r\n\r\nHTTP/1.1 102');
    expect(daemon.log()).toHaveLength(2);
  });

  test('are drawn from the seed', async () => {
    const texts: string[] = [];
    for (let i = 0; i < 2; i++) {
      const daemon = await startDaemon({ seed: 5 });
      texts.push(await ask(daemon, craft('100:b@20,ascii_letters 200:b@20,ascii_letters')));
    }
    expect(texts[0]).toBe(texts[1]);
    const bodies = texts[0]?.match(/[A-Za-z]{20}/g);
    expect(new Set(bodies).size).toBe(2);
  });

  test('end with a disconnect of any of them', async () => {
    const daemon = await startDaemon();
    expect(await ask(daemon, craft('100:r:da 200'))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  test('are refused together', async () => {
    const daemon = await startDaemon({ limitSize: 100, nohang: true });
    expect(await ask(daemon, craft('102:r:x10 200'))).toContain('Response too large.');
    expect(await ask(daemon, craft('102:p0,1 200'))).toContain('Pauses have been disabled.');
    expect(await ask(daemon, craft('200:w0,1'))).toContain('Pauses have been disabled.');
  });

  test('of which there are many leave others their turn, and end with the client', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    peer.send(craft('102:r:x1000000'));
    await peer.until(1000);
    expect(await ask(daemon, craft('200'))).toContain('200 OK');
    peer.socket.destroy();
  });
});

describe('leaving', () => {
  test('with a reset', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    const text = (await peer.send(craft("200:b'0123456789':db+5,rst")).closed()).toString();
    expect(text.endsWith('\r\n\r\n01234')).toBe(true);
    expect(peer.error?.code).toBe('ECONNRESET');
  });

  test('with our side only: what still comes is read, and not answered', async () => {
    const daemon = await startDaemon();
    const peer = await open(daemon);
    await peer.send(craft("200:b'x':da,fin") + craft('404')).untilEnd();
    peer.send(craft('200'));
    peer.send(Buffer.alloc(1024 * 1024));
    expect((await peer.end().closed()).toString().match(/HTTP/g)).toHaveLength(1);
    expect(peer.error).toBeUndefined();
    expect(daemon.log()).toHaveLength(1);
  });
});

test('faults can be anchors and crafted', async () => {
  const daemon = await startDaemon({ anchors: [['/a', 'fault:EMPTY_RESPONSE']] });
  expect(await ask(daemon, get('/a'))).toBe('');
  expect(await ask(daemon, craft('fault:limit_data'))).toMatch(/Content-Length: 10240\r\n\r\n[^]{1000}$/);
  expect(await ask(daemon, craft('fault:nothing_such'))).toContain('no fault is called');
  expect(faults.length).toBeGreaterThan(30);
});
