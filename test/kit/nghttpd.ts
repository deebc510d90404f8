import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** The server of nghttp2 under a test's hand. It is killed when the test that started it is over. */
export interface Nghttpd {
  readonly port: number;
  /** Resolves once what it prints of frames, without colours and times, matches. */
  until(pattern: RegExp): Promise<void>;
}

/**
 * Starts nghttpd, which serves the files of a directory and prints all frames, on a free port.
 * @param argv its further arguments, `--no-tls` or the files of a key and a certificate behind `port`
 */
export async function nghttpd(directory: string, argv: (port: number) => readonly string[]): Promise<Nghttpd> {
  const port = await freePort();
  const child = spawn('nghttpd', ['-v', '-a', '127.0.0.1', '-d', directory, ...argv(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => {
      printed += text;
      child.emit('printed');
    });
  }
  while (!printed.includes('listen ')) {
    if (child.exitCode !== null) throw new Error(`nghttpd did not start: ${printed}`);
    await Promise.race([once(child, 'printed'), once(child, 'exit')]);
  }
  return {
    port,
    async until(pattern) {
      const log = (): string => printed.replace(/\x1b\[[0-9;]*m/g, '').replace(/^(\[id=\d+\] )?\[ *[0-9.]+\] /gm, '');
      while (!pattern.test(log())) await once(child, 'printed');
    },
  };
}

/** It cannot be told to take any port and to say which. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
