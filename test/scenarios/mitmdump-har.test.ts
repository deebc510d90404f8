// HTTP archives between Chromium and the program mitmdump, both ways: each serves the page of the other's archive.
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { startChromium } from '../kit/chromium.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { runMitmdump } from '../kit/run-mitmdump.js';
import { servingMitmdump } from '../kit/serving-mitmdump.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';
import type { OnRequest } from '../kit/web-server.js';

const bytes = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 7) % 256));

const page = `<!doctype html><meta charset=utf-8><title>café</title><p id=p><script>
addEventListener('load', async () => {
  const form = await fetch('/form', { method: 'POST', body: new URLSearchParams({ name: 'Zoë' }) });
  const bytes = new Uint8Array(await (await fetch('/bytes?of=512')).arrayBuffer());
  document.getElementById('p').textContent = [await form.text(), bytes.length, bytes[7], 'end'].join('|');
});</script>`;

const shown = 'POST name=Zo%C3%AB|512|49|end';

const site: OnRequest = ({ method = '', url = '' }, response, body) => {
  if (url.startsWith('/bytes')) response.setHeader('Content-Type', 'application/octet-stream');
  else response.setHeader('Content-Type', 'text/html');
  if (url === '/') response.end(page);
  else if (url.startsWith('/bytes')) response.end(bytes);
  else response.end(`${method} ${body.toString()}`);
};

/** What the page at a URL shows in the end, with its title. */
async function shownIn(context: BrowserContext, url: string): Promise<string> {
  const opened = await context.newPage();
  await opened.goto(url);
  await opened.waitForFunction('document.getElementById("p").textContent.includes("end")');
  return `${await opened.title()} ${String(await opened.textContent('p'))}`;
}

describe.skipIf(!hasProgram('chromium') || !hasProgram('curl'))('HTTP archives', { timeout: 90_000 }, () => {
  test('go from Chromium to mitmdump, and from mitmdump to Chromium', async () => {
    const directory = temporaryDirectory();
    const [conf, fromBrowser, fromDump, flows] = ['conf', 'browser.har', 'dump.har', 'flows'].map((name) =>
      join(directory, name),
    ) as [string, string, string, string];
    const { port, server } = await webServer('http', site);
    let asked = 0;
    server.on('request', () => asked++);
    const url = `http://127.0.0.1:${String(port)}/`;
    const browser = await startChromium('--proxy-bypass-list=<-loopback>');
    const proxied = async (proxyPort: number, recordHar?: { readonly path: string }): Promise<BrowserContext> =>
      browser.newContext({
        proxy: { server: `http://127.0.0.1:${String(proxyPort)}` },
        ...(recordHar !== undefined && { recordHar }),
      });

    const dumping = await servingMitmdump(conf, '--set', `hardump=${fromDump}`, `~u ${url}`);
    const recorded = await proxied(dumping.port, { path: fromBrowser });
    expect(await shownIn(recorded, url)).toBe(`café ${shown}`);
    await recorded.close();
    expect((await dumping.stop()).err).toBe('');
    const before = asked;

    // Chromium with the archive that mitmdump wrote, and no server.
    const offline = await browser.newContext();
    await offline.routeFromHAR(fromDump, { notFound: 'abort' });
    expect(await shownIn(offline, url)).toBe(`café ${shown}`);

    // mitmdump with the archive that Chromium wrote, as a server to it; it asks for more than the page.
    const extra = ['--server-replay-extra', '404', '--keepserving'];
    const replaying = await servingMitmdump(conf, '-S', fromBrowser, ...extra);
    expect(await shownIn(await proxied(replaying.port), url)).toBe(`café ${shown}`);
    await replaying.stop();
    expect(asked).toBe(before);

    // As a file of flows, with a filter behind it; and to the server again.
    const read = await runMitmdump([
      '--confdir',
      conf,
      '-nr',
      fromBrowser,
      '-w',
      flows,
      '--flow-detail',
      '3',
      '~m post',
    ]);
    expect(read).toMatchObject({ status: 0, err: '' });
    expect(read.out).toContain(`POST ${url}form`);
    expect(read.out).toContain('name: Zoë');
    expect((await runMitmdump(['--confdir', conf, '-nqC', flows])).status).toBe(0);
    expect(asked).toBe(before + 1);

    if (!hasProgram('mitmdump')) return;
    const { code, stdout } = await run('mitmdump', ['--set', `confdir=${conf}`, '-nr', flows]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`POST ${url}form`)]);
  });
});
