import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import { temporaryAuthority } from '../../src/net/authority.js';
import { PeerTls } from '../../src/net/peer-tls.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { nodeHello } from '../kit/client-hello.js';
import { connect } from '../kit/connect.js';
import { httpsServer } from '../kit/https-server.js';
import { opensslServer } from '../kit/openssl-server.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { interceptor } from './interceptor.js';
import type { Interceptor } from './interceptor.js';

/** Shakes hands, and gives the socket, which is destroyed when the test is over. */
async function open({ port, ca }: Interceptor, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost', ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** The code of the error that a client meets. */
async function failure(proxy: Interceptor, options: ConnectionOptions = {}): Promise<string> {
  return open(proxy, options).then(
    () => 'ok',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

/** What the client is shown. */
function shown(socket: TLSSocket): X509Certificate {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

async function echo(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

describe('a client that trusts the authority', () => {
  test('is let in, and all is told of its connection', async () => {
    const proxy = await interceptor();
    const [socket, { client }] = await proxy.during(() => open(proxy, { ALPNProtocols: ['spdy/1', 'http/1.1'] }));
    expect(await echo(socket, 'hello')).toBe('hello');
    expect(client).toMatchObject({
      ...{ tls: true, tlsEstablished: true, sni: 'localhost', alpn: 'http/1.1', alpnOffers: ['spdy/1', 'http/1.1'] },
      ...{ cipher: 'TLS_AES_256_GCM_SHA384', tlsVersion: 'TLSv1.3', certificateList: [], error: undefined },
    });
    expect(client.cipherList).toContain('TLS_AES_128_GCM_SHA256');
    expect(client.timestampTlsSetup).toBeGreaterThan(1e9);
    expect(client.mitmcert?.toString()).toBe(shown(socket).toString());
    expect(proxy.lines).toEqual([]);
  });

  test('resumes its session', async () => {
    const proxy = await interceptor({ options: { requestClientCert: true } });
    const first = await open(proxy);
    const [[session]] = (await Promise.all([once(first, 'session'), echo(first, 'hello')])) as [[Buffer], string];
    const again = await open(proxy, { session });
    expect(again.isSessionReused()).toBe(true);
    expect(await echo(again, 'hello')).toBe('hello');
  });

  test('may speak TLS within TLS', async () => {
    const proxy = await interceptor({ layers: 2 });
    const [inner, { isOpen }] = await proxy.during(async () => {
      // The inner one lies on the outer one, whose handshake is over then.
      const outer = await open(proxy, { servername: 'outer.example' });
      return open(proxy, { socket: outer, servername: 'inner.example' });
    });
    expect(isOpen).toBe(true);
    expect(shown(inner).subject).toBe('CN=inner.example');
    const long = 'x'.repeat(100_000);
    inner.write(long);
    let received = '';
    for await (const chunk of inner) if ((received += String(chunk)).length === long.length) break;
    expect(received).toBe(long);
  });
});

describe('the certificate that is made', () => {
  test.each([
    ['the name asked for', { servername: 'Some.Example' }, 'some.example', 'DNS:some.example'],
    [
      'the host, when no name was',
      { servername: '', checkServerIdentity: () => undefined },
      '10.1.2.3',
      'IP Address:10.1.2.3',
    ],
  ])('is for %s', async (_, options, name, names) => {
    const proxy = await interceptor({ host: '10.1.2.3' });
    const certificate = shown(await open(proxy, options));
    expect(certificate.subject).toBe(`CN=${name}`);
    expect(certificate.subjectAltName).toBe(names);
  });

  test("is for the names of the server's, and then for the one asked for", async () => {
    const { tlsOptions } = await certificateFor({
      ...{ host: 'up.example', names: ['*.wild.example', 'localhost', '10.0.0.1'], commonName: 'Up Server' },
      organization: 'Üp, Inc.',
    });
    const upstream = await httpsServer(tlsOptions);
    const proxy = await interceptor({ upstream, options: { sslInsecure: true } });
    const certificate = shown(await open(proxy, { servername: 'asked.example' }));
    expect(certificate.toLegacyObject().subject).toEqual({ CN: 'Up Server', O: 'Üp, Inc.' });
    expect(certificate.subjectAltName).toBe(
      'DNS:up.example, DNS:*.wild.example, DNS:localhost, IP Address:10.0.0.1, DNS:asked.example',
    );
    proxy.update({ upstreamCert: false });
    expect(shown(await open(proxy, { servername: 'asked.example' })).subjectAltName).toBe('DNS:asked.example');
  });

  test('stays the same for a server', async () => {
    const upstream = await httpsServer((await certificateFor()).tlsOptions);
    const proxy = await interceptor({ upstream, options: { sslInsecure: true } });
    const serials = [shown(await open(proxy)).serialNumber, shown(await open(proxy)).serialNumber];
    expect(serials[0]).toBe(serials[1]);
  });

  test("is sent with the server's chain when that is wanted", async () => {
    const { cert, key } = (await certificateFor()).tlsOptions;
    const upstream = await httpsServer({ cert: cert + authorityPem, key });
    const chain = [cert, authorityPem];
    const options = { sslInsecure: true, addUpstreamCertsToClientChain: true };
    const proxy = await interceptor({ upstream, options });
    const { certificates } = new PeerTls(await open(proxy));
    expect(certificates[0]?.issuer).toBe('CN=pathod\nO=pathod');
    expect(certificates.slice(1).map(String)).toEqual(chain);
  });

  test("is the user's own for its domain", async () => {
    const own = await certificateFor({ host: '*.own.example' });
    const { cert, key } = own.tlsOptions;
    const proxy = await interceptor({ options: { certs: [`*.own.example=${fileOf(key, cert)}`] } });
    const insecure = { rejectUnauthorized: false };
    expect(shown(await open(proxy, { servername: 'a.own.example', ...insecure })).raw).toEqual(own.x509.raw);
    expect(shown(await open(proxy, { servername: 'b.example', ...insecure })).subject).toBe('CN=b.example');
  });

  test('comes from the authority of the directory', async () => {
    const confdir = join(temporaryDirectory(), 'new');
    const proxy = await interceptor({ options: { confdir, keySize: 1024 } });
    const authority = new X509Certificate(proxy.ca);
    expect(authority.subject).toBe('CN=mitmproxy\nO=mitmproxy');
    expect(authority.publicKey.asymmetricKeyDetails?.modulusLength).toBe(1024);
    expect(shown(await open(proxy, { ca: proxy.ca, ciphers: 'DEFAULT:@SECLEVEL=0' })).checkIssued(authority)).toBe(
      true,
    );
  });
});

test('clients are shown a certificate with a key that they take', async () => {
  const options = { confdir: temporaryDirectory(), tlsVersionClientMin: 'UNBOUNDED' } as const;
  const proxy = await interceptor({ options });
  const typeFor = async (client: ConnectionOptions): Promise<string | undefined> =>
    shown(await open(proxy, client)).publicKey.asymmetricKeyType;
  expect(await typeFor({})).toBe('ec');
  expect(await typeFor({ maxVersion: 'TLSv1.2' })).toBe('ec');
  expect(await typeFor({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })).toBe('rsa');
  expect(await typeFor({ sigalgs: 'rsa_pss_rsae_sha256:rsa_pkcs1_sha256' })).toBe('rsa');
  const oldest = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  expect(await typeFor(oldest)).toBe('rsa');
});

describe('the protocol agreed on', () => {
  const both = ['h2', 'http/1.1'];
  test.each([
    { client: both, server: ['http/1.1'], agreed: 'http/1.1' },
    { client: both, server: both, agreed: 'h2' },
    { client: ['http/1.1'], server: both, agreed: 'http/1.1' },
    { client: ['foo', 'http/1.1'], server: ['foo'], agreed: 'http/1.1' },
    { client: [], server: both, agreed: false },
    { client: ['foo'], server: ['http/1.1'], agreed: false },
  ])("is the server's: $client with $server gives $agreed", async ({ client, server, agreed }) => {
    const upstream = await httpsServer({
      ...(await certificateFor()).tlsOptions,
      // Without it the server of Node offers one of its own.
      ALPNCallback: ({ protocols }) => server.find((name) => protocols.includes(name)),
    });
    const proxy = await interceptor({ upstream, options: { sslInsecure: true } });
    const socket = await open(proxy, { ALPNProtocols: client });
    expect(socket.alpnProtocol).toBe(agreed);
  });

  test.skipIf(!hasProgram('openssl'))('is none when the server has none', async () => {
    const proxy = await interceptor({ upstream: await opensslServer(), options: { sslInsecure: true } });
    const [socket, { client, server }] = await proxy.during(() => open(proxy, { ALPNProtocols: both }));
    expect([socket.alpnProtocol, client.alpn, server?.alpn]).toEqual([false, '', '']);
  });

  test.each([
    { client: both, ours: both, agreed: 'h2' },
    { client: ['http/1.1', 'h2'], ours: both, agreed: 'h2' },
    { client: both, ours: ['http/1.1'], agreed: 'http/1.1' },
    { client: ['h2'], ours: ['http/1.1'], agreed: false },
    { client: [], ours: both, agreed: false },
  ])('is ours without a server: $client with $ours gives $agreed', async ({ client, ours, agreed }) => {
    const proxy = await interceptor({ alpn: ours });
    const [socket, told] = await proxy.during(() => open(proxy, { ALPNProtocols: client }));
    expect(socket.alpnProtocol).toBe(agreed);
    expect(told.client.alpn).toBe(agreed === false ? '' : agreed);
  });
});

describe('options', () => {
  test('limit versions, ciphers and curves', async () => {
    const proxy = await interceptor({ options: { tlsVersionClientMax: 'TLS1_2', tlsEcdhCurveClient: 'secp384r1' } });
    const socket = await open(proxy);
    expect(socket.getProtocol()).toBe('TLSv1.2');
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'secp384r1' });
    proxy.update({ ciphersClient: 'ECDHE-RSA-CHACHA20-POLY1305' });
    expect((await open(proxy)).getCipher().name).toBe('ECDHE-RSA-CHACHA20-POLY1305');
    proxy.update({ tlsVersionClientMin: 'UNBOUNDED', tlsVersionClientMax: 'TLS1', ciphersClient: undefined });
    const old = await open(proxy, { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    expect(old.getProtocol()).toBe('TLSv1');
  });

  test('ask clients for a certificate', async () => {
    const proxy = await interceptor({ options: { requestClientCert: true } });
    const ann = await certificateFor({ host: 'ann' });
    const [, { client }] = await proxy.during(() => open(proxy, ann.tlsOptions));
    expect(client.certificateList.map(String)).toEqual([ann.pem]);
    const [, nobody] = await proxy.during(() => open(proxy));
    expect(nobody.client.certificateList).toEqual([]);
  });
});

describe('addons', () => {
  test('are told of handshakes, and may make them with contexts of their own', async () => {
    const own = await certificateFor({ host: 'addon.example' });
    const told: string[] = [];
    const addon: Addon = {
      tlsStartClient(data) {
        told.push(`start ${String(data.connection.sni)}`);
        data.secureContext = createSecureContext(own.tlsOptions);
      },
      tlsEstablishedClient: ({ connection }) => told.push(`established ${String(connection.tlsVersion)}`),
      tlsFailedClient: ({ connection }) => told.push(`failed ${String(connection.error)}`),
    };
    const proxy = await interceptor({ addons: [addon] });
    const [socket, { client }] = await proxy.during(() => open(proxy, { rejectUnauthorized: false }));
    expect(shown(socket).raw).toEqual(own.x509.raw);
    expect(client.mitmcert).toBeUndefined();
    await proxy.during(() => failure(proxy));
    expect(told).toEqual([
      ...['start localhost', 'established TLSv1.3', 'start localhost'],
      expect.stringMatching(/^failed The client left/),
    ]);
  });
});

describe('a client that is not let in', () => {
  const stranger = temporaryAuthority(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'stranger').pem;
  const warning = 'warn: 127.0.0.1:50000: Client TLS handshake failed. ';

  test.each(['TLSv1.3', 'TLSv1.2'] as const)('of Node, with %s: it says nothing', async (maxVersion) => {
    const proxy = await interceptor();
    expect(await failure(proxy, { ca: stranger, maxVersion, servername: 'node.example' })).toMatch(/SIGNATURE|ISSUER/);
    expect(await proxy.line(/handshake/)).toContain(
      'The client left during the handshake, or right after it. If this happens consistently for node.example, it may ' +
        "not trust the proxy's certificate.",
    );
  });

  test('of Node, and leaves for a reason of its own', async () => {
    const proxy = await interceptor();
    const socket = await open(proxy);
    expect(await echo(socket, 'hello')).toBe('hello');
    socket.end();
    await once(socket, 'close');
    expect(proxy.lines).toEqual([]);
  });

  test.skipIf(!hasProgram('curl'))('curl: it does not trust the certificate', async () => {
    const proxy = await interceptor();
    const url = `https://localhost:${String(proxy.port)}/`;
    const [{ code }, { client, isOpen }] = await proxy.during(() => run('curl', ['-s', '--noproxy', '*', url]));
    expect([code, isOpen]).toEqual([60, false]);
    const cause = "The client does not trust the proxy's certificate for localhost (alert unknown_ca (48)).";
    expect(proxy.lines).toEqual([warning + cause]);
    expect(client.error).toBe(cause);
    expect(client.tlsEstablished).toBe(false);
  });

  test('is named with the port that it went to', async () => {
    const proxy = await interceptor({ leadsTo: 8443 });
    await failure(proxy, { ca: stranger, servername: 'node.example' });
    expect(await proxy.line(/handshake/)).toContain(' for node.example:8443, ');
  });

  test.skipIf(!hasProgram('openssl')).each([
    [['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], /no version of TLS in common; see the options tls_version_client_min/],
    [['-tls1_2', '-cipher', 'AES128-SHA256'], /no cipher suite in common; see the option ciphers_client/],
    [
      ['-verify_return_error', '-noservername'],
      /does not trust the proxy's certificate for 10\.1\.2\.3 \(alert unknown_ca/,
    ],
    [['-groups', 'secp521r1:ffdhe2048'], /no curve in common|handshake/],
  ])('openssl s_client %s', async (args, cause) => {
    const options = { tlsEcdhCurveClient: 'X25519', ciphersClient: 'ECDHE+AESGCM' };
    const proxy = await interceptor({ host: '10.1.2.3', options });
    const target = ['-connect', `127.0.0.1:${String(proxy.port)}`];
    await proxy.during(() => run('openssl', ['s_client', ...target, ...args]));
    expect(proxy.lines).toEqual([expect.stringMatching(cause)]);
    expect(proxy.lines[0]).toContain(warning);
  });

  test('that goes on in something else', async () => {
    const proxy = await interceptor();
    const hello = await nodeHello({ servername: 'a.example' });
    const peer = await connect(proxy.port);
    const [, { isOpen }] = await proxy.during(() => {
      peer.send(hello).send('GET / HTTP/1.1\r\n\r\n');
      return Promise.resolve();
    });
    expect(isOpen).toBe(false);
    await peer.closed();
    expect(proxy.lines).toEqual([expect.stringContaining(warning)]);
  });

  test('when there is no certificate for it any more', async () => {
    const { cert, key } = (await certificateFor()).tlsOptions;
    const path = fileOf(key, cert);
    const proxy = await interceptor();
    writeFileSync(path, 'spoilt');
    proxy.update({ certs: [path] });
    const [code] = await proxy.during(() => failure(proxy));
    expect(code).toBe('ECONNRESET');
    expect(proxy.lines).toEqual([
      expect.stringMatching(/has no certificate to show: certificate .* is not a PEM file/),
    ]);
  });
});
