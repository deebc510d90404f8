import { describe, expect, test } from 'vitest';
import type { DaemonOptions } from '../../src/pathod/index.js';
import { ask, get, startDaemon } from '../kit/daemon.js';
import { ManualClock } from '../kit/manual-clock.js';

const request = 'POST /p/200:b@3,digits:d45 HTTP/1.1\r\nContent-Length: 1\r\n\r\n\x01';

/** The text log of one request, its times taken off. */
async function textLog(options: DaemonOptions, bytes = request): Promise<string> {
  const daemon = await startDaemon({ seed: 5, ...options });
  await ask(daemon, bytes);
  return daemon.textLog().replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /gm, '(time) ');
}

const line = '(time) crafting spec: 200:b@3,digits:d45\n';
const written = 'Bytes written:\n\tHTTP/1.1 200 OK\r\n\tContent-Length: 3\r\n\t\r\n\t';
const read = 'Bytes read:\n\tPOST /p/200:b@3,digits:d45 HTTP/1.1\r\n\tContent-Length: 1\r\n\t\r\n\t.\n';

describe('the text log', () => {
  test('has a line for an answer', async () => {
    expect(await textLog({})).toBe(line);
  });

  test('explains', async () => {
    expect(await textLog({ explain: true })).toMatch(
      /^\(time\) crafting spec: 200:b@3,digits:d45\n>> Spec: 200:b'\d{3}':d45:h'Content-Length'='3'\n$/,
    );
  });

  test('shows bytes', async () => {
    expect(await textLog({ logRequests: true })).toBe(line + read);
    const both = await textLog({ logRequests: true, logResponses: true });
    expect(both.startsWith(line + written)).toBe(true);
    expect(both.endsWith(read)).toBe(true);
  });

  test('shows them in hexadecimal', async () => {
    const text = await textLog({ logResponses: true, hexdump: true });
    expect(text).toContain(
      'Bytes written:\n\t0000000000 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.\n\t0000000010 ',
    );
  });

  test('does not write out what is long', async () => {
    expect(await textLog({ explain: true }, get('/p/200:b@1t:d0'))).toBe(
      '(time) crafting spec: 200:b@1t:d0\n>> Spec: (too long to show: it stands for 1099511627826 bytes)\n',
    );
  });

  test('names mistakes and refusals', async () => {
    expect(await textLog({}, get('/p/200:q'))).toMatch(
      /^\(time\) Parse error: "q" cannot stand here in a response\ncrafting spec: 800:m'Parse Error':/,
    );
    expect(await textLog({}, get('/p/200:b<x'))).toMatch(
      /^\(time\) File access disabled\.\nRefused: File access denied\.\ncrafting spec: 800:/,
    );
    expect(await textLog({}, 'foo\r\n\r\n')).toBe("(time) Bad HTTP request line: b'foo'\n");
  });

  test('commands no terminal', async () => {
    const text = await textLog({ logRequests: true }, get('/p/200:%1b[2J%9b\x1b[1m'));
    expect(text).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
  });

  test('is printed as it grows, each entry behind its time', async () => {
    const printed: string[] = [];
    const clock = new ManualClock(new Date(2026, 0, 2, 3, 4, 5).getTime());
    const daemon = await startDaemon({}, { clock, print: (block) => printed.push(block) });
    await ask(daemon, get('/p/201'));
    clock.advance(61_000);
    await ask(daemon, get('/p/202'));
    expect(printed).toEqual(['2026-01-02 03:04:05 crafting spec: 201\n', '2026-01-02 03:05:06 crafting spec: 202\n']);
    expect(daemon.textLog()).toBe(printed.join(''));
  });
});
