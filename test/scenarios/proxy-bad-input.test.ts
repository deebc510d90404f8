// What is given wrongly is refused with one clear error that names it, and nothing is left behind.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FilterError, isOwnError, OptionError } from '../../src/errors.js';
import type { Option } from '../../src/options/define.js';
import { proxyOptions } from '../../src/proxy/options.js';
import { Proxy } from '../../src/proxy/proxy.js';
import { certificateFor, fileOf } from '../kit/certificates.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** What a proxy that is started so fails with. */
async function failure(options: object): Promise<unknown> {
  try {
    // Wrong values have wrong types.
    await (await Proxy.start(options)).stop();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Matches the name of an option as code knows it, and as programs do. */
function named(key: string): RegExp {
  return new RegExp(`\\b(${key}|${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)})\\b`, 'i');
}

/** Values that no option of a type takes. */
function wrongValues(option: Option): readonly unknown[] {
  switch (option.type) {
    case 'boolean':
      return ['true', 1, null, []];
    case 'integer':
    case 'number':
      return ['1', 1.5, Number.NaN, (option.minimum ?? 0) - 1, 2 ** 60, true];
    case 'size':
      return ['big', '-1', -1, 0.5, '10kk', {}];
    case 'choice':
      return ['nonsense', '', 3, ['x']];
    case 'string':
      return [5, true, {}, ['x']];
    case 'list':
      return ['text', 5, [5], [null], {}];
  }
}

describe('every option refuses what it cannot be', () => {
  // A mode may be given without a list around it.
  const options = proxyOptions.list.filter(({ key }) => key !== 'mode' && key !== 'connectAddr');
  test.each(options.map(({ key, option }) => [key, option] as const))('%s', async (key, option) => {
    for (const value of wrongValues(option)) {
      const error = await failure({ [key]: value });
      expect(error, JSON.stringify(value)).toBeInstanceOf(OptionError);
      expect(String(error)).toMatch(named(key));
    }
  });

  test.each([
    5,
    true,
    [5],
    {},
    { type: 'nonsense' },
    [],
    '',
    ['regular', ''],
    null,
    'regular:x',
    'reverse:',
    'nonsense',
  ])('mode: %j', async (mode) => {
    const error = await failure({ mode });
    expect(error).toBeInstanceOf(OptionError);
    expect(String(error)).toMatch(/\bmode\b/);
  });

  test.each([5, {}, 'localhost', '127.0.0.1:80', ''])('connectAddr: %j', async (connectAddr) => {
    const error = await failure({ connectAddr });
    expect(error).toBeInstanceOf(OptionError);
    expect(String(error)).toMatch(named('connectAddr'));
  });

  test('a name that there is not, with the nearest that there is', async () => {
    expect(String(await failure({ listenport: 1 }))).toBe(
      'OptionError: unknown option listenport, did you mean listenPort?',
    );
    expect(await failure({ keptFlows: 'x' })).toBeInstanceOf(Error);
  });
});

const missing = join('/nonexistent', 'file.pem');

/** Texts that an option cannot mean anything by, and what the error tells besides its name. */
const meaningless: readonly [key: string, options: () => object, what: RegExp][] = [
  ['certs', () => ({ certs: [missing] }), /file\.pem/],
  ['certs', () => ({ certs: [`*.example=${missing}`] }), /file\.pem/],
  ['certs', () => ({ certs: [fileOf('no certificate')] }), /file\.pem/],
  ['certs', () => ({ certs: [temporaryDirectory()] }), /pathod-test/],
  ['certs', () => ({ certs: [''] }), /./],
  ['client_certs', () => ({ clientCerts: missing }), /file\.pem/],
  ['client_certs', () => ({ clientCerts: fileOf('no certificate') }), /file\.pem/],
  ['ssl_verify_upstream_trusted_ca', () => ({ sslVerifyUpstreamTrustedCa: missing }), /file\.pem/],
  ['ssl_verify_upstream_trusted_ca', () => ({ sslVerifyUpstreamTrustedCa: fileOf('text') }), /file\.pem/],
  ['ssl_verify_upstream_trusted_confdir', () => ({ sslVerifyUpstreamTrustedConfdir: missing }), /file\.pem/],
  ['ssl_verify_upstream_trusted_confdir', () => ({ sslVerifyUpstreamTrustedConfdir: fileOf('text') }), /file\.pem/],
  ['confdir', () => ({ confdir: fileOf('a file') }), /file\.pem/],
  ['confdir', () => ({ confdir: '/proc/nonexistent' }), /nonexistent/],
  ['ciphers_client', () => ({ ciphersClient: 'NOT-A-CIPHER' }), /NOT-A-CIPHER/],
  ['ciphers_server', () => ({ ciphersServer: 'NOT-A-CIPHER' }), /NOT-A-CIPHER/],
  ['tls_ecdh_curve_client', () => ({ tlsEcdhCurveClient: 'straight' }), /straight/],
  ['tls_ecdh_curve_server', () => ({ tlsEcdhCurveServer: 'straight' }), /straight/],
  ['tls_version_client_m', () => ({ tlsVersionClientMin: 'TLS1_3', tlsVersionClientMax: 'TLS1_2' }), /TLS1_3/],
  ['tls_version_server_m', () => ({ tlsVersionServerMin: 'TLS1_3', tlsVersionServerMax: 'TLS1_2' }), /TLS1_3/],
  [
    'add_upstream_certs_to_client_chain',
    () => ({ addUpstreamCertsToClientChain: true, upstreamCert: false }),
    /upstream_cert/,
  ],
  ['ignore_hosts', () => ({ ignoreHosts: ['(open'] }), /./],
  ['allow_hosts', () => ({ allowHosts: ['[z-a]'] }), /./],
  ['tcp_hosts', () => ({ tcpHosts: ['*'] }), /./],
  ['ignore_hosts', () => ({ ignoreHosts: ['a'], allowHosts: ['b'] }), /allow_hosts/],
  ['proxyauth', () => ({ proxyauth: 'nobody' }), /./],
  ['proxyauth', () => ({ proxyauth: `@${missing}` }), /file\.pem/],
  ['proxyauth', () => ({ proxyauth: `@${fileOf('no colon here\n')}` }), /file\.pem/],
  ['proxyauth', () => ({ proxyauth: 'ldap:host:user:password:tree' }), /./],
  ['upstream_auth', () => ({ upstreamAuth: 'nobody' }), /./],
  ['upstream_auth', () => ({ upstreamAuth: '' }), /./],
];

describe('what cannot be meant is refused before anything listens', () => {
  test.each(meaningless)('%s, case %#', async (key, options, what) => {
    const error = await failure(options());
    expect(error).toBeInstanceOf(OptionError);
    // One line is what people see.
    expect(String(error)).toMatch(new RegExp(`^OptionError: [^\\n]*${key}[^\\n]*$`));
    expect(String(error)).toMatch(what);
  });

  test('a certificate without its key, and a key with another passphrase', async () => {
    const { cert } = (await certificateFor()).tlsOptions;
    expect(String(await failure({ certs: [fileOf(cert)] }))).toMatch(/^OptionError: .*file\.pem.*key/);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' });
    const file = fileOf(String(key), cert);
    for (const certPassphrase of ['wrong', undefined]) {
      expect(String(await failure({ certs: [file], certPassphrase }))).toMatch(/^OptionError: .*(passphrase|cert)/);
    }
  });

  test('a configuration directory whose authority is damaged', async () => {
    const confdir = temporaryDirectory();
    await (await Proxy.start({ confdir })).stop();
    const file = join(confdir, 'mitmproxy-ca.pem');
    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, 'utf8');
    for (const damaged of ['', 'nonsense', text.slice(0, text.length / 2), text.replace(/-----BEGIN CERT[^]*/, '')]) {
      writeFileSync(file, damaged);
      const error = await failure({ confdir });
      expect(isOwnError(error), String(error)).toBe(true);
      expect(String(error)).toContain('mitmproxy-ca.pem');
      // What somebody else may mend is left as it is.
      expect(readFileSync(file, 'utf8')).toBe(damaged);
    }
  });
});

describe('ports', () => {
  test('one that is in use: the error tells which, and the other modes do not stay', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    // A server that listens on TCP has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const error = await failure({ listenPort: port });
    expect(isOwnError(error)).toBe(true);
    expect(String(error)).toMatch(new RegExp(`127\\.0\\.0\\.1:${String(port)}.*in use`));
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port: other } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const second = await failure({ mode: [`regular@${String(other)}`, `socks5@${String(port)}`] });
    expect(String(second)).toMatch(/in use/);
    const again = createServer().listen(other, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });

  test('two modes on one port, a host that is not of this machine, one that does not resolve', async () => {
    const proxy = await Proxy.start();
    const port = String(proxy.port);
    await proxy.stop();
    for (const options of [
      { mode: [`regular@${port}`, `socks5@${port}`] },
      { listenHost: '192.0.2.1' },
      { listenHost: 'does-not-exist.invalid' },
    ]) {
      const error = await failure(options);
      expect(isOwnError(error), String(error)).toBe(true);
      expect(String(error)).not.toContain('\n');
    }
  });
});

