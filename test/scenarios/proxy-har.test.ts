// HTTP archives of flows, with the programs that they are for: Chromium's network panel, and pages served from them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Flow } from '../../src/proxy/flow/flow.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { readFlowFile } from '../../src/proxy/storage/flow-file.js';
import type { Har } from '../../src/proxy/storage/har.js';
import { harOf } from '../../src/proxy/storage/har-export.js';
import { flowsOfHar } from '../../src/proxy/storage/har-import.js';
import { developerTools, startChromium } from '../kit/chromium.js';
import { hasProgram } from '../kit/programs.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { webServer } from '../kit/web-server.js';
import type { OnRequest } from '../kit/web-server.js';
import { flowsIn, ownFlows, recording, recordings } from '../proxy/storage/sample-flows.js';

/** A white pixel. */
const image = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
);

const site: OnRequest = ({ method = '', url = '' }, response, body) => {
  const [path = ''] = url.split('?');
  switch (path) {
    case '/':
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('set-cookie', ['a=b; Path=/; HttpOnly', 'c=d; SameSite=Lax; Max-Age=100']);
      response.end('<!doctype html><title>café</title><img src=/image.png><script src=/script.js></script><p id=p>');
      return;
    case '/image.png':
      response.setHeader('content-type', 'image/png');
      response.end(image);
      return;
    case '/script.js':
      response.setHeader('content-type', 'text/javascript');
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(script));
      return;
    case '/old':
      response.writeHead(302, { location: '/new' }).end();
      return;
    default:
      response.end(`${method} ${path} ${body.toString()}`);
  }
};

const script = `
addEventListener('load', async () => {
  const form = await fetch('/form?x=1', { method: 'POST', body: new URLSearchParams({ name: 'Zoë', more: 'a b' }) });
  const moved = await fetch('/old');
  document.getElementById('p').textContent = [await form.text(), await moved.text(), document.images[0].width].join('|');
});`;

/** What the script of the page leaves in it. */
const shown = 'POST /form name=Zo%C3%AB&more=a+b|GET /new |1';

/** Runs within the developer tools: imports an archive into their network panel, and says what they read there. */
const readInNetworkPanel = `async (text) => {
  const load = (path) => import(location.origin + '/devtools/' + path + '.js');
  const { HARFormat, Importer } = await load('models/har/har');
  const { NetworkPanel } = await load('panels/network/network');
  const view = NetworkPanel.NetworkPanel.instance().networkLogView;
  await view.onLoadFromFile(new File([text], 'flows.har'));
  const requests = Importer.Importer.requestsFromHARLog(new HARFormat.HARRoot(JSON.parse(text)).log);
  const facts = requests.map(async (request) => {
    const content = await request.requestContentData();
    const body = content.createdFromBase64 ? content.base64 : content.text;
    return [
      request.requestMethod, request.url(), await request.requestFormData(),
      request.statusCode, request.statusText, body, request.frames().map((frame) => frame.text),
    ];
  });
  const rows = () => view.columns().dataGrid().rootNode().flatChildren().length;
  // The panel draws them when it has time.
  while (rows() < requests.length) await new Promise(requestAnimationFrame);
  return Promise.all(facts);
}`;

function sorted(list: readonly (readonly unknown[])[]): readonly string[] {
  return list.map((item) => JSON.stringify(item)).sort();
}

function httpFlows(flows: readonly Flow[]): readonly HttpFlow[] {
  return flows.filter((flow) => flow.type === 'http');
}

async function flowsOf(path: string): Promise<readonly HttpFlow[]> {
  const flows: Flow[] = [];
  for await (const flow of readFlowFile(path)) flows.push(flow);
  return httpFlows(flows);
}

