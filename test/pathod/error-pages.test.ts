import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DaemonOptions } from '../../src/pathod/index.js';
import { ask, get, startDaemon } from '../kit/daemon.js';

function page(reason: string, body: string): string {
  const text = `pathod error: ${body}`;
  return `HTTP/1.1 800 ${reason}\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

const after = 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n';

interface Case {
  readonly path: string;
  readonly options?: DaemonOptions;
  readonly reason: string;
  readonly body: string;
  readonly closes: boolean;
}

const notFound = { reason: 'Not found', body: 'No valid craft request found', closes: false };
const denied = { reason: 'File access denied.', body: 'File access denied.', closes: true };
const tooLarge = { reason: 'Response too large.', body: 'Response too large.', closes: true };
const noPauses = { reason: 'Pauses have been disabled.', body: 'Pauses have been disabled.', closes: true };
const noCraft = { reason: 'Crafting disabled.', body: 'Crafting disabled.', closes: true };

describe('an error page', () => {
  test.each<Case>([
    { path: '/', ...notFound },
    { path: '/p/', ...notFound },
    { path: '/q/200', ...notFound },
    { path: '*', ...notFound },
    {
      path: '/p/200:qq',
      reason: 'Parse Error',
      body: 'Error parsing response spec: "qq" cannot stand here in a response\n200:qq\n    ^\n',
      closes: false,
    },
    {
      path: '/p/%C3%A9',
      reason: 'Parse Error',
      body: 'Error parsing response spec: Spec must be valid ASCII.\n\xc3\xa9\n^\n',
      closes: false,
    },
    {
      path: '/p/ws',
      reason: 'Render Error',
      body: 'Error rendering response: No websocket key - have we seen a client handshake?\n',
      closes: false,
    },
    {
      path: '/p/wf:x0',
      reason: 'Render Error',
      body: 'Error rendering response: the spec stands for no message: x0 repeats it zero times\n',
      closes: false,
    },
    { path: '/p/200:b<x', ...denied },
    { path: '/p/+x', ...denied },
    { path: '/p/200:b@40', options: { limitSize: 77 }, ...tooLarge },
    { path: "/p/200:b@39:i0,'x'", options: { limitSize: '77' }, ...tooLarge },
    { path: '/p/200:p0,1', options: { nohang: true }, ...noPauses },
    { path: '/p/200', options: { nocraft: true }, ...noCraft },
    { path: '/p/200:qq', options: { nocraft: true }, ...noCraft },
    { path: '/x', options: { nocraft: true }, ...notFound },
    { path: '/a', options: { nohang: true, anchors: ['/a=200:pr,f'] }, ...noPauses },
  ])('for $path with $options: $reason', async ({ path, options, reason, body, closes }) => {
    const daemon = await startDaemon({ ...options, anchors: [...(options?.anchors ?? []), ['/after', '204']] });
    expect(await ask(daemon, get(path) + get('/after'))).toBe(page(reason, body) + (closes ? '' : after));
  });

  test('is not held to the limit of sizes, and the limit itself is allowed', async () => {
    const daemon = await startDaemon({ limitSize: 39 });
    expect(await ask(daemon, get('/'))).toContain('800 Not found');
    expect(await ask(daemon, get("/p/200:b'x'"))).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
    expect(await ask(daemon, get("/p/200:b'xy'"))).toContain('Response too large.');
  });

  test('does not show a caret a mile away, nor the whole of a huge spec', async () => {
    const daemon = await startDaemon();
    const answer = await ask(daemon, get(`/p/200:b"${'x'.repeat(70_000)}"`));
    expect(answer).toContain('the spec has 70007 characters, and 65536 are accepted');
    expect(answer.length).toBeLessThan(600);
  });

  test('is logged as what it is', async () => {
    const daemon = await startDaemon({ nohang: true });
    await ask(daemon, get('/p/200:qq'));
    await ask(daemon, get('/p/200:p0,1'));
    expect(daemon.log()).toMatchObject([
      { request: { path: '/p/200:p0,1' }, response: { type: 'error', msg: 'Pauses have been disabled.' } },
      { request: { path: '/p/200:qq' }, response: { type: 'response', statusCode: '800', reason: 'Parse Error' } },
    ]);
  });
});

describe('files', () => {
  function directory(files: Readonly<Record<string, string>>): string {
    const path = mkdtempSync(join(tmpdir(), 'pathod-test-'));
    onTestFinished(() => {
      rmSync(path, { recursive: true });
    });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content, 'latin1');
    return path;
  }

  test('of the static directory are served, as they are now', async () => {
    const staticDirectory = directory({ body: 'one', spec: "201:b'spec'", empty: '' });
    const daemon = await startDaemon({ staticDirectory });
    expect(await ask(daemon, get('/p/200:b<body'))).toMatch(/Content-Length: 3\r\n\r\none$/);
    expect(await ask(daemon, get('/p/+spec'))).toMatch(/^HTTP\/1.1 201 .*\r\n\r\nspec$/s);
    expect(await ask(daemon, get('/p/200:b<empty'))).toMatch(/Content-Length: 0\r\n\r\n$/);
    writeFileSync(join(staticDirectory, 'body'), 'another');
    writeFileSync(join(staticDirectory, 'spec'), "202:b'other'");
    expect(await ask(daemon, get('/p/200:b<body'))).toMatch(/Content-Length: 7\r\n\r\nanother$/);
    expect(await ask(daemon, get('/p/+spec'))).toMatch(/^HTTP\/1.1 202 .*\r\n\r\nother$/s);
    writeFileSync(join(staticDirectory, 'body'), 'late');
    expect(
      daemon.log().map(({ id, ...record }) => [id, 'response' in record ? record.response : undefined]),
    ).toMatchObject([
      [4, { body: 'other' }],
      [3, { body: 'another' }],
      [2, { body: '' }],
      [1, { body: 'spec' }],
      [0, { body: 'one' }],
    ]);
  });

  test.each(['../secret', '/etc/passwd', '~/x', 'none', '.'])('elsewhere are not: %s', async (name) => {
    const daemon = await startDaemon({ staticDirectory: directory({}) });
    expect(await ask(daemon, get(`/p/200:b<"${name}"`))).toBe(page('File access denied.', 'File access denied.'));
    expect(daemon.textLog()).toContain('Refused: File access denied.');
  });

  test('larger than what is read at once are streamed', async () => {
    const content = 'x'.repeat(3_000_000);
    const daemon = await startDaemon({ staticDirectory: directory({ large: content }) });
    const answer = await ask(daemon, get('/p/200:b<large'));
    expect(answer.endsWith(`\r\n\r\n${content}`)).toBe(true);
    expect(daemon.lastLog()).toMatchObject({ response: { body: 'x'.repeat(1024) } });
  });
});
