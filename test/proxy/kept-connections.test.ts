import { Agent, request as requestPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../kit/program.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** Asks a number of times over one connection, each time when the answer before was read. */
async function askOften({ proxy, at }: StartedProxy, secure: boolean, times: number): Promise<string[]> {
  const agent = secure ? new SecureAgent({ keepAlive: true, ca: proxy.ca }) : new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const answers: string[] = [];
  const ports = new Set<number | undefined>();
  for (let i = 0; i < times; i++) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const made = secure
        ? requestSecure(`https://${at.replace('127.0.0.1', 'localhost')}/p/200:b'${String(i)}'`, { agent }, resolve)
        : requestPlain(`http://${at}/p/200:b'${String(i)}'`, { agent }, resolve);
      made.on('error', reject).end();
    });
    ports.add(response.socket.localPort);
    answers.push((await response.toArray()).join(''));
  }
  expect(ports.size).toBe(1);
  return answers;
}

describe('the connection to a server is kept', () => {
  test.each([
    ['HTTP', 'HTTP', false, false],
    ['HTTPS', 'HTTP', true, false],
    ['HTTP', 'HTTPS', false, true],
    ['HTTPS', 'HTTPS', true, true],
  ] as const)('when a client of %s asks a server of %s again and again', async (_, __, secure, ssl) => {
    // In a process of its own: its answer may be here before the proxy knows that all of the request was sent.
    const confdir = ['--confdir', temporaryDirectory()];
    const pathod = runProgram('pathod/main.ts', ['-p', '0', ...(ssl ? ['-s', ...confdir] : [])]);
    const [, port = ''] = await pathod.until(/listening on \('127\.0\.0\.1', (\d+)\)/);
    const target = `${ssl ? 'https' : 'http'}://127.0.0.1:${port}`;
    const started = await startedProxy({ mode: `reverse:${target}`, sslInsecure: true });
    const numbers = Array.from({ length: 20 }, (__, i) => String(i));
    const asking = Array.from({ length: 24 }, () => askOften(started, secure, numbers.length));
    expect(await Promise.all(asking)).toEqual(asking.map(() => numbers));
    const servers = new Set(started.proxy.flows('~http').map(({ serverConn }) => serverConn.id));
    // One for each client. An answer that comes in the very turn of its request makes for another, now and then.
    expect(servers.size).toBeGreaterThanOrEqual(24);
    expect(servers.size).toBeLessThan(30);
  });
});