describe.skipIf(!hasProgram('chromium'))('an HTTP archive in Chromium', { timeout: 90_000 }, () => {
  test('is read by the network panel, with every body and every message of WebSockets', async () => {
    const flows = httpFlows([...ownFlows(), ...recordings.flatMap((name) => flowsIn(recording(name)))]);
    const page = await developerTools('network');
    const read = await page.evaluate<unknown[][]>(
      `(${readInNetworkPanel})(${JSON.stringify(JSON.stringify(harOf(flows)))})`,
    );
    const expected = harOf(flows).log.entries.map(({ request, response, _webSocketMessages: messages }) => [
      ...[request.method, request.url, request.postData?.text ?? null],
      ...[response.status, response.statusText, response.content.text ?? ''],
      messages?.map(({ data }) => data) ?? [],
    ]);
    expect(sorted(read)).toEqual(sorted(expected));
  });

  test('of what Chromium did through the proxy serves the page again', async () => {
    const { port } = await webServer('http', site);
    const { proxy } = await startedProxy();
    const direct = await startChromium('--proxy-bypass-list=<-loopback>');
    const browser = await direct.newContext({ proxy: { server: proxy.url } });
    const url = `http://127.0.0.1:${String(port)}/`;
    const first = await browser.newPage();
    await first.goto(url);
    await first.waitForFunction('document.getElementById("p").textContent.includes("|")');
    expect(await first.textContent('p')).toBe(shown);

    const archive = join(temporaryDirectory(), 'flows.har');
    await proxy.save(archive, { filter: `~u ${url}` });
    const offline = await direct.newContext();
    await offline.routeFromHAR(archive, { notFound: 'abort' });
    await proxy.stop();
    const second = await offline.newPage();
    await second.goto(url);
    await second.waitForFunction('document.getElementById("p").textContent.includes("|")');
    expect(await second.textContent('p')).toBe(shown);
    expect(await second.title()).toBe('café');
  });

  test('that Chromium wrote becomes flows, and these the same archive again', async () => {
    const { port, server } = await webServer('http', site);
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data) => {
        // A WebSocket gives one Buffer a message.
        socket.send((data as Buffer).toString());
        socket.close(1000);
      });
    });
    const archive = join(temporaryDirectory(), 'browser.har');
    const browser = await startChromium();
    const context = await browser.newContext({ recordHar: { path: archive, content: 'embed' } });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${String(port)}/`);
    await page.waitForFunction('document.getElementById("p").textContent.includes("|")');
    await page.evaluate(
      async (url) => {
        const socket = new WebSocket(url);
        await new Promise((resolve) => (socket.onopen = resolve));
        socket.send('héllo');
        await new Promise((resolve) => (socket.onclose = resolve));
      },
      `ws://127.0.0.1:${String(port)}/`,
    );
    await context.close();

    const flows = await flowsOf(archive);
    const facts = (flow: HttpFlow): unknown[] => [
      ...[flow.request.method, flow.request.path, flow.request.text, flow.response?.statusCode],
      ...[flow.response?.getContent(false)?.toString('base64'), flow.websocket?.messages.map(({ text }) => text)],
    ];
    const seen = flows.map(facts);
    expect(seen).toContainEqual(['GET', '/image.png', '', 200, image.toString('base64'), undefined]);
    expect(seen).toContainEqual(['GET', '/script.js', '', 200, Buffer.from(script).toString('base64'), undefined]);
    expect(seen).toContainEqual([
      ...['POST', '/form?x=1', 'name=Zo%C3%AB&more=a+b', 200],
      ...[Buffer.from('POST /form name=Zo%C3%AB&more=a+b').toString('base64'), undefined],
    ]);
    expect(seen.map(([, path, , status]) => [path, status])).toContainEqual(['/old', 302]);

    const again = [...flowsOfHar(JSON.stringify(harOf(flows)))];
    expect(again.map(facts)).toEqual(seen);
    const { log } = JSON.parse(readFileSync(archive, 'utf8')) as Har;
    expect(log.entries).toHaveLength(flows.length);
    writeFileSync(archive, JSON.stringify(harOf(again)));
    expect(await flowsOf(archive)).toHaveLength(flows.length);
  });
});
