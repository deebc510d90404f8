// docs/features/anticache.md
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest, WebProtocol } from '../../kit/web-server.js';

const modified = 'Wed, 01 Jan 2020 00:00:00 GMT';

/** A server of one page that never changes, which tells of each request what of it was about caches. */
async function cachingServer(protocol: WebProtocol): Promise<{ readonly port: number; readonly seen: object[] }> {
  const seen: object[] = [];
  const page: OnRequest = ({ headers }, response) => {
    const { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control } = headers;
    seen.push({ match, since, control });
    const isKnown = match === '"one"' || since === modified;
    response.writeHead(isKnown ? 304 : 200, { ETag: '"one"', 'Last-Modified': modified });
    response.end(isKnown ? undefined : 'whole');
  };
  return { port: (await webServer(protocol, page)).port, seen };
}

const status = ['-o', '/dev/null', '-w', '%{http_code} '];

describe.skipIf(!hasProgram('curl'))('anticache', { timeout: 60_000 }, () => {
  test('has a server answer in full that would say 304', async () => {
    const [plain, secure] = await Promise.all([cachingServer('http'), cachingServer('h2')]);
    const urls = [`http://127.0.0.1:${String(plain.port)}/`, `https://localhost:${String(secure.port)}/`];
    const [without, today] = await Promise.all([dumpProcess(), dumpProcess('--anticache')]);
    const conditions = [
      ['-H', 'If-None-Match: "one"'],
      ['-H', `if-modified-since: ${modified}`],
      ['-H', 'IF-NONE-MATCH: "one"', '-H', `If-Modified-Since: ${modified}`, '-H', 'Cache-Control: no-cache'],
    ];
    for (const [program, expected] of [
      [without, '304 '],
      [today, '200 '],
    ] as const) {
      const asked = conditions.flatMap((fields) => urls.map((url) => program.through(...status, ...fields, url)));
      const answers = await Promise.all(asked);
      expect(answers.map(({ stdout, stderr }) => stdout + stderr)).toEqual(asked.map(() => expected));
    }
    // Nothing else that is about caches is taken away.
    const gone = { match: undefined, since: undefined };
    for (const { seen } of [plain, secure]) {
      const answered = seen.slice(3);
      expect(answered).toEqual(answered.map(() => expect.objectContaining(gone) as object));
      expect(answered).toContainEqual({ ...gone, control: 'no-cache' });
    }
    const { err } = await today.stop();
    expect(err).toBe('');
  });

  test('with client replay, gets in full what was recorded as 304', async () => {
    const { port, seen } = await cachingServer('http');
    const [recorded, again] = ['recorded', 'again'].map((name) => join(temporaryDirectory(), name)) as [string, string];
    const recorder = await startedProxy({ addonOptions: { saveStreamFile: recorded } });
    await recorder.through('-H', 'If-None-Match: "one"', `http://127.0.0.1:${String(port)}/page`);
    await recorder.proxy.stop();
    const confdir = temporaryDirectory();
    expect(await runMitmdump(['--confdir', confdir, '-nc', recorded, '--anticache', '-w', again])).toMatchObject({
      status: 0,
    });
    expect(seen.map((fields) => 'match' in fields && fields.match)).toEqual(['"one"', undefined]);
    const read = async (file: string): Promise<string> =>
      (await runMitmdump(['--confdir', confdir, '-nr', file])).out.replaceAll(/^.*: /gm, '');
    expect(await read(recorded)).toContain('<< 304 Not Modified 0b');
    expect(await read(again)).toContain('<< 200 OK 5b');
  });
});
