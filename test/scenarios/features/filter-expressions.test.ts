// docs/filters.md
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';

describe.skipIf(!hasProgram('curl'))('filter expressions', { timeout: 60_000 }, () => {
  test('choose flows while they pass, and from files', async () => {
    const { port } = await webServer('http', (request, response) => {
      if (request.url === '/hang-up') request.socket.destroy();
      else response.setHeader('Content-Type', request.url === '/page' ? 'text/html' : 'text/plain').end('served');
    });
    const url = `http://127.0.0.1:${String(port)}`;
    const [all, posts] = ['all', 'posts'].map((name) => join(temporaryDirectory(), name)) as [string, string];
    const [everything, some] = await Promise.all([dumpProcess('-w', all), dumpProcess('-w', posts, '~m post')]);
    for (const { through } of [everything, some]) {
      await through('-H', 'Host: www.google.com', `${url}/search`);
      await through(`${url}/page`);
      await through('-d', 'a test', `${url}/form`);
      await through('-H', 'Content-Type: text/html', '-d', 'a test', `${url}/hang-up`);
    }
    await everything.stop();
    const { out } = await some.stop();
    expect(out).toContain('Only processing flows that match "~m post"');
    expect(out).not.toMatch(/GET http/);

    const confdir = temporaryDirectory();
    const found = async (file: string, ...filter: readonly string[]): Promise<readonly string[]> => {
      const read = await runMitmdump(['--confdir', confdir, '-nr', file, ...filter]);
      expect(read).toMatchObject({ status: 0, err: '' });
      return [...read.out.matchAll(/(?:GET|POST) http:\/\/[^/]*(\S*)/g)].map(([, path = '']) => path);
    };
    expect(await found(posts)).toEqual(['/form', '/hang-up']);
    // The examples of the page of 1.0.
    expect(await found(all, String.raw`google\.com`)).toEqual(['/search']);
    expect(await found(all, '~q ~b test')).toEqual(['/hang-up']);
    expect(await found(all, '!(~q & ~t "text/html")')).toEqual(['/search', '/page', '/form']);
    // A request that was answered is found by what was sent.
    expect(await found(all, '~bq test')).toEqual(['/form', '/hang-up']);
    expect(await found(all, '~ts html | ~e')).toEqual(['/page', '/hang-up']);
    expect(await found(all, '~hq "(?i)^host: .*google"')).toEqual(['/search']);
    expect(await found(all, '!~c 200')).toEqual(['/hang-up']);
  });

  test('that are not valid are told, with the place', async () => {
    const { status, err } = await runMitmdump(['--confdir', temporaryDirectory(), '-n', '~s & ~marekd']);
    expect({ status, lines: err.split('\n') }).toEqual({
      status: 1,
      lines: [
        "mitmdump: Invalid filter expression: '~s & ~marekd': there is no operator ~marekd; did you mean ~marked?",
        ...['~s & ~marekd', '     ^', ''],
      ],
    });
  });
});
