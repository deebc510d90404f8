import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Response } from '../../src/proxy/message/response.js';
import { http1Host } from './http1-host.js';

const established = 'HTTP/1.1 200 Connection established\r\n\r\n';

describe('a CONNECT request', () => {
  it('opens a tunnel once its target was reached, and hands on what came behind it', async () => {
    const server = await rawServer((peer) => peer.send('hello'));
    const host = await http1Host();
    const client = await host.client();
    const target = `127.0.0.1:${String(server.port)}`;
    await client.send(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\nearly`).until(established);
    const tunnel = await host.runs[0];
    expect(tunnel?.target).toEqual(['127.0.0.1', server.port]);
    expect(tunnel?.rest.toString()).toBe('early');
    expect(tunnel?.server?.connection.address).toEqual(tunnel?.target);
    expect(tunnel?.server?.destination.tls).toBe(false);
    expect(host.names()).toEqual(['httpConnect', 'httpConnected']);
    const flow = await host.event('httpConnected');
    expect([flow.request.url, flow.response?.statusCode, flow.live]).toEqual([target, 200, false]);
    expect(flow.serverConn).toBe(tunnel?.server?.connection);
    tunnel?.server?.duplex.destroy();
  });

  it('is granted unseen when servers are connected to late', async () => {
    const host = await http1Host({ options: { connectionStrategy: 'lazy' } });
    const client = await host.client();
    await client.send('CONNECT nowhere.invalid:443 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi').until(established);
    const tunnel = await host.runs[0];
    expect([tunnel?.server, tunnel?.rest.toString()]).toEqual([undefined, 'hi']);
    expect(host.hooks).not.toContain('serverConnect');
  });

  it('is told why its target cannot be reached', async () => {
    const gone = await rawServer();
    await gone.close();
    const host = await http1Host();
    const client = await host.client();
    await client.send(`CONNECT 127.0.0.1:${String(gone.port)} HTTP/1.1\r\n\r\n`).untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(client.text).toContain('connection refused');
    expect(await host.runs[0]).toBeUndefined();
    expect(host.names()).toEqual(['httpConnect', 'httpConnectError']);
    const { request, response, error, serverConn } = await host.event('httpConnectError');
    expect([request.scheme, request.rawContent, request.timestampEnd]).toEqual(['', undefined, undefined]);
    expect([response?.statusCode, error, serverConn.state]).toEqual([502, undefined, 0]);
    expect(response?.timestampEnd).toBeGreaterThan(0);
    expect(serverConn.error).toContain('connection refused');
    expect(serverConn.timestampStart).toBeGreaterThan(0);
  });

  it('has an error when its client leaves before the target is reached', async () => {
    let arrived = (): void => undefined;
    const connecting = new Promise<void>((resolve) => (arrived = resolve));
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const server = await rawServer();
    const hold = async (): Promise<void> => {
      arrived();
      await held;
    };
    const host = await http1Host({ addons: [{ serverConnect: hold }] });
    const client = await host.client();
    client.send(`CONNECT 127.0.0.1:${String(server.port)} HTTP/1.1\r\n\r\n`);
    await connecting;
    const left = new Promise<void>((resolve) => host.sockets[0]?.once('end', resolve));
    client.socket.destroy();
    await left;
    goOn();
    const { response, error } = await host.event('httpConnectError');
    expect([response, error?.message]).toEqual([undefined, 'Client disconnected.']);
  });

  it('is granted when an addon answers it with what is no response, and that addon is named', async () => {
    const server = await rawServer();
    const host = await http1Host({
      addons: [
        {
          // As code without types may do.
          httpConnect: (flow: { response: unknown }) => {
            flow.response = {};
          },
        },
      ],
    });
    const client = await host.client();
    await client.send(`CONNECT 127.0.0.1:${String(server.port)} HTTP/1.1\r\n\r\n`).until('200');
    expect(host.lines.filter((line) => line.startsWith('error: '))).toEqual([
      expect.stringContaining('addon addon failed in httpConnect: response takes a Response'),
    ]);
  });

  it('is refused by a response of an addon, after which the client may ask again', async () => {
    const server = await rawServer();
    const host = await http1Host({
      addons: [
        {
          httpConnect: (flow: HttpFlow) => {
            if (!flow.request.headers.has('proxy-authorization')) flow.response = Response.make(407, 'who?');
          },
        },
      ],
    });
    const client = await host.client();
    const target = `127.0.0.1:${String(server.port)}`;
    await client.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`).until('who?');
    expect(host.names()).toEqual(['httpConnect', 'httpConnectError']);
    await client.send(`CONNECT ${target} HTTP/1.1\r\nProxy-Authorization: me\r\n\r\n`).until(established);
    (await host.runs[0])?.server?.duplex.destroy();
  });

  it('that is killed closes the connection', async () => {
    const host = await http1Host({
      addons: [
        {
          httpConnect: (flow: HttpFlow) => {
            flow.kill();
          },
        },
      ],
    });
    const client = await host.client();
    await client.send('CONNECT a.test:443 HTTP/1.1\r\n\r\n').closed();
    expect(client.text).toBe('');
    expect(host.hooks).not.toContain('serverConnect');
  });

  it('may follow other requests', async () => {
    const server = await rawServer((peer) => {
      peer.until('\r\n\r\n').then(
        () => peer.send('HTTP/1.1 204 No Content\r\n\r\n'),
        () => undefined,
      );
    });
    const host = await http1Host();
    const client = await host.client();
    const target = `127.0.0.1:${String(server.port)}`;
    await client.send(`GET http://${target}/ HTTP/1.1\r\n\r\n`).until('\r\n\r\n');
    await client.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`).until(established);
    (await host.runs[0])?.server?.duplex.destroy();
  });
});
