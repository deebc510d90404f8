// Servers that are not there, or whose certificates fail: a page that says which and why, and a flow with the error.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CertificateRequest } from '../../src/net/certificate-maker.js';
import { certificateFor } from '../kit/certificates.js';
import { connect } from '../kit/connect.js';
import { httpsServer } from '../kit/https-server.js';
import { hasProgram } from '../kit/programs.js';
import { rawServer } from '../kit/raw-server.js';
import { run } from '../kit/run.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = await rawServer();
  await server.close();
  return server.port;
}

/** Asserts that there is one flow, with this error. */
function expectFlow({ proxy }: StartedProxy, message: RegExp): void {
  const flows = proxy.flows('~http & !~m CONNECT');
  expect(flows).toHaveLength(1);
  expect(flows[0]).toMatchObject({ response: undefined, live: false });
  expect(flows[0]?.error?.message).toMatch(message);
  expect(flows[0]?.error?.timestamp).toBeGreaterThan(1e9);
}

describe.skipIf(!hasProgram('curl'))('an upstream', () => {
  test.each(['eager', 'lazy'] as const)('that is down, %s', async (connectionStrategy) => {
    const port = await closedPort();
    const started = await startedProxy({ connectionStrategy });
    const { stdout } = await started.through('-i', `http://localhost:${String(port)}/`);
    expect(stdout).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(stdout).toMatch(/\r\nContent-Type: text\/html/i);
    expect(stdout).toContain(`localhost:${String(port)}`);
    expect(stdout).toContain('connection refused');
    expectFlow(started, /localhost:\d+.*connection refused/);
    expect(started.lines.join('\n')).toMatch(/connection refused/);
  });

  test('that is down, over CONNECT: it is told there, or in lazy mode by a page over TLS', async () => {
    const url = `https://localhost:${String(await closedPort())}/`;
    const eager = await startedProxy();
    const refused = await eager.through('-i', url);
    expect(refused.stdout).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(refused.stderr).toContain('502');
    expect(eager.proxy.flows()).toHaveLength(1);
    const [connect] = eager.proxy.httpFlows('~m CONNECT');
    expect(connect?.error).toBeUndefined();
    expect(connect?.serverConn.error).toMatch(/localhost:\d+.*connection refused/);
    expect(connect?.response?.text).toContain('connection refused');
    for (const flag of ['--http1.1', '--http2']) {
      const lazy = await startedProxy({ connectionStrategy: 'lazy' });
      const { stdout } = await lazy.through('-i', flag, url);
      expect(stdout).toMatch(/\r\n\r\nHTTP\/(1\.1 502 Bad Gateway|2 502 ?)\r\n/);
      expect(stdout).toContain('connection refused');
      expectFlow(lazy, /connection refused/);
    }
  });

  test('whose name does not resolve', async () => {
    const started = await startedProxy();
    const { stdout } = await started.through('http://does-not-exist.invalid/');
    expect(stdout).toContain('502 Bad Gateway');
    expect(stdout).toContain('unknown host does-not-exist.invalid');
    expectFlow(started, /does-not-exist\.invalid/);
  });

  const certificates: readonly (readonly [name: string, Partial<CertificateRequest>, RegExp])[] = [
    ['has expired', { fault: 'expired' }, /expired/],
    ['is for another host', { host: 'other.example', names: [] }, /other\.example|host|name/i],
  ];
  test.each(certificates)('whose certificate %s', async (_, request, why) => {
    const { key, cert } = (await certificateFor(request)).tlsOptions;
    const port = await httpsServer({ key, cert });
    await expectRefusal(port, why);
  });

  test('whose certificate nobody signed but itself', async () => {
    const directory = temporaryDirectory();
    const [key, cert] = [`${directory}/key.pem`, `${directory}/cert.pem`];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes'],
      ...['-keyout', key, '-out', cert],
      ...subject,
    ]);
    await expectRefusal(await httpsServer({ key: readFileSync(key), cert: readFileSync(cert) }), /self.signed/);
  });

  /** Neither kind of connection is made to it, and with ssl_insecure both are. */
  async function expectRefusal(port: number, why: RegExp): Promise<void> {
    const url = `https://localhost:${String(port)}/`;
    const started = await startedProxy();
    const { stdout } = await started.through('-i', url);
    expect(stdout).toContain('502 Bad Gateway');
    expect(stdout).toMatch(/certificate/i);
    expect(stdout).toMatch(why);
    expectFlow(started, why);
    // It is tried once for one request, and told of once.
    expect(started.lines.filter((line) => line.includes('TLS with'))).toHaveLength(1);
    expect(started.lines.filter((line) => line.includes('server connect'))).toHaveLength(1);
    const reverse = await startedProxy({ mode: `reverse:${url}` });
    expect((await reverse.curl(`http://${reverse.at}/`)).stdout).toMatch(why);
    expectFlow(reverse, why);
    const insecure = await startedProxy({ sslInsecure: true });
    expect((await insecure.through(url)).stdout).toBe('hello');
  }

  test('that speaks no TLS where TLS is expected', async () => {
    const server = await rawServer((peer) => peer.send('220 mail.example\r\n'));
    const started = await startedProxy({ mode: `reverse:https://localhost:${String(server.port)}` });
    const { stdout } = await started.curl('-i', `http://${started.at}/`);
    expect(stdout).toMatch(/^HTTP\/1\.1 502 /);
    expect(stdout).toMatch(/TLS/);
    expectFlow(started, /TLS/);
  });

  test('that resets, or closes, before it answers', async () => {
    const server = await rawServer((peer) => {
      void peer
        .until('\r\n\r\n')
        .then(() => (peer.text.includes('/reset') ? peer.socket.resetAndDestroy() : peer.end()));
    });
    const started = await startedProxy({ mode: `reverse:http://localhost:${String(server.port)}` });
    for (const [path, why] of [
      ['/reset', /reset/],
      ['/close', /closed the connection/],
    ] as const) {
      const { stdout } = await started.curl(`http://${started.at}${path}`);
      expect(stdout).toMatch(why);
      const [flow] = started.proxy.flows(`~u ${path}`);
      expect(flow?.error?.message).toMatch(why);
    }
  });

  test('of tcp mode that is down: the client is let go, and there is a flow', async () => {
    const { proxy } = await startedProxy({ mode: `reverse:tcp://localhost:${String(await closedPort())}` });
    const client = await connect(proxy.port);
    client.send('hello');
    await once(client.socket, 'close');
    const flow = await proxy.waitForFlow('~tcp & ~e');
    expect(flow.error?.message).toMatch(/connection refused/);
  });

  test('of a WebSocket that is down', async () => {
    const started = await startedProxy();
    const key = ['Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==', 'Sec-WebSocket-Version: 13', 'Upgrade: websocket'];
    const fields = [...key, 'Connection: Upgrade'].flatMap((field) => ['-H', field]);
    const { stdout } = await started.through(...fields, `http://localhost:${String(await closedPort())}/`);
    expect(stdout).toMatch(/connection refused/);
    expectFlow(started, /connection refused/);
  });
});
