/** Servers that are not ours: those of nghttp2, Node and mitmproxy. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { certificateFor, fileOf } from '../kit/certificates.js';
import { mitmdump } from '../kit/mitmdump.js';
import { nghttpd } from '../kit/nghttpd.js';
import type { Nghttpd } from '../kit/nghttpd.js';
import { hasProgram } from '../kit/programs.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { pathoc } from './command-line.js';
import { over, told } from './http2-clients.js';
import { nodeHttp2SecureServer } from './http2-servers.js';
import { nodeServer } from './servers.js';

const fixtures = fileURLToPath(new URL('../../fixtures/h2/', import.meta.url));

/** nghttpd without TLS, with one page of 6 bytes. */
async function plainNghttpd(): Promise<Nghttpd> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'index.html'), 'hello\n');
  return nghttpd(directory, (port) => ['--no-tls', String(port)]);
}

test("Node's server over TLS", async () => {
  const { tlsOptions } = await certificateFor();
  const port = await nodeHttp2SecureServer(tlsOptions, (stream, headers) => {
    stream.respond({ ':status': 200 });
    stream.end(String(headers[':scheme']));
  });
  const socket = connect({ host: '127.0.0.1', port, ALPNProtocols: ['h2'], rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const [exchange] = await over(socket, port, { scheme: 'https' }).exchanges('get:/');
  expect(exchange && told(exchange)).toEqual(['200 https']);
});

test.skipIf(!hasProgram('mitmdump'))('mitmdump in reverse mode', { timeout: 60_000 }, async () => {
  const upstream = await nodeServer((request, response) => {
    response.end(request.url);
  });
  const port = await mitmdump(temporaryDirectory(), '--mode', `reverse:http://127.0.0.1:${String(upstream)}`);
  const { out, status } = await pathoc(['--http2', `127.0.0.1:${String(port)}`, 'get:/one', 'h2f:tping', 'get:/']);
  expect(out.split('\n').sort().join('\n').trim()).toBe(
    [
      '<< 200 : 1 bytes',
      '<< h2 frame:ping:ack stream=0 8b 0000000000000000',
      '<< stream 1: 200 : 4 bytes',
      ">> 'GET':/",
      ">> 'GET':/one",
      '>> h2f:tping',
    ].join('\n'),
  );
  expect(status).toBe(0);
});

describe.skipIf(!hasProgram('nghttpd'))('nghttpd', () => {
  test('requests and bodies; GOAWAY in the end', async () => {
    const server = await plainNghttpd();
    const argv = ['--h2c', `127.0.0.1:${String(server.port)}`, 'get:/', 'post:/:b@200k', 'get:/none'];
    const { out, status } = await pathoc(argv);
    expect(out).toMatch(
      /^>> 'GET':\/\n<< 200 : 6 bytes\n>> 'POST':\/:b@200k\n<< 200 : \d+ bytes\n>> 'GET':\/none\n<< 404 : \d+ bytes\n$/,
    );
    expect(status).toBe(0);
    await server.until(/recv GOAWAY frame <length=8, flags=0x00, stream_id=0>/);
  });

  test('raw frames', async () => {
    const server = await plainNghttpd();
    const { out } = await pathoc(['--h2c', `127.0.0.1:${String(server.port)}`, 'h2f:tping']);
    expect(out).toBe('>> h2f:tping\n<< h2 frame:ping:ack stream=0 8b 0000000000000000\n');
    await server.until(/recv PING frame <length=8, flags=0x00, stream_id=0>/);
  });

  test('over TLS', async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'index.html'), 'hello\n');
    const server = await nghttpd(directory, (port) => [String(port), fileOf(String(key)), fileOf(String(cert))]);
    const { out } = await pathoc(['--http2', `127.0.0.1:${String(server.port)}`, 'get:/']);
    expect(out).toBe(">> 'GET':/\n<< 200 : 6 bytes\n");
  });

  // What it says before it closes is lost when a frame is being written just then.
  const closed = /<< h2 frame:goaway|Server disconnected|Not sent/;

  /** What nghttpd shows of each fixture, and what pathoc prints in the end. */
  const pathologies: Record<string, readonly [reached: RegExp, printed: RegExp, status?: number]> = {
    'bad-hpack-index': [/error_code=COMPRESSION_ERROR/, /<< h2 frame:goaway stream=0 .* compression_error\n$/],
    'continuation-flood': [/Too many CONTINUATION frames/, closed, 2],
    'data-on-idle-stream': [/DATA: stream in idle/, /<< h2 frame:goaway .* protocol_error b'DATA: stream in idle'\n$/],
    'even-stream-id': [/recv HEADERS/, /<< h2 frame:goaway .* protocol_error b'request HEADERS: invalid stream_id'\n$/],
    'header-block-split': [/x: y/, /<< h2 frame:rst_stream stream=1 4b protocol_error\n$/],
    'oversized-frame': [
      /error_code=FRAME_SIZE_ERROR/,
      /<< h2 frame:goaway .* frame_size_error b'too large frame size'\n$/,
    ],
    'padding-beyond-frame': [/invalid padding/, /<< h2 frame:goaway .* protocol_error b'HEADERS: invalid padding'\n$/],
    'ping-flood': [/recv PING/, /^((>>|<<) .*\n){2000}$/],
    'rapid-reset': [/recv RST_STREAM/, closed, 2],
    'settings-flood': [/recv SETTINGS/, /^((>>|<<) .*\n){2000}$/],
    'zero-window': [/SETTINGS_INITIAL_WINDOW_SIZE\(0x04\):0/, /<< h2 frame:settings:ack stream=0 0b\nTimeout\n$/, 2],
  };

  test('each fixture is here', () => {
    const names = readdirSync(fixtures).filter((name) => name.endsWith('.pathoc'));
    expect(Object.keys(pathologies).sort()).toEqual(names.map((name) => name.replace('.pathoc', '')).sort());
  });

  test.each(Object.entries(pathologies))('%s', { timeout: 60_000 }, async (name, [reached, printed, expected = 0]) => {
    const server = await plainNghttpd();
    // A thousand frames are a flood as well as a hundred thousand.
    const spec = readFileSync(`${fixtures}${name}.pathoc`, 'latin1').replace('x100000', 'x1000');
    const { out, status } = await pathoc(['--h2c', '-t', '1', `127.0.0.1:${String(server.port)}`, spec]);
    expect(out).toMatch(printed);
    await server.until(reached);
    expect(status).toBe(expected);
  });
});
