import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { openAuthority, temporaryAuthority } from '../../src/net/authority.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import { certificateOfPkcs12 } from '../../src/net/pkcs12.js';
import { handshake, httpsServer } from '../kit/https-server.js';
import { ManualClock } from '../kit/manual-clock.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const names = [
  'mitmproxy-ca-cert.cer',
  'mitmproxy-ca-cert.p12',
  'mitmproxy-ca-cert.pem',
  'mitmproxy-ca.p12',
  'mitmproxy-ca.pem',
];

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const rsaPem = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('a new authority', () => {
  test('lies in its directory under the names of mitmproxy, the private files for their owner only', async () => {
    const directory = join(temporaryDirectory(), 'deep', 'er');
    const authority = await openAuthority(directory);
    expect(readdirSync(directory).sort()).toEqual(names);
    const mode = (name: string): number => statSync(join(directory, name)).mode & 0o777;
    expect([mode('mitmproxy-ca.pem'), mode('mitmproxy-ca.p12')]).toEqual([0o600, 0o600]);
    expect(mode('mitmproxy-ca-cert.pem') & 0o400).toBe(0o400);
    const text = readFileSync(join(directory, 'mitmproxy-ca.pem'), 'latin1');
    expect(text).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----[^]*-----END RSA PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----/,
    );
    const certificate = readFileSync(join(directory, 'mitmproxy-ca-cert.pem'), 'latin1');
    expect(text.endsWith(certificate)).toBe(true);
    expect(readFileSync(join(directory, 'mitmproxy-ca-cert.cer'), 'latin1')).toBe(certificate);
    expect(authority).toMatchObject({ pem: certificate, chain: [], notice: undefined });
    expect(authority.certificatePath).toBe(join(directory, 'mitmproxy-ca-cert.pem'));
  });

  test('says what mitmproxy says in its own', async () => {
    const now = Date.UTC(2030, 0, 31, 12);
    const { certificate, certificatePath = '' } = await openAuthority(temporaryDirectory(), {
      clock: new ManualClock(now),
    });
    expect(certificate.subject).toBe('CN=mitmproxy\nO=mitmproxy');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.validFrom).toBe('Jan 29 12:00:00 2030 GMT');
    expect(certificate.validTo).toBe('Jan 29 12:00:00 2040 GMT');
    expect(certificate.ca).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const { stdout } = await run('openssl', ['x509', '-in', certificatePath, '-noout', '-text']);
    expect(stdout).toContain('Signature Algorithm: sha256WithRSAEncryption');
    expect(stdout).toContain('X509v3 Basic Constraints: critical\n                CA:TRUE');
    expect(stdout).toContain('X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign');
    expect(stdout).toContain('TLS Web Server Authentication');
  });

  test.each([
    ['RSA', undefined],
    ['an elliptic curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ])('can be imported from its PKCS#12 files, which have an empty password: %s', async (_, own) => {
    const directory = temporaryDirectory();
    if (own !== undefined) {
      const key = own.export({ type: 'pkcs8', format: 'pem' }).toString();
      writeFileSync(join(directory, 'mitmproxy-ca.pem'), key + temporaryAuthority(own, 'own').pem);
    }
    const { certificate, signer } = await openAuthority(directory);
    expect(readdirSync(directory).sort()).toEqual(names);
    const open = (name: string) =>
      run('openssl', ['pkcs12', '-in', join(directory, name), '-passin', 'pass:', '-nodes']);
    const [withKey, without] = [await open('mitmproxy-ca.p12'), await open('mitmproxy-ca-cert.p12')];
    for (const { code, stdout } of [withKey, without]) {
      expect(code).toBe(0);
      const [found = ''] = /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----/.exec(stdout) ?? [];
      expect(new X509Certificate(found).fingerprint256).toBe(certificate.fingerprint256);
      expect(stdout).toContain('friendlyName: mitmproxy');
    }
    expect(createPrivateKey(withKey.stdout).equals(signer.key)).toBe(true);
    expect(without.stdout).not.toContain('PRIVATE KEY');
    createSecureContext({ pfx: readFileSync(join(directory, 'mitmproxy-ca.p12')), passphrase: '' });
    for (const name of ['mitmproxy-ca.p12', 'mitmproxy-ca-cert.p12']) {
      const found = certificateOfPkcs12(readFileSync(join(directory, name)));
      expect(found?.fingerprint256).toBe(certificate.fingerprint256);
    }
  });

  test('is another in another directory, and the same at the next start', async () => {
    const directory = temporaryDirectory();
    const first = await openAuthority(directory);
    const other = await openAuthority(temporaryDirectory());
    const again = await openAuthority(directory);
    expect(again.certificate.fingerprint256).toBe(first.certificate.fingerprint256);
    expect(other.certificate.fingerprint256).not.toBe(first.certificate.fingerprint256);
    expect(other.certificate.serialNumber).not.toBe(first.certificate.serialNumber);
  });

  test('is one for eight processes that start at once', async () => {
    const directory = join(temporaryDirectory(), 'confdir');
    const start = () => run(process.execPath, ['--import', 'tsx', 'test/net/open-authority.ts', directory]);
    const ran = await Promise.all(Array.from({ length: 8 }, start));
    expect(ran.map(({ stderr }) => stderr)).toEqual(Array(8).fill(''));
    expect(new Set(ran.map(({ stdout }) => stdout)).size).toBe(1);
    expect(readdirSync(directory).sort()).toEqual(names);
  }, 60_000);

  test('is one for many openings in one process', async () => {
    const directory = temporaryDirectory();
    const all = await Promise.all(Array.from({ length: 8 }, () => openAuthority(directory)));
    expect(new Set(all.map(({ certificate }) => certificate.fingerprint256)).size).toBe(1);
    expect(readdirSync(directory).sort()).toEqual(names);
  });
});

