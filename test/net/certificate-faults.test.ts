import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryAuthority } from '../../src/net/authority.js';
import { certificateFaults, isCertificateFault } from '../../src/net/certificate-faults.js';
import type { CertificateFault } from '../../src/net/certificate-faults.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import { handshake, httpsServer } from '../kit/https-server.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

const authority = temporaryAuthority(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'test authority');
const maker = await CertificateMaker.create(authority);
const ca = authority.pem;

/** Writes PEM files, and gives their paths. */
function written(...contents: string[]): string[] {
  const directory = temporaryDirectory();
  return contents.map((content, index) => {
    const path = join(directory, `${String(index)}.pem`);
    writeFileSync(path, content);
    return path;
  });
}

async function curl(port: number, ...further: string[]): Promise<{ code: number; stderr: string }> {
  const [caFile = ''] = written(ca);
  const target = `www.example:${String(port)}`;
  const to = `${target}:127.0.0.1:${String(port)}`;
  return run('curl', ['-sS', '--cacert', caFile, '--connect-to', to, ...further, `https://${target}/`]);
}

/** What Node's client and curl say of each. */
const refusals: Record<Exclude<CertificateFault, 'weak-key' | 'revoked'>, [node: string, curl: string]> = {
  expired: ['CERT_HAS_EXPIRED', 'certificate has expired'],
  'not-yet-valid': ['CERT_NOT_YET_VALID', 'certificate is not yet valid'],
  'wrong-host': ['ERR_TLS_CERT_ALTNAME_INVALID', 'no alternative certificate subject name matches'],
  'self-signed': ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
  'untrusted-authority': ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to get local issuer certificate'],
  'missing-intermediate': ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to get local issuer certificate'],
};

describe('a bad certificate', () => {
  test.each(Object.entries(refusals))('%s is refused by Node and by curl for that reason', async (fault, said) => {
    if (!isCertificateFault(fault)) throw new Error(fault);
    const port = await httpsServer(maker.make({ host: 'www.example', fault }).tlsOptions);
    expect((await handshake(port, { ca, servername: 'www.example' })).outcome).toBe(said[0]);
    const { code, stderr } = await curl(port);
    expect(code).toBe(60);
    expect(stderr).toContain(said[1]);
  });

  test('has nothing else wrong with it: who does not look at that one thing accepts it', async () => {
    const reachable = async (fault: CertificateFault, options: object): Promise<string> => {
      const made = maker.make({ host: 'www.example', fault });
      const port = await httpsServer(made.tlsOptions);
      return (await handshake(port, { servername: 'www.example', ca: [ca, made.pem, ...made.withheld], ...options }))
        .outcome;
    };
    expect(await reachable('wrong-host', { checkServerIdentity: () => undefined })).toBe('ok');
    expect(await reachable('self-signed', {})).toBe('ok');
    expect(await reachable('missing-intermediate', {})).toBe('ok');
    expect(await reachable('revoked', {})).toBe('ok');
    const day = 24 * 60 * 60;
    for (const [fault, from] of [
      ['expired', -1.5 * day],
      ['not-yet-valid', 400 * day],
    ] as const) {
      const [leaf = '', root = ''] = written(maker.make({ host: 'www.example', fault }).pem, ca);
      const then = String(Math.floor(Date.now() / 1000 + from));
      const { stdout } = await run('openssl', ['verify', '-attime', then, '-CAfile', root, leaf]);
      expect(stdout).toBe(`${leaf}: OK\n`);
    }
  });

  test('a weak key is served, and refused at security level 2', async () => {
    const made = maker.make({ host: 'www.example', fault: 'weak-key' });
    expect(made.x509.publicKey.asymmetricKeyDetails?.modulusLength).toBe(1024);
    const port = await httpsServer(made.tlsOptions);
    const atLevel = (level: number) =>
      handshake(port, { ca, servername: 'www.example', ciphers: `DEFAULT@SECLEVEL=${String(level)}` });
    expect((await atLevel(0)).outcome).toBe('ok');
    // Node has no name for OpenSSL's reason; curl says it.
    expect((await atLevel(2)).outcome).not.toBe('ok');
    const { code, stderr } = await curl(port, '--ciphers', 'DEFAULT@SECLEVEL=2');
    expect([code, stderr]).toEqual([60, expect.stringMatching(/key too weak|key too small/i)]);
  });

  test('a revoked one is refused by those who have the list', async () => {
    const { pem, tlsOptions, revocation } = maker.make({ host: 'www.example', fault: 'revoked' });
    const list = revocation?.list ?? '';
    const port = await httpsServer(tlsOptions);
    expect((await handshake(port, { ca, crl: list, servername: 'www.example' })).outcome).toBe('CERT_REVOKED');
    const [leaf = '', root = '', crl = ''] = written(pem, ca, list);
    const verified = await run('openssl', ['verify', '-crl_check', '-CRLfile', crl, '-CAfile', root, leaf]);
    expect(verified.code).not.toBe(0);
    expect(verified.stderr).toContain('certificate revoked');
    const refused = await curl(port, '--crlfile', crl);
    expect([refused.code, refused.stderr]).toEqual([60, expect.stringContaining('certificate revoked')]);
    expect((await curl(port)).code).toBe(0);
    const { stdout } = await run('openssl', ['x509', '-in', leaf, '-noout', '-text']);
    expect(stdout).toContain('URI:http://crl.invalid/revoked.crl');
    expect(stdout).toContain('OCSP - URI:http://ocsp.invalid/');
    // Others on that list are not affected.
    const good = maker.make({ host: 'www.example' });
    expect(
      (await handshake(await httpsServer(good.tlsOptions), { ca, crl: list, servername: 'www.example' })).outcome,
    ).toBe('ok');
  });

  test('a revoked one is refused by those who ask for a stapled answer', async () => {
    const made = maker.make({ host: 'www.example', fault: 'revoked' });
    const status = made.revocation?.status ?? Buffer.alloc(0);
    const server = createServer(made.tlsOptions, (_, response) => response.end('hello'));
    server.on('tlsClientError', () => {
      // curl refuses the certificate.
    });
    server.on('OCSPRequest', (_certificate, _issuer, answer) => {
      answer(null, status);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    // A server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await curl(port, '--cert-status');
    expect([code, stderr]).toEqual([91, expect.stringContaining('revocation reason: keyCompromise')]);
  });

  test('only a revoked one has a proof of that', () => {
    expect(maker.make({ host: 'www.example' }).revocation).toBeUndefined();
    expect(maker.make({ host: 'www.example', fault: 'expired' }).revocation).toBeUndefined();
  });
});

test('every fault has a help line in one sentence', () => {
  for (const { help } of Object.values(certificateFaults)) expect(help).toMatch(/^(it|its) [^\n]*[^.]$/);
  expect(isCertificateFault('expired')).toBe(true);
  expect(isCertificateFault('toString')).toBe(false);
});
