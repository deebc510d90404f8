import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Proxy } from '../../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../../src/proxy/index.js';
import { run } from '../../kit/run.js';
import type { Ran } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

/** A proxy that runs until the test is over, the lines of its log, and curl that trusts its authority. */
export interface Started {
  readonly proxy: Proxy;
  readonly lines: readonly string[];
  readonly curl: (...args: readonly string[]) => Promise<Ran>;
}

export async function startProxy(options: ProxyOptions): Promise<Started> {
  const lines: string[] = [];
  const proxy = await Proxy.start({ sslInsecure: true, ...options }, { log: ({ message }) => lines.push(message) });
  onTestFinished(() => proxy.stop());
  const authority = join(temporaryDirectory(), 'ca.pem');
  writeFileSync(authority, proxy.ca);
  return {
    proxy,
    lines,
    curl: (...args) => run('curl', ['-sS', '-m', '50', '--noproxy', '', '--cacert', authority, ...args]),
  };
}

/** A server of HTTP until the test is over, and the header fields of each request that it got. */
export async function originServer(): Promise<{ readonly url: string; readonly requests: IncomingHttpHeaders[] }> {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers);
    response.end('hello');
  });
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server that listens on TCP has an AddressInfo.
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, requests };
}
