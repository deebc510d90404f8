/** One authority for both: real mitmproxy uses ours, and we use real mitmproxy's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/net/authority.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import { handshake, httpsServer } from '../kit/https-server.js';
import { mitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const throughProxy = (proxy: number, port: number, authority: string) =>
  run('curl', [
    ...['-sS', '--noproxy', '', '--proxy', `http://127.0.0.1:${String(proxy)}`, '--cacert', authority],
    `https://127.0.0.1:${String(port)}/`,
  ]);

describe.skipIf(!hasProgram('mitmdump'))('with real mitmproxy', () => {
  test('mitmproxy signs with the authority that we made', async () => {
    const directory = temporaryDirectory();
    const authority = await openAuthority(directory);
    const before = readFileSync(join(directory, 'mitmproxy-ca.pem'), 'latin1');
    const server = await httpsServer((await CertificateMaker.create(authority)).make({ host: '127.0.0.1' }).tlsOptions);
    const proxy = await mitmdump(directory);
    expect(await throughProxy(proxy, server, authority.certificatePath ?? '')).toEqual({
      code: 0,
      stdout: 'hello',
      stderr: '',
    });
    expect(readFileSync(join(directory, 'mitmproxy-ca.pem'), 'latin1')).toBe(before);
  }, 60_000);

  test('we sign with the authority that mitmproxy made, and leave its files alone', async () => {
    const directory = temporaryDirectory();
    await mitmdump(directory);
    const files = (): [string, string][] =>
      readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'latin1')]);
    const before = files();
    expect(before.map(([name]) => name)).toContain('mitmproxy-ca.pem');
    const authority = await openAuthority(directory);
    expect(files()).toEqual(before);
    const leaf = (await CertificateMaker.create(authority)).make({ host: 'www.example' });
    const port = await httpsServer(leaf.tlsOptions);
    const ca = readFileSync(join(directory, 'mitmproxy-ca-cert.pem'));
    expect((await handshake(port, { ca, servername: 'www.example' })).outcome).toBe('ok');
  }, 60_000);
});