describe('an authority that is there', () => {
  test('files that are missing are made from it again', async () => {
    const directory = temporaryDirectory();
    const first = await openAuthority(directory);
    for (const name of names.filter((name) => name !== 'mitmproxy-ca.pem')) rmSync(join(directory, name));
    await openAuthority(directory);
    expect(readdirSync(directory).sort()).toEqual(names);
    expect(readFileSync(join(directory, 'mitmproxy-ca-cert.pem'), 'latin1')).toBe(first.pem);
  });

  test('a new one takes the place of the files of the old one', async () => {
    const directory = temporaryDirectory();
    await openAuthority(directory);
    const p12 = readFileSync(join(directory, 'mitmproxy-ca-cert.p12'));
    rmSync(join(directory, 'mitmproxy-ca.pem'));
    const { pem, fileNotices } = await openAuthority(directory);
    expect(fileNotices).toEqual([]);
    expect(readFileSync(join(directory, 'mitmproxy-ca-cert.pem'), 'latin1')).toBe(pem);
    expect(readFileSync(join(directory, 'mitmproxy-ca-cert.cer'), 'latin1')).toBe(pem);
    expect(readFileSync(join(directory, 'mitmproxy-ca-cert.p12')).equals(p12)).toBe(false);
    expect((await openAuthority(directory)).fileNotices).toEqual([]);
  });

  test('files of another one are left as they are, and named', async () => {
    const directory = temporaryDirectory();
    const { pem } = await openAuthority(directory);
    writeFileSync(join(directory, 'mitmproxy-ca.pem'), rsaPem + temporaryAuthority(rsa, 'own').pem);
    const { fileNotices } = await openAuthority(directory);
    expect(fileNotices).toHaveLength(4);
    expect(fileNotices[0]).toBe(
      `${join(directory, 'mitmproxy-ca-cert.pem')} is not of the authority in mitmproxy-ca.pem: remove it to have it made anew`,
    );
    expect(readFileSync(join(directory, 'mitmproxy-ca-cert.pem'), 'latin1')).toBe(pem);
  });

  test.skipIf(process.platform === 'win32')('a private key that others may read is named', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'mitmproxy-ca.pem');
    await openAuthority(directory);
    chmodSync(path, 0o640);
    expect((await openAuthority(directory)).fileNotices).toEqual([
      `certificate authority ${path} holds a private key that others may read: chmod 600 ${path}`,
    ]);
  });

  test.skipIf(process.platform !== 'linux')('a place where none can be made is said at once', async () => {
    await expect(openAuthority('/proc/nope/deep')).rejects.toThrow(
      'cannot write certificate authority /proc/nope/deep/mitmproxy-ca.pem: No such file or directory',
    );
  });

  test('may have a key of an elliptic curve, and the key after the certificate', async () => {
    const directory = temporaryDirectory();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { pem } = temporaryAuthority(privateKey, 'curved');
    writeFileSync(
      join(directory, 'mitmproxy-ca.pem'),
      pem + privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
    const authority = await openAuthority(directory);
    const maker = await CertificateMaker.create(authority);
    const port = await httpsServer(maker.make({ host: 'localhost' }).tlsOptions);
    expect((await handshake(port, { ca: authority.pem, servername: 'localhost' })).outcome).toBe('ok');
  });

  test('may have an encrypted key', async () => {
    const directory = temporaryDirectory();
    const key = rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString();
    writeFileSync(join(directory, 'mitmproxy-ca.pem'), key + temporaryAuthority(rsa, 'locked').pem);
    const { certificate } = await openAuthority(directory, { passphrase: 'secret' });
    expect(certificate.subject).toContain('CN=locked');
    await expect(openAuthority(directory)).rejects.toThrow('has an encrypted private key, and no passphrase was given');
    await expect(openAuthority(directory, { passphrase: 'wrong' })).rejects.toThrow(
      'cannot be decrypted with the passphrase given',
    );
  });

  test('an intermediate one sends its certificates along, so that clients which trust the root are content', async () => {
    const directory = temporaryDirectory();
    const root = await openAuthority(directory);
    const file = (name: string): string => join(directory, name);
    writeFileSync(file('key.pem'), rsaPem);
    writeFileSync(file('ext'), 'basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n');
    await run('openssl', ['req', '-new', '-key', file('key.pem'), '-subj', '/CN=middle', '-out', file('csr')]);
    const signed = await run('openssl', [
      ...['x509', '-req', '-in', file('csr'), '-CA', file('mitmproxy-ca.pem'), '-CAkey', file('mitmproxy-ca.pem')],
      ...['-CAcreateserial', '-extfile', file('ext'), '-out', file('middle.pem')],
    ]);
    expect(signed.code).toBe(0);
    const other = file('other');
    mkdirSync(other);
    writeFileSync(join(other, 'mitmproxy-ca.pem'), rsaPem + readFileSync(file('middle.pem'), 'latin1') + root.pem);
    const middle = await openAuthority(other);
    expect(middle.chain).toHaveLength(2);
    const port = await httpsServer((await CertificateMaker.create(middle)).make({ host: 'deep.example' }).tlsOptions);
    expect((await handshake(port, { ca: root.pem, servername: 'deep.example' })).outcome).toBe('ok');
  });

  test('one that has expired is used, and said', async () => {
    const directory = temporaryDirectory();
    await openAuthority(directory, { clock: new ManualClock(Date.UTC(2001, 0, 3)) });
    const { notice } = await openAuthority(directory);
    expect(notice).toBe(`certificate authority ${join(directory, 'mitmproxy-ca.pem')} expired on 2011-01-01`);
  });
});

