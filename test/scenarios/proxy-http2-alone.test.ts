/** Servers that speak HTTP/2 and nothing else, before clients that speak HTTP/1. */
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { certificateFor, fileOf } from '../kit/certificates.js';
import { nghttpd } from '../kit/nghttpd.js';
import { hasProgram } from '../kit/programs.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** Refuses handshakes in which HTTP/2 is not offered. */
async function nodeServer(): Promise<number> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  const server = createSecureServer({ key, cert, allowHTTP1: false }, (request, response) => {
    response.end(`${request.httpVersion} ${request.url}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** Shakes hands with everybody, and leaves those that did not offer HTTP/2. */
async function nghttpdServer(): Promise<number> {
  const directory = temporaryDirectory();
  const { key, cert } = (await certificateFor()).tlsOptions;
  writeFileSync(join(directory, 'page'), '2.0 /page');
  return (await nghttpd(directory, (port) => [String(port), fileOf(key), fileOf(cert)])).port;
}

const servers = [
  ['of Node', nodeServer, 'node'],
  ['nghttpd', nghttpdServer, 'nghttpd'],
] as const;

describe.each(servers)('a server of HTTP/2 alone: %s', (_, start, program) => {
  test.skipIf(!hasProgram('curl') || !hasProgram(program))(
    'is asked over HTTP/2 whatever the client speaks, and the connection is used again',
    async () => {
      const { proxy, at, curl } = await startedProxy({
        mode: `reverse:https://localhost:${String(await start())}`,
        sslInsecure: true,
      });
      const plain = await curl(`http://${at}/page`, `http://${at}/page`);
      expect(plain.stdout).toBe('2.0 /page2.0 /page');
      const tls = await curl('-k', '--http1.1', `https://${at}/page`);
      expect(tls.stdout).toBe('2.0 /page');
      const http2 = await curl('-k', '--http2', `https://${at}/page`);
      expect(http2.stdout).toBe('2.0 /page');
      const flows = proxy.httpFlows();
      expect(flows.map(({ request }) => request.httpVersion)).toEqual(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/2.0']);
      expect(flows.map(({ response }) => response?.httpVersion)).toEqual(Array(4).fill('HTTP/2.0'));
      expect(flows[1]?.serverConn).toBe(flows[0]?.serverConn);
    },
  );
});
