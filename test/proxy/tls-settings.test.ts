import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { OptionStore } from '../../src/proxy/option-store.js';
import type { ProxyInput } from '../../src/proxy/options.js';
import { checkTlsOptions } from '../../src/proxy/tls-settings.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** The message of what is wrong with options; undefined when nothing is. */
async function complaint(options: ProxyInput): Promise<string | undefined> {
  try {
    await checkTlsOptions(new OptionStore(options).values, Date.now());
    return undefined;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return error.message;
  }
}

describe('options of TLS', () => {
  test('are good as they are, and make no authority', async () => {
    const confdir = join(temporaryDirectory(), 'none');
    expect(await complaint({ confdir })).toBeUndefined();
    expect(() => readdirSync(confdir)).toThrow('ENOENT');
  });

  test.each<[ProxyInput, string]>([
    [
      { tlsVersionClientMin: 'TLS1_3', tlsVersionClientMax: 'TLS1_2' },
      'tls_version_client_min (TLS1_3) is above tls_version_client_max (TLS1_2)',
    ],
    [{ tlsVersionServerMax: 'TLS1' }, 'tls_version_server_min (TLS1_2) is above tls_version_server_max (TLS1)'],
    [
      { tlsVersionServerMin: 'SSL3' },
      'tls_version_server_min is SSL3, which this OpenSSL does not speak: TLS1 is the oldest',
    ],
    [
      { tlsVersionClientMin: 'UNBOUNDED', tlsVersionClientMax: 'SSL3' },
      'tls_version_client_max is SSL3, which this OpenSSL does not speak: TLS1 is the oldest',
    ],
    [{ ciphersClient: 'NONSENSE' }, 'ciphers_client: OpenSSL knows no cipher of "NONSENSE"'],
    [{ ciphersServer: '' }, 'ciphers_server: ciphers takes a list of cipher suites, not an empty text'],
    [{ tlsEcdhCurveClient: 'P-0' }, 'tls_ecdh_curve_client: OpenSSL knows no curve "P-0"; try prime256v1 or X25519'],
    [{ tlsEcdhCurveServer: '' }, 'tls_ecdh_curve_server: OpenSSL knows no curve ""; try prime256v1 or X25519'],
    [
      { addUpstreamCertsToClientChain: true, upstreamCert: false },
      'add_upstream_certs_to_client_chain needs upstream_cert, which is off',
    ],
    [{ certs: ['/nowhere.pem'] }, 'certs: cannot read certificate /nowhere.pem: No such file or directory'],
    [{ clientCerts: '/nowhere' }, 'cannot read client_certs /nowhere: No such file or directory'],
    [
      { sslVerifyUpstreamTrustedCa: '/nowhere.pem' },
      'cannot read ssl_verify_upstream_trusted_ca /nowhere.pem: No such file or directory',
    ],
    [
      { sslVerifyUpstreamTrustedConfdir: '/nowhere' },
      'cannot read ssl_verify_upstream_trusted_confdir /nowhere: No such file or directory',
    ],
  ])('are refused: %j', async (options, message) => {
    expect(await complaint(options)).toBe(message);
  });

  test('that are refused leave nothing behind that the next private key would be refused for', async () => {
    const { key } = (await certificateFor()).tlsOptions;
    expect(await complaint({ tlsEcdhCurveClient: 'P-0' })).toBeDefined();
    expect(createPrivateKey(key).type).toBe('private');
  });

  test('are refused with files that are not what they are to be', async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const text = fileOf('no PEM');
    const noKey = fileOf(cert);
    expect(await complaint({ sslVerifyUpstreamTrustedCa: text })).toBe(
      `ssl_verify_upstream_trusted_ca ${text} holds no certificate in PEM`,
    );
    expect(await complaint({ clientCerts: noKey })).toBe(`client_certs ${noKey} holds no private key`);
    expect(await complaint({ certs: [noKey] })).toBe(`certs: certificate ${noKey} holds no private key`);
    const directory = temporaryDirectory();
    const none = `ssl_verify_upstream_trusted_confdir ${directory} holds no file with a certificate in PEM`;
    writeFileSync(join(directory, 'key.pem'), key);
    writeFileSync(join(directory, 'certificate.txt'), cert);
    expect(await complaint({ sslVerifyUpstreamTrustedConfdir: directory })).toBe(none);
    mkdirSync(join(directory, 'folder.pem'));
    expect(await complaint({ sslVerifyUpstreamTrustedConfdir: directory })).toMatch(/cannot read .*folder\.pem/);
  });

  test('are good with files that are', async () => {
    const { key, cert } = (await certificateFor()).tlsOptions;
    const good: ProxyInput[] = [
      { clientCerts: fileOf(key, cert) },
      { clientCerts: temporaryDirectory() },
      { certs: [`*.example=${fileOf(key, cert)}`] },
      { sslVerifyUpstreamTrustedCa: fileOf(authorityPem) },
      { ciphersClient: 'ECDHE+AESGCM', tlsEcdhCurveClient: 'X25519', tlsEcdhCurveServer: 'prime256v1:secp384r1' },
      { tlsVersionClientMin: 'UNBOUNDED', tlsVersionServerMin: 'TLS1', tlsVersionServerMax: 'TLS1_1' },
    ];
    for (const options of good) expect(await complaint(options)).toBeUndefined();
  });
});
