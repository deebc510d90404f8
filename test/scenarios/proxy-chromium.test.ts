// Chromium as the client, by way of a regular proxy and of a SOCKS one: HTTP/2, fetch, WebSockets and events.
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Browser } from 'playwright-core';
import { startChromium } from '../kit/chromium.js';
import { hasProgram } from '../kit/programs.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { webServer } from '../kit/web-server.js';
import type { WebServer } from '../kit/web-server.js';

const page = `<!doctype html><title>here</title><script>
async function talk() {
  const answer = await fetch('/echo', { method: 'POST', body: 'some data', headers: { 'x-own': 'yes' } });
  return [answer.status, await answer.text()];
}
function events() {
  const source = new EventSource('/events');
  return new Promise((resolve) => {
    const seen = [];
    source.onmessage = async ({ data }) => {
      seen.push(data);
      // The server sends the next one only when it is told that this one was seen.
      if (seen.length < 3) await fetch('/seen', { method: 'POST' });
      else { source.close(); resolve(seen); }
    };
  });
}
function socket(url) {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    const got = [];
    socket.onopen = () => { socket.send('hello '.repeat(1000)); socket.send(Uint8Array.of(1, 2, 3)); };
    socket.onmessage = ({ data }) => { got.push(data.length ?? data.size); if (got.length === 2) socket.close(4001, 'done'); };
    socket.onerror = () => reject(new Error('the socket failed'));
    socket.onclose = ({ code }) => resolve([socket.extensions, got, code]);
  });
}
</script>`;

/** Serves the page and what it asks for. */
async function site(): Promise<WebServer> {
  let nextEvent: () => void = () => undefined;
  const served = await webServer('h2', (request, response, body) => {
    const { url = '', httpVersion } = request;
    if (url === '/echo') {
      response.end(`HTTP/${httpVersion} ${String(request.headers['x-own'])} ${String(body)}`);
    } else if (url === '/seen') {
      nextEvent();
      response.end();
    } else if (url === '/events') {
      response.setHeader('Content-Type', 'text/event-stream');
      let number = 0;
      nextEvent = () => response.write(`data: ${String(++number)}\n\n`);
      nextEvent();
    } else if (url === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end(page);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } });
  served.server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (echo) => {
      echo.on('message', (data: Buffer, binary) => {
        echo.send(data, { binary });
      });
    });
  });
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return served;
}

/** A proxy of two modes, and Chromium that uses the first, asks it for local servers as well, and trusts it. */
async function chromiumThrough(mode = 'regular'): Promise<StartedProxy & { readonly browser: Browser }> {
  const started = await startedProxy({ mode: [mode, 'reverse:http://localhost:1'], streamLargeBodies: '1m' });
  const { proxy } = started;
  // All certificates that are made have one key, and only keys that a server shows can be trusted on the command line.
  const socket = connect({
    port: proxy.addresses[1]?.port ?? 0,
    host: '127.0.0.1',
    ca: proxy.ca,
    servername: 'localhost',
  });
  await once(socket, 'secureConnect');
  const key = new X509Certificate(socket.getPeerCertificate().raw).publicKey.export({ type: 'spki', format: 'der' });
  socket.destroy();
  const browser = await startChromium(
    `--proxy-server=${proxy.url}`,
    '--proxy-bypass-list=<-loopback>',
    `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`,
  );
  return { ...started, browser };
}

describe.skipIf(!hasProgram('chromium'))('Chromium', { timeout: 60_000 }, () => {
  test.each(['regular', 'socks5'])(
    '%s: a page over HTTP/2, fetch, events without delay, a compressed WebSocket',
    async (mode) => {
      const { port } = await site();
      const { proxy, lines, browser } = await chromiumThrough(mode);
      const tab = await browser.newPage();
      const host = `localhost:${String(port)}`;
      const response = await tab.goto(`https://${host}/`);
      expect(response?.status()).toBe(200);
      expect(await tab.title()).toBe('here');
      expect(await tab.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")).toBe('h2');
      expect(await tab.evaluate('talk()')).toEqual([200, 'HTTP/2.0 yes some data']);
      expect(await tab.evaluate('events()')).toEqual(['1', '2', '3']);
      expect(await tab.evaluate(`socket('wss://${host}/socket')`)).toEqual(['permessage-deflate', [6000, 3], 4001]);

      const echo = await proxy.waitForFlow('~u /echo');
      expect(echo).toMatchObject({
        request: { httpVersion: 'HTTP/2.0', text: 'some data' },
        response: { statusCode: 200 },
      });
      const socket = await proxy.waitForFlow((flow) => flow.type === 'http' && flow.websocket?.closeCode !== undefined);
      if (socket.type !== 'http') throw new Error('another flow');
      expect(socket.websocket).toMatchObject({ closeCode: 4001, closeReason: 'done', closedByClient: true });
      const sizes = (fromClient: boolean): readonly number[] =>
        (socket.websocket?.messages ?? [])
          .filter((one) => one.fromClient === fromClient)
          .map(({ content }) => content.length);
      expect([sizes(true), sizes(false)]).toEqual([
        [6000, 3],
        [6000, 3],
      ]);
      expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);
    },
  );

  test('without trust: the page is refused, and the log says why', async () => {
    const { port } = await site();
    const { proxy, lines } = await startedProxy();
    const browser = await startChromium(`--proxy-server=${proxy.url}`, '--proxy-bypass-list=<-loopback>');
    const tab = await browser.newPage();
    await expect(tab.goto(`https://localhost:${String(port)}/`)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
    expect(lines.join('\n')).toMatch(/does not trust|not trust/);
  });

  test('a server that is down: the page of the proxy is shown', async () => {
    const { server, port } = await webServer();
    server.close();
    await once(server, 'close');
    const tab = await (await chromiumThrough()).browser.newPage();
    const response = await tab.goto(`http://localhost:${String(port)}/`);
    expect(response?.status()).toBe(502);
    expect(await tab.textContent('h1')).toBe('502 Bad Gateway');
    expect(await tab.textContent('body')).toContain('connection refused');
  });

  test('the page with the certificates', async () => {
    const tab = await (await chromiumThrough()).browser.newPage();
    await tab.goto('http://mitm.it/');
    expect(await tab.textContent('body')).toMatch(/certificate/i);
    expect((await tab.goto('https://mitm.it/'))?.status()).toBe(200);
  });
});