describe('a proxy that runs', () => {
  test('refuses filters that are not valid, with the place', async () => {
    const { proxy } = await startedProxy();
    const file = join(temporaryDirectory(), 'flows');
    const marked = (error: unknown): string => (error instanceof FilterError ? error.marked() : String(error));
    expect(() => proxy.flows('~nonsense')).toThrow(FilterError);
    for (const promise of [
      proxy.waitForFlow('~u (', 10),
      proxy.save(file, { filter: '~c abc' }),
      proxy.record(file, { filter: '(' }),
    ]) {
      const error = await promise.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(FilterError);
      expect(marked(error)).toMatch(/\n *\^$/);
    }
    expect(existsSync(file)).toBe(false);
  });

  test('refuses files that cannot be written, and goes on', async () => {
    const { proxy } = await startedProxy();
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), 'precious');
    await expect(proxy.record(directory)).rejects.toThrow(OptionError);
    await expect(proxy.record(join(directory, 'file', 'in'))).rejects.toThrow(OptionError);
    await expect(proxy.save(join(directory, 'file', 'in'))).rejects.toThrow(OptionError);
    await expect(proxy.save(directory)).rejects.toThrow(OptionError);
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('precious');
    expect(proxy.flows()).toEqual([]);
  });

  test('refuses changes that are not valid as a whole, and keeps what it had', async () => {
    const { proxy } = await startedProxy({ ignoreHosts: ['kept'] });
    const before = proxy.options;
    for (const [changes, what] of [
      [{ ignoreHosts: ['('] }, /ignore_hosts/],
      [{ keepHostHeader: true, bodySizeLimit: 'x' }, /bodySizeLimit/],
      [{ nonsense: 1 }, /unknown option nonsense/],
      [{ proxyauth: 'x' }, /proxyauth/],
      [{ certs: [missing] }, /certs.*file\.pem|file\.pem.*certs/],
      [{ ciphersServer: 'x' }, /ciphers_server/],
      [{ clientCerts: missing }, /client_certs/],
      [{ listenPort: 1 }, /listenPort cannot be changed/],
    ] as const) {
      await expect(proxy.configure(changes), JSON.stringify(changes)).rejects.toThrow(what);
      expect(proxy.options).toEqual(before);
    }
  });
});
