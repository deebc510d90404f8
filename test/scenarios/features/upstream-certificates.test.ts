// docs/features/upstream-certificates.md
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { authorityPem, certificateFor, fileOf } from '../../kit/certificates.js';
import { dumpProcess } from '../../kit/dump-process.js';
import type { DumpProcess } from '../../kit/dump-process.js';
import { httpsServer } from '../../kit/https-server.js';
import { runProgram } from '../../kit/program.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

/** What a client is shown on the way to a server that it knows the address of alone. */
async function shown(program: { readonly at: string }, port: number, name?: string): Promise<X509Certificate> {
  const asks = name === undefined ? '-noservername' : `-servername ${name}`;
  const command = `openssl s_client -proxy ${program.at} -connect 127.0.0.1:${String(port)} ${asks} </dev/null`;
  const { stdout } = await run('bash', ['-c', command]);
  const pem = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(stdout);
  if (pem === null) throw new Error(`no certificate: ${stdout}`);
  return new X509Certificate(pem[0]);
}

/** A server that says who its client is by the certificate of that. */
async function knowingServer(): Promise<number> {
  const { key, cert } = (await certificateFor()).tlsOptions;
  const options = { key, cert, ca: authorityPem, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, ({ socket }, response) => {
    const name = socket instanceof TLSSocket ? (socket.getPeerCertificate() as { subject?: { CN?: string } }) : {};
    response.end(name.subject?.CN ?? 'nobody');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // A server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}

/** Our mitmdump with nothing but these arguments. */
async function bareProgram(...argv: readonly string[]): Promise<{ readonly at: string; readonly notes: () => string }> {
  const program = runProgram('proxy/dump/main.ts', ['-p', '0', '--ssl-insecure', ...argv]);
  const [, at = ''] = await program.until(/listening at (\S+)\n/);
  return { at, notes: () => program.err };
}

describe.skipIf(!hasProgram('openssl') || !hasProgram('curl'))('upstream certificates', { timeout: 60_000 }, () => {
  test('give the names that a client is shown, unless that is turned off', async () => {
    const { key, cert } = (await certificateFor({ names: ['shop.test', 'www.shop.test', '127.0.0.1'] })).tlsOptions;
    const port = await httpsServer({ key, cert });
    const [usual, old, today] = await Promise.all([
      dumpProcess(),
      dumpProcess('--no-upstream-cert'),
      dumpProcess('--set', 'upstream_cert=false'),
    ]);
    const names = 'DNS:localhost, DNS:shop.test, DNS:www.shop.test, IP Address:127.0.0.1';
    expect((await shown(usual, port)).subjectAltName).toBe(names);
    for (const program of [old, today]) {
      expect((await shown(program, port)).subjectAltName).toBe('IP Address:127.0.0.1');
      expect((await shown(program, port, 'asked.test')).subjectAltName).toBe('DNS:asked.test');
      expect((await program.through(`https://127.0.0.1:${String(port)}/`)).stdout).toBe('hello');
    }
    // It is called so today, too.
    expect(old.err).toBe('');
  });

  test('of clients are shown to servers that ask: one for all, or one a host', async () => {
    const port = await knowingServer();
    const mine = (await certificateFor({ host: 'ada' })).tlsOptions;
    const one = fileOf(mine.key, mine.cert);
    const many = temporaryDirectory();
    mkdirSync(join(many, 'certs'));
    writeFileSync(join(many, 'certs', 'localhost.pem'), readFileSync(one));
    const [old, today, none] = await Promise.all([
      dumpProcess('--client-certs', one),
      dumpProcess('--set', `client_certs=${join(many, 'certs')}`),
      dumpProcess(),
    ]);
    const ask = async (program: DumpProcess, host: string): Promise<string> =>
      (await program.through(`https://${host}:${String(port)}/`)).stdout;
    for (const host of ['localhost', '127.0.0.1']) expect(await ask(old, host)).toBe('ada');
    expect(await ask(today, 'localhost')).toBe('ada');
    expect(await ask(today, '127.0.0.1')).toBe('nobody');
    expect(await ask(none, 'localhost')).toBe('nobody');
  });

  test("are the user's own where they are given, by an authority that lies where it is said", async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const port = await httpsServer({ key, cert });
    const mine = (await certificateFor({ host: 'shop.test', names: ['*.shop.test'] })).tlsOptions;
    const pem = fileOf(mine.key, mine.cert);
    const cadir = temporaryDirectory();
    const old = await bareProgram('--cadir', cadir, '--cert', `*.shop.test=${pem}`);
    const authority = new X509Certificate(readFileSync(join(cadir, 'mitmproxy-ca-cert.pem')));
    const today = await bareProgram('--set', `confdir=${cadir}`, '--certs', pem);
    expect((await shown(old, port, 'www.shop.test')).checkIssued(new X509Certificate(authorityPem))).toBe(true);
    expect((await shown(old, port, 'localhost')).checkIssued(authority)).toBe(true);
    // Without a name it is for every host.
    expect((await shown(today, port, 'localhost')).subject).toContain('shop.test');
    expect(new X509Certificate(readFileSync(join(cadir, 'mitmproxy-ca-cert.pem'))).raw).toEqual(authority.raw);
    expect(old.notes().match(/today it is \S+/g)).toEqual(['today it is --certs', 'today it is --confdir']);
    expect(today.notes()).toBe('');
  });
});
