import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { enterTransparent } from '../../../src/proxy/entry/transparent-entry.js';
import { networkNamespaces, noNamespaces, redirect, serverAddresses } from '../../kit/network-namespaces.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import type { Ran } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import type { Socket } from 'node:net';

test('a connection that was made to the proxy itself leads nowhere', () => {
  // Only the function that is handed in looks at it.
  const socket = {} as Socket;
  const destinationOf = (): { host: string; port: number } => ({ host: '10.0.0.1', port: 8080 });
  expect(enterTransparent(socket, destinationOf, [['10.0.0.1', 8081]])).toEqual(['10.0.0.1', 8080]);
  expect(() => enterTransparent(socket, destinationOf, [['10.0.0.1', 8080]])).toThrow(
    'the client connected to the proxy itself, 10.0.0.1:8080',
  );
});

const reason = noNamespaces();

interface Lines {
  readonly all: string[];
  until(text: string): Promise<string>;
}

/** Runs the process of a transparent proxy in a namespace. */
function proxyIn(namespace: string, ...argv: string[]): Lines {
  const script = new URL('transparent-process.ts', import.meta.url).pathname;
  const node = [process.execPath, '--import', import.meta.resolve('tsx'), script, ...argv];
  const child = spawn('ip', ['netns', 'exec', namespace, ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  });
  const all: string[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => all.push(line));
  return {
    all,
    async until(text) {
      for (;;) {
        const found = all.find((line) => line.includes(text));
        if (found !== undefined) return found;
        await once(lines, 'line');
      }
    },
  };
}

describe.skipIf(reason !== undefined || !hasProgram('curl'))(`transparent mode (${reason ?? 'in namespaces'})`, () => {
  test('leads connections to where they were going', { timeout: 60_000 }, async () => {
    const addresses = ['192.0.2.10', '2001:db8::10'];
    const spaces = networkNamespaces(...addresses);
    const authority = join(temporaryDirectory(), 'ca.pem');
    const lines = proxyIn(spaces.server, authority, ...addresses);
    const port = Number(/\d+/.exec(await lines.until('port '))?.[0]);
    redirect(spaces, [80, 443], port);
    const curl = (...args: string[]): Promise<Ran> =>
      run('ip', ['netns', 'exec', spaces.client, 'curl', '-s', '-S', '-m', '50', '--noproxy', '*', ...args]);

    expect(await curl('http://192.0.2.10/a')).toMatchObject({ stdout: 'plain 192.0.2.10', stderr: '' });
    expect(await curl('http://[2001:db8::10]/b')).toMatchObject({ stdout: 'plain [2001:db8::10]' });
    const named = ['--cacert', authority, '--resolve', 'server.test:443:192.0.2.10', 'https://server.test/c'];
    expect(await curl(...named)).toMatchObject({ stdout: 'secure', stderr: '' });
    expect(await curl('--cacert', authority, 'https://[2001:db8::10]/d')).toMatchObject({
      stdout: 'secure',
      stderr: '',
    });
    // A server that is not there, behind a port that is redirected.
    expect((await curl('-i', `http://${serverAddresses.ipv4}/e`)).stdout).toContain('connection refused');

    const flows = lines.all.filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line));
    expect(flows).toMatchObject([
      { scheme: 'http', host: '192.0.2.10', path: '/a', status: 200, client: '10.77.0.2', server: ['192.0.2.10', 80] },
      {
        scheme: 'http',
        host: '2001:db8::10',
        path: '/b',
        status: 200,
        client: 'fd77::2',
        server: ['2001:db8::10', 80],
      },
      { scheme: 'https', host: 'server.test', path: '/c', server: ['192.0.2.10', 443] },
      { scheme: 'https', host: '2001:db8::10', path: '/d', server: ['2001:db8::10', 443] },
    ]);

    // A client that knows of the proxy.
    expect((await curl(`http://${serverAddresses.ipv4}:${String(port)}/`)).code).not.toBe(0);
    await lines.until(`the client connected to the proxy itself, ${serverAddresses.ipv4}:${String(port)}`);
  });
});
