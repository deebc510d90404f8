// Chromium as the client: over TLS it chooses HTTP/2, and what a fault does to it is seen in the page.
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** The document that Chromium makes of a page. */
async function dom(url: string): Promise<string> {
  const profile = `--user-data-dir=${temporaryDirectory()}`;
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--ignore-certificate-errors', profile];
  const { stdout } = await run('chromium', [...flags, '--timeout=5000', '--dump-dom', url]);
  return stdout;
}

describe.skipIf(!hasProgram('chromium'))('Chromium', { timeout: 120_000 }, () => {
  test('speaks HTTP/2 by ALPN, and takes an informational response and a body', async () => {
    const daemon = await startDaemon({
      ssl: true,
      anchors: [['/page', "103:r:h'link'='</a>' 200:c'text/html':b'<p>over HTTP/2</p>'"]],
    });
    expect(await dom(daemon.url('/page'))).toContain('<p>over HTTP/2</p>');
    const record = daemon.log().find((one) => one.type === 'crafted' && one.request.path === '/page');
    expect(record).toMatchObject({ request: { method: 'GET', httpVersion: 'HTTP/2.0' } });
  });

  test('shows nothing of a stream that is reset in mid response', async () => {
    const daemon = await startDaemon({
      ssl: true,
      anchors: [['/page', "h2f:theaders:h':status'='200' h2f:tdata:b'<p>half' h2f:trst_stream:cinternal_error"]],
    });
    const shown = await dom(daemon.url('/page'));
    expect(shown).toBe('');
    expect(daemon.log().some((one) => one.type === 'crafted')).toBe(true);
  });

  test('is told by an alert when there is no TLS for it', async () => {
    const daemon = await startDaemon({ ssl: true, tlsFault: 'alert' });
    const shown = await dom(daemon.url('/'));
    expect(shown).toBe('');
    expect(daemon.log()).not.toEqual([]);
  });
});
