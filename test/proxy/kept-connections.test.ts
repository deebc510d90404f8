import { Agent, request as requestPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { startedProxy } from '../kit/started-proxy.js';
import type { StartedProxy } from '../kit/started-proxy.js';

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
    const daemon = await startDaemon({ ssl });
    const target = `${ssl ? 'https' : 'http'}://127.0.0.1:${String(daemon.port)}`;
    const started = await startedProxy({ mode: `reverse:${target}`, sslInsecure: true });
    const numbers = Array.from({ length: 50 }, (__, i) => String(i));
    const clients = await Promise.all([0, 1, 2, 3].map(() => askOften(started, secure, 50)));
    expect(clients).toEqual([numbers, numbers, numbers, numbers]);
    const servers = new Set(started.proxy.flows('~http').map(({ serverConn }) => serverConn.id));
    expect(servers.size).toBe(4);
  });
});
