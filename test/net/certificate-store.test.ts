import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { temporaryAuthority } from '../../src/net/authority.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import { CertificateStore, openCertificateStore } from '../../src/net/certificate-store.js';
import { parseOwnCertificate } from '../../src/net/own-certificate.js';
import { handshake, httpsServer } from '../kit/https-server.js';
import { ManualClock } from '../kit/manual-clock.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const authority = temporaryAuthority(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'somebody else');
const maker = await CertificateMaker.create(authority);
const day = 24 * 60 * 60 * 1000;

/** A file with the key and certificate of somebody else's authority for these names. */
function ownFile(host: string, ...names: string[]): string {
  const { key, cert } = maker.make({ host, names }).tlsOptions;
  const path = join(temporaryDirectory(), 'own.pem');
  writeFileSync(path, key + cert);
  return path;
}

describe('made certificates', () => {
  test('are kept by all that was asked for', () => {
    const store = new CertificateStore(maker);
    const first = store.get({ host: 'a.example' });
    expect(store.get({ host: 'a.example' })).toBe(first);
    expect(store.get({ host: 'a.example' }).secureContext).toBe(first.secureContext);
    const others = [
      store.get({ host: 'b.example' }),
      store.get({ host: 'a.example', names: ['b.example'] }),
      store.get({ host: 'a.example', commonName: 'b.example' }),
      store.get({ host: 'a.example', organization: 'b.example' }),
      store.get({ host: 'a.example', fault: 'expired' }),
    ];
    expect(new Set([first, ...others]).size).toBe(6);
    expect(store.get({ host: 'a.example', names: ['b.example'] })).toBe(others[1]);
    expect(store.get({ host: 'a.example', fault: 'expired' })).toBe(others[4]);
    expect(store.size).toBe(6);
  });

  test('the least recently used goes first', () => {
    const store = new CertificateStore(maker, [], 2);
    const [a, b] = [store.get({ host: 'a.example' }), store.get({ host: 'b.example' })];
    expect(store.get({ host: 'a.example' })).toBe(a);
    store.get({ host: 'c.example' });
    expect(store.size).toBe(2);
    expect(store.get({ host: 'a.example' })).toBe(a);
    expect(store.get({ host: 'b.example' })).not.toBe(b);
  });

  test('are made anew before they expire', () => {
    const clock = new ManualClock(Date.now());
    const store = new CertificateStore(maker, [], undefined, clock);
    const first = store.get({ host: 'a.example' });
    clock.advance(299 * day);
    expect(store.get({ host: 'a.example' })).toBe(first);
    clock.advance(day);
    expect(store.get({ host: 'a.example' })).not.toBe(first);
  });

  test('a name that cannot be one leaves nothing behind', () => {
    const store = new CertificateStore(maker);
    expect(() => store.get({ host: 'a b' })).toThrow(OptionError);
    expect(store.size).toBe(0);
  });
});

