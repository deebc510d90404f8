import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openAuthority } from '../../src/net/authority.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import { OptionError } from '../../src/errors.js';
import { command } from '../../src/pathod/command.js';
import { Daemon } from '../../src/pathod/index.js';

/** Carries a command line out: what it says, where, and its status. It ends as soon as it listens. */
async function carryOut(...argv: string[]): Promise<{ status: number; said: string; warned: string }> {
  const over = new AbortController();
  let said = '';
  let warned = '';
  const status = await command(['-p', '0', ...argv], {
    out: new PassThrough().resume(),
    signal: over.signal,
    warn: (line) => {
      warned += line;
    },
    startInBackground: () => Promise.reject(new Error('not asked for')),
    say: (report) => {
      said += report.text;
      over.abort();
      return Promise.resolve();
    },
  });
  return { status, said, warned };
}

const directory = mkdtempSync(join(tmpdir(), 'pathod-test-'));
const confdir = join(directory, 'confdir');
const maker = await CertificateMaker.create(await openAuthority(confdir));
const leaf = maker.make({ host: 'own.example' }).tlsOptions;
const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const noPem = file('no.pem', 'this is no PEM\n');
const noKey = file('no-key.pem', leaf.cert);
const wrongKey = file('wrong-key.pem', otherKey.export({ type: 'pkcs8', format: 'pem' }).toString() + leaf.cert);
const encrypted = file(
  'encrypted.pem',
  otherKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString() + leaf.cert,
);
const broken = join(directory, 'broken');
mkdirSync(broken);
writeFileSync(join(broken, 'mitmproxy-ca.pem'), leaf.key + leaf.cert);
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('bad input about TLS is one line, and status 2', () => {
  test.each<[string[], string | RegExp]>([
    [['--cert', join(directory, 'none.pem')], /^cannot read certificate \S+none\.pem: No such file or directory$/],
    [['--cert', directory], /^cannot read certificate \S+: Illegal operation on a directory$/],
    [['--cert', noPem], /no\.pem is not a PEM file/],
    [['--cert', noKey], /no-key\.pem holds no private key$/],
    [['--cert', `a.example=${wrongKey}`], /holds a private key that does not match its certificate$/],
    [['--cert', encrypted], /has an encrypted private key, and no passphrase was given$/],
    [['--cert', encrypted, '--cert-passphrase', 'wrong'], /cannot be decrypted with the passphrase given$/],
    [['--cert', '=x'], 'invalid certificate "=x" (write [DOMAIN=]PATH)'],
    [['-s', '--ciphers', 'FOO'], 'no cipher of this OpenSSL is in the list "FOO"'],
    [['-s', '--ssl-version', 'SSLv3'], /do not speak SSLv3/],
    [['-s', '--ssl-version', 'TLSv9'], /^unknown TLS version "TLSv9" \(known: secure, all, /],
    [['--tls-fault', 'expird'], 'no TLS fault is called "expird" (did you mean expired?)'],
    [['--tls-anchor', 'expired'], 'Invalid TLS anchor: expired (a TLS anchor is written PATTERN=FAULT)'],
    [['--tls-anchor', 'a=stal'], 'no TLS fault is called "stal" (did you mean stall?)'],
    [['--tls-anchor', '(=stall'], /^Invalid regex in anchor: \( /],
    [['-s', '--confdir', broken], /holds a certificate that may not sign others$/],
    [['-s', '--confdir', noPem], /^cannot (read|write) certificate authority \S+: /],
    [['--confdir', ''], 'confdir takes a directory, not an empty text'],
    [['--ciphers', ''], 'ciphers takes a list of cipher suites, not an empty text'],
    [['--cn', ' '], 'cn takes a name, not an empty text'],
    [
      ['--ssl-version', 'TLSv1_3', '--ciphers', 'AES128-SHA'],
      /^no cipher suite of TLS 1\.3 is in the list "AES128-SHA"/,
    ],
    [['--cert', '**=ok.pem'], 'no name matches the domain "**" (write NAME, *.NAME or *)'],
    [['--cert', 'a.*.b=ok.pem'], 'no name matches the domain "a.*.b" (write NAME, *.NAME or *)'],
    [['-s', '--san', 'a b'], 'no certificate can be made for the name "a b"'],
  ])('%j', async (argv, message) => {
    const { status, said, warned } = await carryOut('--confdir', confdir, ...argv);
    expect({ status, warned }).toEqual({ status: 2, warned: '' });
    expect(said).toMatch(/^pathod: .*\n$/);
    const line = said.slice('pathod: '.length, -1);
    if (typeof message === 'string') expect(line).toBe(message);
    else expect(line).toMatch(message);
  });
});

test('an option that is not valid leaves no authority behind', async () => {
  const untouched = join(directory, 'untouched');
  for (const wrong of [
    ['--ciphers', 'NOPE'],
    ['-s', '--san', 'a b'],
    ['--tls-fault', 'nope'],
    ['--cert', noPem],
  ]) {
    expect((await carryOut('--confdir', untouched, ...wrong)).status).toBe(2);
  }
  expect(existsSync(untouched)).toBe(false);
});

test('in code, an empty directory is refused as well', async () => {
  await expect(Daemon.start({ confdir: '' })).rejects.toThrow(
    new OptionError('confdir takes a directory, not an empty text'),
  );
});

test('a certificate that has expired is shown, and said', async () => {
  const old = maker.make({ host: 'old.example', fault: 'expired' }).tlsOptions;
  const path = file('old.pem', old.key + old.cert);
  const { status, said, warned } = await carryOut('--confdir', confdir, '-s', '--cert', path);
  expect(status).toBe(0);
  expect(said).toMatch(/ listening on /);
  expect(warned).toMatch(
    /^pathod: certificate \S+old\.pem expired on \d{4}-\d\d-\d\d; it is shown to clients nevertheless\n$/,
  );
});

test('--faults lists those of TLS as well', async () => {
  const { status, said } = await carryOut('--faults');
  expect(status).toBe(0);
  expect(said).toMatch(/^fault:empty_response\n/m);
  expect(said).toMatch(/^expired\n {4}certificate: its validity ended yesterday\n/m);
  expect(said).toMatch(/^stall\n {4}handshake: /m);
});