describe('an authority that cannot be used is one clear line', () => {
  const { pem } = temporaryAuthority(rsa, 'test');
  const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const otherPem = otherKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const broken = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  test.each([
    ['an empty file', '', 'is not a PEM file: no "-----BEGIN ...-----" with its end'],
    ['other text', 'hello', 'is not a PEM file: no "-----BEGIN ...-----" with its end'],
    ['a cut file', rsaPem.slice(0, 300), 'is not a PEM file: no "-----BEGIN ...-----" with its end'],
    ['no key', pem, 'holds no private key'],
    ['no certificate', rsaPem, 'holds no certificate'],
    ['two keys', rsaPem + otherPem + pem, 'holds more than one private key'],
    ['the key of another', otherPem + pem, 'holds a private key that does not match its certificate'],
    ['a broken key', broken + pem, 'is broken: its private key cannot be parsed'],
    ['a broken certificate', rsaPem + pem.replace(/\n.{20}/, '\nAAAA'), 'is broken: certificate 1 cannot be parsed'],
    [
      'certificates in the wrong order',
      rsaPem + temporaryAuthority(otherKey, 'other').pem + pem,
      'has the certificate of its private key in the wrong place: it must be the first certificate',
    ],
  ])('%s', async (_, text, problem) => {
    const directory = temporaryDirectory();
    const path = join(directory, 'mitmproxy-ca.pem');
    writeFileSync(path, text);
    const error = new OptionError(`certificate authority ${path} ${problem}`);
    await expect(openAuthority(directory)).rejects.toThrow(error);
    expect(readFileSync(path, 'latin1')).toBe(text);
  });

  test('a certificate that is no authority', async () => {
    const directory = temporaryDirectory();
    const leaf = (await CertificateMaker.create(temporaryAuthority(rsa, 'test'))).make({ host: 'leaf.example' });
    writeFileSync(join(directory, 'mitmproxy-ca.pem'), leaf.tlsOptions.key + leaf.tlsOptions.cert);
    await expect(openAuthority(directory)).rejects.toThrow('holds a certificate that may not sign others');
  });

  test('a directory in its place, and a file in place of its directory', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'mitmproxy-ca.pem'));
    await expect(openAuthority(directory)).rejects.toThrow(/^cannot read certificate authority .*: .*directory/);
    writeFileSync(join(directory, 'file'), '');
    await expect(openAuthority(join(directory, 'file'))).rejects.toThrow(
      /^cannot (read|write) certificate authority .*: Not a directory/i,
    );
  });
});
