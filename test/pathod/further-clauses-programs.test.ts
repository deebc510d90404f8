/** Clauses that the ancestor did not have, as programs see them that are not ours. */
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage, InformationEvent } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';

const ten = "b'0123456789'";

describe.skipIf(!hasProgram('curl'))('curl', () => {
  test.each([
    ['takes an offset in the body', `200:${ten}:db+7`, 18, '0123456'],
    ['notices a reset', `200:${ten}:db+5,rst`, 56, '01234'],
    ['notices an early end', `200:${ten}:db+5,fin`, 18, '01234'],
    ['takes a whole answer before an end', `200:${ten}:da,fin`, 0, '0123456789'],
    ['waits for a fraction of a second', `200:${ten}:pb+5,0.3`, 0, '0123456789'],
    ['takes a slow body', `200:${ten}:wb,40`, 0, '0123456789'],
    ['sees what was overwritten', `200:${ten}:ob+2,'XY'`, 0, '01XY456789'],
    ['sees what was erased', `200:${ten}:eb+2,3:da`, 18, '0156789'],
    ['sees a bit flipped', "200:b'\\x00':~b", 0, /^[\x01\x02\x04\x08\x10 @\x80]$/],
    ['joins chunks', `200:${ten}:k3,1`, 0, '0123456789'],
    ['takes a trailer', `200:${ten}:t'X'='y'`, 0, '0123456789'],
    ['decodes gzip', `200:${ten}:zgzip`, 0, '0123456789'],
    ['decodes deflate in chunks', `200:${ten}:zdeflate:k2`, 0, '0123456789'],
    ['decodes br', `200:${ten}:zbr`, 0, '0123456789'],
    ['takes the last of several responses', `103:h'Link'='</a>' 102:r:x3 200:${ten}`, 0, '0123456789'],
    ['takes a fault', 'fault:obs_fold', 0, '0123456789'],
  ] as const)('%s: %s', async (_what, spec, code, body) => {
    const daemon = await startDaemon();
    const { code: status, stdout } = await run('curl', ['-s', '--noproxy', '*', '--compressed', daemon.p(spec)]);
    expect(status).toBe(code);
    if (typeof body === 'string') expect(stdout).toBe(body);
    // Bytes above 0x7f are no text here.
    else expect(stdout.replace('\ufffd', '\x80')).toMatch(body);
  });

  test.each([
    [`200:${ten}:pb+5,0.3`, 0.3],
    [`200:${ten}:wb,40`, 0.2],
  ])('is kept waiting by %s', async (spec, seconds) => {
    const daemon = await startDaemon();
    const argv = ['-s', '--noproxy', '*', '-o', '/dev/null', '-w', '%{time_total}', daemon.p(spec)];
    expect(Number((await run('curl', argv)).stdout)).toBeGreaterThanOrEqual(seconds);
  });

  test('tells the version of the start line', async () => {
    const daemon = await startDaemon();
    const argv = ['-s', '--noproxy', '*', '-o', '/dev/null', '-w', '%{http_version}', daemon.p('200:vHTTP/1.0:r:da')];
    expect((await run('curl', argv)).stdout).toBe('1');
  });
});

describe("Node's client", () => {
  test('gets informational responses, chunks, and trailers', async () => {
    const daemon = await startDaemon();
    const asked = request(daemon.p(`103:h'Link'='</a>' 200:k4:t'X-Sum'='abc':${ten}`), { agent: false });
    const links: unknown[] = [];
    asked.on('information', ({ statusCode, headers }: InformationEvent) => links.push([statusCode, headers['link']]));
    asked.end();
    // What the event of a response has.
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: string[] = [];
    for await (const chunk of response.setEncoding('latin1')) chunks.push(String(chunk));
    expect(chunks.join('')).toBe('0123456789');
    expect(links).toEqual([[103, '</a>']]);
    expect(response.headers).toMatchObject({ 'transfer-encoding': 'chunked', trailer: 'X-Sum' });
    expect(response.trailers).toEqual({ 'x-sum': 'abc' });
  });

  test.each(['gzip', 'deflate', 'br'])('decodes %s in fetch', async (coding) => {
    const daemon = await startDaemon();
    const response = await fetch(daemon.p(`200:z${coding}:k5:${ten}`));
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(await response.text()).toBe('0123456789');
  });
});
