// docs/features/client-playback-in-30-seconds.md
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dumpProcess } from '../../kit/dump-process.js';
import { dumpRun } from '../../kit/dump-run.js';
import { hasProgram } from '../../kit/programs.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest } from '../../kit/web-server.js';

/** A wireless network, which lets in who logs in: a redirect, a page with pictures and styles, a form. */
async function network(): Promise<{ readonly url: string; readonly asked: string[]; readonly guests: string[] }> {
  const asked: string[] = [];
  const guests: string[] = [];
  const types = { '/style.css': 'text/css', '/app.js': 'text/javascript', '/logo.png': 'image/png' };
  const answer: OnRequest = ({ method, url = '' }, response, body) => {
    asked.push(`${String(method)} ${url}`);
    response.setHeader('Content-Type', url in types ? types[url as keyof typeof types] : 'text/html');
    if (url === '/') response.writeHead(302, { Location: '/login' });
    if (method === 'POST') {
      const form = new URLSearchParams(body.toString());
      if (form.get('password') === 'secret') guests.push(String(form.get('user')));
      else response.statusCode = 403;
    }
    response.end('page');
  };
  const { port } = await webServer('h2', answer);
  return { url: `https://127.0.0.1:${String(port)}`, asked, guests };
}

describe.skipIf(!hasProgram('curl'))('client playback in 30 seconds', { timeout: 60_000 }, () => {
  test('a login is recorded once, trimmed, and played whenever it is wanted', async () => {
    const { url, asked, guests } = await network();
    const directory = temporaryDirectory();
    const [login, trimmed] = ['wireless-login', 'trimmed'].map((name) => join(directory, name)) as [string, string];
    const recorder = await dumpProcess('-w', login);
    await recorder.through('-L', `${url}/`);
    for (const path of ['/style.css', '/app.js', '/logo.png']) await recorder.through(`${url}${path}`);
    await recorder.through('-d', 'user=ada&password=secret', `${url}/login`);
    await recorder.stop();
    expect(guests).toEqual(['ada']);

    // -c of 1.0, which also listens, and ends when all was sent.
    const before = asked.splice(0);
    expect((await dumpRun('-p', '0', '-c', login)).status).toBe(0);
    expect(asked.splice(0)).toEqual(before);
    expect(guests.splice(0)).toEqual(['ada', 'ada']);

    expect(await dumpRun('-nr', login, '-w', trimmed, '! ~a')).toMatchObject({ status: 0, err: '' });
    const rename = '/~q/user=ada/user=grace';
    const runs = [
      ['-nc', trimmed, '--replace', rename],
      ['-n', '-C', trimmed, '--modify-body', rename],
    ];
    for (const argv of runs) {
      expect((await dumpRun(...argv)).status).toBe(0);
      expect(asked.splice(0)).toEqual(['GET /', 'GET /login', 'POST /login']);
      expect(guests.splice(0)).toEqual(['grace']);
    }
  });
});
