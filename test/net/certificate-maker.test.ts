import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { temporaryAuthority } from '../../src/net/authority.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import { handshake, httpsServer } from '../kit/https-server.js';
import { ManualClock } from '../kit/manual-clock.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const authority = temporaryAuthority(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'test authority');
const maker = await CertificateMaker.create(authority);

/** The certificate and its authority as files. */
function files(pem: string): { leaf: string; ca: string } {
  const directory = temporaryDirectory();
  const [leaf, ca] = [join(directory, 'leaf.pem'), join(directory, 'ca.pem')];
  writeFileSync(leaf, pem);
  writeFileSync(ca, authority.pem);
  return { leaf, ca };
}

describe('a certificate made on the fly', () => {
  test.each([
    ['www.example.org', 'www.example.org'],
    ['*.example.org', 'any.example.org'],
    ['localhost', 'localhost'],
    ['under_score.example', 'under_score.example'],
    ['WWW.Example.ORG.', 'www.example.org'],
    ['b\u00fccher.example', 'xn--bcher-kva.example'],
    [`${'long-label.'.repeat(8)}example`, `${'long-label.'.repeat(8)}example`],
  ])('for %s satisfies openssl, curl and Node', async (host, asked) => {
    const made = maker.make({ host });
    const { leaf, ca } = files(made.pem);
    const strict = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', asked];
    const verified = await run('openssl', ['verify', '-CAfile', ca, ...strict, leaf]);
    expect(verified).toMatchObject({ code: 0, stdout: `${leaf}: OK\n` });
    const port = await httpsServer(made.tlsOptions);
    expect((await handshake(port, { ca: authority.pem, servername: asked })).outcome).toBe('ok');
    const target = `${asked}:${String(port)}`;
    const url = `https://${target}/`;
    expect(
      await run('curl', ['-sS', '--cacert', ca, '--connect-to', `${target}:127.0.0.1:${String(port)}`, url]),
    ).toEqual({
      code: 0,
      stdout: 'hello',
      stderr: '',
    });
  });

  test.each(['127.0.0.1', '::1', '[::1]', '2001:db8::ff00:42:8329', '::ffff:192.0.2.1', 'fe80::1%eth0'])(
    'for the address %s satisfies openssl and Node',
    async (host) => {
      const address = host.replace(/[[\]]|%.*/g, '');
      const made = maker.make({ host });
      const { leaf, ca } = files(made.pem);
      const verified = await run('openssl', ['verify', '-CAfile', ca, '-x509_strict', '-verify_ip', address, leaf]);
      expect(verified.code).toBe(0);
      expect(made.x509.checkIP(address)).toBe(address);
    },
  );

  test('for an address satisfies curl', async () => {
    const made = maker.make({ host: '127.0.0.1' });
    const port = await httpsServer(made.tlsOptions);
    const { ca } = files(made.pem);
    const { stdout } = await run('curl', ['-sS', '--cacert', ca, `https://127.0.0.1:${String(port)}/`]);
    expect(stdout).toBe('hello');
  });

  test('any address is written as Node reads it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        fc.pre(isIP(address) !== 0);
        expect(maker.make({ host: address }).x509.checkIP(address)).toBe(address.toLowerCase());
      }),
      { numRuns: 100 },
    );
  });

  test('holds further names once each, the common name and the organization', () => {
    const { x509 } = maker.make({
      host: 'a.example',
      names: ['b.example', '127.0.0.1', 'A.example', '*.c.example'],
      commonName: 'Some One',
      organization: 'B\u00fccher & Co',
    });
    expect(x509.subjectAltName).toBe('DNS:a.example, DNS:b.example, IP Address:127.0.0.1, DNS:*.c.example');
    expect(x509.subject).toBe('CN=Some One\nO=B\u00fccher & Co');
    expect(x509.issuer).toBe('CN=test authority\nO=test authority');
  });

  test('names its host as its common name unless that is too long, and is critical about its names then', async () => {
    expect(maker.make({ host: 'a.example' }).x509.subject).toBe('CN=a.example');
    const long = maker.make({ host: `${'a'.repeat(60)}.example` });
    const { stdout } = await run('openssl', ['x509', '-in', files(long.pem).leaf, '-noout', '-text']);
    expect(stdout).toMatch(/Subject: *\n/);
    expect(stdout).toContain('Subject Alternative Name: critical');
  });

  test('is valid from two days ago for another year', () => {
    const late = new CertificateMaker(authority, makerKey, new ManualClock(Date.UTC(2049, 5, 1, 10, 20, 30, 999)));
    const { x509 } = late.make({ host: 'a.example' });
    // From 2050 on the form of the date is another one.
    expect([x509.validFrom, x509.validTo]).toEqual(['May 30 10:20:30 2049 GMT', 'Jun  1 10:20:30 2050 GMT']);
  });

  test('has a serial number of its own', () => {
    const serials = Array.from({ length: 200 }, () => maker.make({ host: 'a.example' }).x509.serialNumber);
    expect(new Set(serials).size).toBe(200);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test('shares its key with others of its maker, not with the authority', () => {
    const [one, two] = [maker.make({ host: 'a.example' }).x509, maker.make({ host: 'b.example' }).x509];
    expect(one.publicKey.equals(two.publicKey)).toBe(true);
    expect(one.publicKey.equals(authority.certificate.publicKey)).toBe(false);
  });

  test('may have a key of the curve P-256', async () => {
    const made = (await CertificateMaker.create(authority, { keyType: 'p-256' })).make({ host: 'a.example' });
    expect(made.x509.publicKey.asymmetricKeyType).toBe('ec');
    const port = await httpsServer(made.tlsOptions);
    expect((await handshake(port, { ca: authority.pem, servername: 'a.example' })).outcome).toBe('ok');
  });

  test('serves by name through its context', async () => {
    const port = await httpsServer({
      SNICallback: (name, answer) => {
        answer(null, maker.make({ host: name }).secureContext);
      },
    });
    const { outcome, certificate } = await handshake(port, { ca: authority.pem, servername: 'sni.example' });
    expect([outcome, certificate?.subjectaltname]).toEqual(['ok', 'DNS:sni.example']);
  });

  test.each(['', '.', 'a b.example', 'a/b', 'a\0b', 'x'.repeat(256), '[::1', 'a:80'])(
    'cannot be made for %j, which is told',
    (host) => {
      const message = `no certificate can be made for the name ${JSON.stringify(host)}`;
      expect(() => maker.make({ host })).toThrow(new OptionError(message));
      expect(() => maker.make({ host: 'a.example', names: [host] })).toThrow(new OptionError(message));
    },
  );
});

const makerKey = (() => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { key: privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
})();