describe('certificates of the user', () => {
  test('are shown for their domain, and made ones for the others', async () => {
    const own = ownFile('own.example');
    const wild = ownFile('wild.example');
    const store = await openCertificateStore({
      directory: temporaryDirectory(),
      own: [`Given.example=${own}`, `*.deep.example=${wild}`],
    });
    const shown = (host: string): string | undefined => store.get({ host }).x509.subjectAltName;
    expect(shown('given.example')).toBe('DNS:own.example');
    expect(shown('GIVEN.example.')).toBe('DNS:own.example');
    expect(shown('sub.given.example')).toBe('DNS:sub.given.example');
    expect(shown('a.deep.example')).toBe('DNS:wild.example');
    expect(shown('a.b.deep.example')).toBe('DNS:wild.example');
    expect(shown('deep.example')).toBe('DNS:deep.example');
    expect(shown('127.0.0.1')).toBe('IP Address:127.0.0.1');
    expect(store.get({ host: 'given.example', fault: 'expired' }).x509.subjectAltName).toBe('DNS:given.example');
    expect(store.notices).toEqual([]);
  });

  test('are shown for the names that they hold as well, and a domain that was given goes before', async () => {
    const [one, two] = [ownFile('one.example', '*.both.example', '127.0.0.1'), ownFile('two.example')];
    const store = await openCertificateStore({
      directory: temporaryDirectory(),
      own: [`two.example=${one}`, `other.example=${two}`],
    });
    const shown = (host: string): string | undefined => store.get({ host }).x509.subject;
    expect(shown('two.example')).toBe('CN=one.example');
    expect(shown('other.example')).toBe('CN=two.example');
    expect(shown('x.both.example')).toBe('CN=one.example');
    expect(shown('127.0.0.1')).toBe('CN=one.example');
  });

  test('without a domain are shown for every host, with their chain, to clients that trust the root', async () => {
    const below = maker.make({ host: 'own.example', fault: 'missing-intermediate' });
    const path = join(temporaryDirectory(), 'chain.pem');
    writeFileSync(path, below.tlsOptions.key + below.tlsOptions.cert + below.withheld.join(''));
    const store = await openCertificateStore({ directory: temporaryDirectory(), own: [path] });
    const own = store.get({ host: 'any.example' });
    expect(store.get({ host: '::1' })).toBe(own);
    expect(own.chain).toHaveLength(1);
    const port = await httpsServer(own.tlsOptions);
    expect((await handshake(port, { ca: authority.pem, servername: 'own.example' })).outcome).toBe('ok');
  });

  test('one without further names is shown for its common name', async () => {
    const directory = temporaryDirectory();
    const [key, cert, path] = [join(directory, 'key.pem'), join(directory, 'cert.pem'), join(directory, 'both.pem')];
    const made = await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=Test/CN=Old.example'],
      ...['-keyout', key, '-out', cert],
    ]);
    expect(made.code).toBe(0);
    writeFileSync(path, readFileSync(key, 'latin1') + readFileSync(cert, 'latin1'));
    const store = await openCertificateStore({ directory, own: [`other.example=${path}`] });
    expect(store.get({ host: 'old.example' }).x509.subject).toContain('CN=Old.example');
    expect(store.get({ host: 'third.example' }).x509.subject).not.toContain('CN=Old.example');
  });

  test('one that has expired is shown, and said', async () => {
    const expired = maker.make({ host: 'old.example', fault: 'expired' });
    const path = join(temporaryDirectory(), 'old.pem');
    writeFileSync(path, expired.tlsOptions.key + expired.tlsOptions.cert);
    const store = await openCertificateStore({ directory: temporaryDirectory(), own: [path] });
    const ended = new Date(expired.x509.validTo).toISOString().slice(0, 10);
    expect(store.notices).toEqual([`certificate ${path} expired on ${ended}; it is shown to clients nevertheless`]);
    expect(store.get({ host: 'old.example' }).pem).toBe(expired.x509.toString());
  });

  test('one that cannot be read or does not fit its key is one clear line', async () => {
    const directory = temporaryDirectory();
    const open = (own: string) => openCertificateStore({ directory, own: [own] });
    const missing = join(directory, 'missing.pem');
    await expect(open(missing)).rejects.toThrow(
      new OptionError(`cannot read certificate ${missing}: No such file or directory`),
    );
    const mixed = join(directory, 'mixed.pem');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { cert } = maker.make({ host: 'a.example' }).tlsOptions;
    writeFileSync(mixed, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + cert);
    await expect(open(`*.example=${mixed}`)).rejects.toThrow(
      new OptionError(`certificate ${mixed} holds a private key that does not match its certificate`),
    );
  });

  test('their path may begin with ~', async () => {
    const own = ownFile('home.example');
    const store = await openCertificateStore({
      directory: temporaryDirectory(),
      own: [`~/${relative(homedir(), own)}`],
    });
    expect(store.get({ host: 'any.example' }).x509.subject).toBe('CN=home.example');
  });
});

describe('[domain=]path', () => {
  test.each([
    ['cert.pem', '*', 'cert.pem'],
    ['*=cert.pem', '*', 'cert.pem'],
    ['*.example.com=/a/b=c.pem', '*.example.com', '/a/b=c.pem'],
    ['./a=b.pem', '*', './a=b.pem'],
    ['::1=cert.pem', '::1', 'cert.pem'],
    ['[::1]=cert.pem', '::1', 'cert.pem'],
  ])('%s', (text, domain, path) => {
    expect(parseOwnCertificate(text)).toEqual({ domain, path });
  });

  test.each(['', '=cert.pem', 'a.example=', 'a b=cert.pem'])('%j is refused', (text) => {
    expect(() => parseOwnCertificate(text)).toThrow(OptionError);
  });
});
