import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { SecureVersion } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { certificateFor } from '../kit/certificates.js';
import { httpsServer } from '../kit/https-server.js';
import { hasProgram } from '../kit/programs.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { interceptor } from './interceptor.js';
import type { Interceptor } from './interceptor.js';

/** A proxy in front of a server, which writes secrets down as the environment says. */
async function writingProxy(environment: Readonly<Record<string, string>>): Promise<[Interceptor, upstream: number]> {
  const upstream = await httpsServer((await certificateFor()).tlsOptions);
  return [await interceptor({ upstream, environment, options: { sslInsecure: true } }), upstream];
}

/** Asks for a page through it; resolves with the page. */
async function ask({ port, ca }: Interceptor, path: string, version?: SecureVersion): Promise<string> {
  const versions = version === undefined ? {} : { minVersion: version, maxVersion: version };
  const asked = request({ host: 'localhost', port, path, ca, agent: false, ...versions }).end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  let page = '';
  for await (const chunk of response) page += String(chunk);
  return page;
}

const secret = /^(?:CLIENT_RANDOM|[A-Z]+_[A-Z_]+_(?:SECRET|SECRET_0)|EXPORTER_SECRET) [\da-f]{64} [\da-f]{64,96}$/;

describe('the secrets of connections', () => {
  test.each(['SSLKEYLOGFILE', 'MITMPROXY_SSLKEYLOGFILE'])('are appended to the file of %s', async (variable) => {
    const path = join(temporaryDirectory(), 'keys');
    const [proxy] = await writingProxy({ [variable]: path });
    expect(existsSync(path)).toBe(false);
    expect(await ask(proxy, '/', 'TLSv1.3')).toBe('hello');
    const lines = readFileSync(path, 'latin1').trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(secret);
    // Five of each side: two for the handshake, two for what follows, one for exporters.
    expect(lines).toHaveLength(10);
    expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(2);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ask(proxy, '/', 'TLSv1.2')).toBe('hello');
    const more = readFileSync(path, 'latin1');
    expect(more.startsWith(lines.join('\n'))).toBe(true);
    expect(more).toContain('CLIENT_RANDOM');
  });

  test("go to the proxy's own variable when both are set, and nowhere when none is", async () => {
    const directory = temporaryDirectory();
    const [own, other] = [join(directory, 'own'), join(directory, 'other')];
    const [proxy] = await writingProxy({ SSLKEYLOGFILE: other, MITMPROXY_SSLKEYLOGFILE: own });
    await ask(proxy, '/');
    expect([existsSync(own), existsSync(other)]).toEqual([true, false]);
    const [plain] = await writingProxy({ SSLKEYLOGFILE: '' });
    await ask(plain, '/');
    expect(existsSync(other)).toBe(false);
  });

  test('are done without when the file cannot be written, which is said once', async () => {
    const path = join(temporaryDirectory(), 'missing', 'keys');
    const [proxy] = await writingProxy({ SSLKEYLOGFILE: path });
    expect(await ask(proxy, '/')).toBe('hello');
    expect(await ask(proxy, '/')).toBe('hello');
    expect(proxy.lines).toEqual([`warn: cannot write TLS secrets to ${path}: No such file or directory`]);
  });

  test.skipIf(!hasProgram('tshark'))('decrypt a capture of both sides', async ({ skip }) => {
    const path = join(temporaryDirectory(), 'keys');
    writeFileSync(path, '');
    const [proxy, upstream] = await writingProxy({ SSLKEYLOGFILE: path });
    const ports = [proxy.port, upstream].map(String);
    const capture = spawn(
      'tshark',
      [
        ...['-i', 'lo', '-l', '-f', ports.map((port) => `tcp port ${port}`).join(' or ')],
        ...ports.flatMap((port) => ['-d', `tcp.port==${port},tls`]),
        ...['-o', `tls.keylog_file:${path}`, '-Y', 'http.request', '-T', 'fields'],
        ...['-e', 'tcp.dstport', '-e', 'tls.record.version', '-e', 'http.request.uri'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const ended = once(capture, 'close');
    onTestFinished(async () => {
      capture.kill('SIGKILL');
      await ended;
    });
    let said = '';
    let seen = '';
    capture.stderr.on('data', (chunk: Buffer) => (said += String(chunk)));
    capture.stdout.on('data', (chunk: Buffer) => (seen += String(chunk)));
    const wanted = ['TLSv1.2', 'TLSv1.3'].flatMap((version) => ports.map((port) => [port, `/secret/${version}`]));
    const isMissing = ([port = '', uri = '']: string[]): boolean =>
      !seen.split('\n').some((line) => line.startsWith(`${port}\t`) && line.endsWith(`\t${uri}`));
    while (capture.exitCode === null && !said.includes('Capturing on')) {
      await Promise.race([once(capture.stderr, 'data'), ended]);
    }
    // It says that before it sees packets.
    while (wanted.some(isMissing)) {
      if (capture.exitCode !== null) skip(`this user may not capture: ${said.trim().replaceAll('\n', ' ')}`);
      await ask(proxy, '/secret/TLSv1.2', 'TLSv1.2');
      await ask(proxy, '/secret/TLSv1.3', 'TLSv1.3');
    }
  });
});
