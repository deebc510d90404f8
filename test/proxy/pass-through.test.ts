import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Peer } from '../kit/peer.js';
import { certificateFor } from '../kit/certificates.js';
import { connect } from '../kit/connect.js';
import { httpsServer } from '../kit/https-server.js';
import { rawServer } from '../kit/raw-server.js';
import { originServer, startProxy } from './addons/started.js';
import type { Started } from './addons/started.js';

/** Opens a tunnel through a proxy to a local port. */
async function tunnel({ proxy }: Started, port: number, host = '127.0.0.1'): Promise<Peer> {
  const client = await connect(proxy.port);
  const target = `${host}:${String(port)}`;
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  await client.until('\r\n\r\n');
  return client;
}

/** A server that answers everything with the same bytes, in upper case. */
async function shoutingServer(): Promise<number> {
  const server = await rawServer((peer) => {
    peer.socket.on('data', (chunk: Buffer) => peer.send(chunk.toString('latin1').toUpperCase()));
    peer.socket.on('end', () => peer.end());
  });
  return server.port;
}

/** Who signed the certificate that is shown behind a tunnel. */
async function issuerBehind(started: Started, port: number, servername: string): Promise<string> {
  const client = await tunnel(started, port);
  const socket = connectTls({ socket: client.socket, servername, rejectUnauthorized: false });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'secureConnect');
  return new X509Certificate(socket.getPeerCertificate().raw).issuer;
}

function shapes(started: Started): string[] {
  return started.proxy.flows().map((flow) => (flow.type === 'http' ? `http ${flow.request.method}` : flow.type));
}

describe('behind CONNECT', () => {
  it.each(['hello', 'EHLO me\r\n', '\0\x01binary', 'SSH-2.0-client\r\n'])(
    'a client that speaks first is passed on: %j',
    async (words) => {
      const started = await startProxy({});
      const client = await tunnel(started, await shoutingServer());
      client.send(words);
      await client.until(words.toUpperCase());
      client.end();
      await started.proxy.waitForFlow('~tcp');
      expect(shapes(started)).toContain('tcp');
    },
  );

  it('a server that speaks first is passed on', async () => {
    const server = await rawServer((peer) => peer.send('220 welcome\r\n'));
    const started = await startProxy({});
    const client = await tunnel(started, server.port);
    await client.until('220 welcome\r\n');
    client.send('QUIT\r\n');
    await (await server.peer()).until('QUIT\r\n');
  });

  it('HTTP on any port is HTTP, whatever its method', async () => {
    const origin = await originServer();
    const started = await startProxy({});
    for (const method of ['GET', 'M-SEARCH']) {
      const client = await tunnel(started, Number(new URL(origin.url).port));
      client.send(`${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await client.untilEnd();
    }
    expect(shapes(started)).toEqual(expect.arrayContaining(['http GET', 'http M-SEARCH']));
  });

  it('everything is taken for HTTP without rawtcp', async () => {
    const started = await startProxy({ rawtcp: false });
    const client = await tunnel(started, await shoutingServer());
    client.send('\0\x01\r\n\r\n');
    await client.until('HTTP/1.1 400 ');
  });
});

describe('lists of hosts', () => {
  it('ignored hosts show their own certificate, and are not kept', async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const port = await httpsServer({ key, cert });
    const started = await startProxy({ ignoreHosts: [String.raw`^secret\.example$`] });
    expect(await issuerBehind(started, port, 'secret.example')).toContain('Test authority');
    expect(started.proxy.flows('~tcp')).toEqual([]);
    expect(await issuerBehind(started, port, 'other.example')).not.toContain('Test authority');
    await started.proxy.configure({ ignoreHosts: [], allowHosts: ['other'] });
    expect(await issuerBehind(started, port, 'secret.example')).toContain('Test authority');
    expect(await issuerBehind(started, port, 'other.example')).not.toContain('Test authority');
  });

  it('ignored hosts are passed on whatever they speak, and kept when they are to be shown', async () => {
    const origin = await originServer();
    const started = await startProxy({ mode: `reverse:${origin.url}`, ignoreHosts: ['127'] });
    expect(await (await fetch(started.proxy.url)).text()).toBe('hello');
    expect(started.proxy.flows()).toEqual([]);
    await started.proxy.configure({ showIgnoredHosts: true });
    const client = await connect(started.proxy.port);
    client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await client.untilEnd();
    await started.proxy.waitForFlow('~tcp');
  });

  it('what goes to tcp_hosts is kept as bytes, decrypted', async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const started = await startProxy({ tcpHosts: ['127'] });
    const { stdout } = await started.curl(
      '-k',
      '--http1.1',
      '-x',
      started.proxy.url,
      `https://127.0.0.1:${String(await httpsServer({ key, cert }))}/`,
    );
    expect(stdout).toBe('hello');
    const flow = await started.proxy.waitForFlow('~tcp');
    expect(flow.type === 'tcp' && String(flow.messages[0]?.content)).toContain('GET / HTTP/1.1\r\n');
  });

  it('a bad pattern is refused, and the former ones stay', async () => {
    await expect(startProxy({ ignoreHosts: ['('] })).rejects.toThrow(/^ignore_hosts: /);
    const started = await startProxy({ tcpHosts: ['x'] });
    await expect(started.proxy.configure({ tcpHosts: ['['] })).rejects.toThrow(/^tcp_hosts: /);
    await expect(started.proxy.configure({ ignoreHosts: ['a'], allowHosts: ['b'] })).rejects.toThrow(/together$/);
    expect(started.proxy.options.tcpHosts).toEqual(['x']);
  });
});
