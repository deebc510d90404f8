import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.js';

const executablePath = '/usr/bin/chromium';
/** No sandbox, as tests may run as root. */
const flags = ['--no-sandbox', '--disable-gpu'];

/** Starts Chromium, without a window. It is closed when the test that started it is over. */
export async function startChromium(...argv: readonly string[]): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: [...flags, ...argv] });
  onTestFinished(() => browser.close());
  return browser;
}

/** Chromium's developer tools, of some page, as a page: with their modules below `/devtools/`. */
export async function developerTools(panel: string): Promise<Page> {
  const profile = `--user-data-dir=${temporaryDirectory()}`;
  const argv = ['--headless=new', ...flags, profile, '--remote-debugging-port=0', 'about:blank'];
  const child = spawn(executablePath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const origin = await originIn(child.stderr);
  const browser = await chromium.connectOverCDP(origin);
  onTestFinished(() => browser.close());
  const targets = (await (await fetch(`${origin}/json/list`)).json()) as readonly Readonly<Record<string, string>>[];
  const inspected = targets.find(({ type }) => type === 'page')?.['webSocketDebuggerUrl'] ?? '';
  const page = await (browser.contexts()[0] ?? (await browser.newContext())).newPage();
  await page.goto(`${origin}/devtools/inspector.html?ws=${inspected.replace('ws://', '')}&panel=${panel}`);
  return page;
}

/** Where its debugger listens, as it says itself. */
async function originIn(output: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += chunk.toString();
    const host = /DevTools listening on ws:\/\/([^/]+)\//.exec(text)?.[1];
    if (host !== undefined) return `http://${host}`;
  }
  throw new Error(`chromium did not start: ${text}`);
}
