import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import { answering } from './servers.js';

// The program itself, as a process: what can only be seen from outside.

function start(argv: readonly string[], stdout: 'pipe' | number = 'pipe'): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/pathoc/main.ts', ...argv], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function ended(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  await once(child, 'close');
  return { status: child.exitCode, out, err };
}

describe('pathoc', { timeout: 60_000 }, () => {
  test('prints with the time, exactly, and ends by itself', async () => {
    const { port } = await answering(['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok']);
    const { status, out, err } = await ended(start(['-q', '-p', `${port}`, '127.0.0.1', 'get:/a:r']));
    expect(out.replace(/^\d\d-\d\d-\d\d \d\d:\d\d:\d\d: /, '(time) ')).toBe(
      "(time) >> 'GET':/a:r\n<< 200 OK: 2 bytes\nBytes written:\n\tGET /a HTTP/1.1\r\n\t\r\n\t\n",
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
  });

  test.each([
    [['--nope'], 1, 'pathoc: unknown option --nope\n'],
    [['127.0.0.1', 'get:/:q'], 1, 'Error parsing request spec: "q" cannot stand here in a request\nget:/:q\n      ^\n'],
  ])('%j', async (argv, status, err) => {
    expect(await ended(start(argv))).toEqual({ status, out: '', err });
  });

  test('a failure is status 2', async () => {
    const { port } = await answering(['nonsense\r\n\r\n']);
    const { status, out, err } = await ended(start(['--no-timestamps', `127.0.0.1:${port}`, 'get:/']));
    expect(out).toBe(">> 'GET':/\nInvalid server response: Bad HTTP response line: b'nonsense'\n");
    expect({ status, err }).toEqual({ status: 2, err: '' });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it at once while it waits', async (signal, status) => {
    const server = await rawServer();
    const child = start([`127.0.0.1:${server.port}`, 'get:/:pa,f']);
    const end = ended(child);
    const peer = await server.peer();
    await peer.until('\r\n\r\n');
    child.kill(signal);
    expect(await end).toEqual({ status, out: '', err: '' });
  });

  test('a signal more does not kill it on its way out', async () => {
    const server = await rawServer();
    const child = start([`127.0.0.1:${server.port}`, 'get:/:pa,f']);
    const end = ended(child);
    await (await server.peer()).until('\r\n\r\n');
    // Until it is gone: whenever the second one comes, it must not count.
    const signals = setInterval(() => child.kill('SIGINT'), 1);
    onTestFinished(() => clearInterval(signals));
    expect(await end).toEqual({ status: 130, out: '', err: '' });
    expect(child.signalCode).toBeNull();
  });

  test.runIf(process.platform === 'linux')('output that cannot be written is told, and is status 2', async () => {
    const { port } = await answering(['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']);
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    for (const argv of [[`127.0.0.1:${port}`, 'get:/:x3'], ['--help']]) {
      expect(await ended(start(argv, full))).toEqual({
        status: 2,
        out: '',
        err: 'pathoc: cannot write to standard output: No space left on device\n',
      });
    }
  });

  test('a reader that leaves ends it without a word', async () => {
    const server = await rawServer((peer) => {
      peer.socket.on('data', () => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    });
    const child = start(['-n', '-1', `127.0.0.1:${server.port}`, 'get:/']);
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdout?.once('data', () => child.stdout?.destroy());
    await once(child, 'close');
    expect({ status: child.exitCode, err }).toEqual({ status: 0, err: '' });
  });
});
