import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionError, OptionError } from '../../src/errors.js';
import { Pathoc } from '../../src/pathoc/index.js';
import type { ConnectOptions, Http2Arrival } from '../../src/pathoc/index.js';
import { encodeRstStreamFrame } from '../../src/wire/http2-encode.js';
import { certificateFor } from '../kit/certificates.js';
import { httpsServer } from '../kit/https-server.js';
import { arrival } from './http2-clients.js';
import { craftedServer, head, nodeHttp2SecureServer, nodeHttp2Server } from './http2-servers.js';

async function connect(port: number, options: Partial<ConnectOptions> = { h2c: true }): Promise<Pathoc> {
  const client = await Pathoc.connect({ host: '127.0.0.1', port, ...options });
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

const rawGet = "h2f:theaders:snew:end_stream:h':method'='GET':h':path'='/raw':h':scheme'='http':h':authority'='x'";

describe('Pathoc.connect over HTTP/2', () => {
  test('gives responses of the same shape as over HTTP/1', async () => {
    const port = await nodeHttp2Server((stream, headers) => {
      stream.respond({ ':status': 200, 'x-a': '1' });
      stream.end(headers[':path']);
    });
    const client = await connect(port);
    const response = await client.request('get:/one');
    expect(response).toMatchObject({ httpVersion: 'HTTP/2', code: 200, codeText: '200', reason: '', bodyLength: 4 });
    expect(response.body.toString()).toBe('/one');
    expect(response.headers.get('X-A')).toBe('1');
    expect(
      (await Promise.all([client.request('get:/2'), client.request('get:/3')])).map(({ body }) => String(body)),
    ).toEqual(['/2', '/3']);
    await client.close();
    expect(client.ended).toBe(true);
    await expect(client.request('get:/')).rejects.toThrow(ConnectionError);
  });

  test('over TLS', async () => {
    const port = await nodeHttp2SecureServer((await certificateFor()).tlsOptions, (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(headers[':scheme']);
    });
    const client = await connect(port, { http2: true });
    expect(client.tls?.protocol).toBe('h2');
    expect((await client.request('get:/')).body.toString()).toBe('https');
  });

  test('a server that does not offer it', async () => {
    const { tlsOptions } = await certificateFor();
    const port = await httpsServer({ ...tlsOptions, ALPNCallback: () => undefined });
    await expect(connect(port, { http2: true })).rejects.toThrow(ConnectionError);
  });

  test('raw frames, and what answers them', async () => {
    const port = await nodeHttp2Server((stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(headers[':path']);
    });
    const client = await connect(port);
    expect(await client.send(`${rawGet} h2f:tping`)).toBe('sent');
    const arrivals: Http2Arrival[] = [];
    for await (const one of client.answers()) arrivals.push(one);
    expect(arrivals.map(arrival).sort()).toEqual(['ping:ack stream=0 8b 0000000000000000', 'stream 1: 200 /raw']);
    expect((await client.request('get:/after')).body.toString()).toBe('/after');
  });

  test('a stream that is reset is an error, and closes the connection as over HTTP/1', async () => {
    const { port } = await craftedServer([encodeRstStreamFrame({ streamId: 1, errorCode: 7 })]);
    const client = await connect(port);
    await expect(client.request('get:/')).rejects.toThrow('stream 1 was reset: refused_stream');
    await expect(client.request('get:/')).rejects.toThrow('is closed');
  });

  test('the same seed draws the same', async () => {
    const draw = async (): Promise<string> => {
      const port = await nodeHttp2Server((stream, headers) => {
        stream.respond({ ':status': 200 });
        stream.end(String(headers['x']));
      });
      const client = await connect(port, { h2c: true, seed: 5 });
      return String((await client.request("get:/:h'x'=@9,digits")).body);
    };
    expect(await draw()).toBe(await draw());
  });

  test('what belongs to HTTP/1 alone, or to nothing', async () => {
    const { port } = await craftedServer([head(1)]);
    const client = await connect(port);
    await expect(client.frames().next()).rejects.toThrow('no WebSocket frames come over HTTP/2');
    await expect(client.request('h2f:tping')).rejects.toThrow(TypeError);
    await expect(client.request('ws:/')).rejects.toThrow('WebSocket');
    await expect(connect(port, { h2c: true, ssl: true })).rejects.toThrow(OptionError);
    await expect(connect(port, { http2SkipConnectionPreface: true })).rejects.toThrow(OptionError);
    const old = await connect(port, {});
    await expect(old.answers().next()).rejects.toThrow(TypeError);
  });
});
