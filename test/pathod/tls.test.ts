import { existsSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { Agent, fetch } from 'undici';
import { describe, expect, test } from 'vitest';
import { openAuthority } from '../../src/net/authority.js';
import { CertificateMaker } from '../../src/net/certificate-maker.js';
import type { LogRecord } from '../../src/pathod/index.js';
import { connect } from '../kit/connect.js';
import { get, startDaemon } from '../kit/daemon.js';
import type { Peer } from '../kit/peer.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { openTls, tlsOutcome } from '../kit/tls.js';

function certificate(peer: Peer): PeerCertificate {
  // openTls made it.
  return (peer.socket as TLSSocket).getPeerCertificate();
}

function messages(log: readonly LogRecord[]): string[] {
  return log.map((record) => (record.type === 'error' ? record.msg : record.type));
}

describe('a daemon with ssl', () => {
  test('is at an https URL, and its authority is all that a client needs', async () => {
    const daemon = await startDaemon({ ssl: true, http2: false });
    expect(daemon.url('/x')).toBe(`https://127.0.0.1:${String(daemon.port)}/x`);
    const dispatcher = new Agent({ connect: { ca: daemon.ca } });
    const response = await fetch(daemon.p("200:b'hello'"), { dispatcher });
    expect(await response.text()).toBe('hello');
    await dispatcher.close();
    expect(await statusOf(daemon.p('404'), daemon.ca)).toBe(404);
  });

  test('tells the log what was agreed on, and the name that was asked for', async () => {
    const daemon = await startDaemon({ ssl: true });
    const peer = await openTls(daemon, { servername: 'a.example' });
    await peer.send(get('/p/200')).until('\r\n\r\n');
    expect(daemon.lastLog()).toMatchObject({
      type: 'crafted',
      cipher: ['TLS_AES_256_GCM_SHA384', 256, 'TLSv1.3'],
      request: { sni: 'a.example', clientCertificate: null },
    });
  });

  test('logs WebSocket frames with the cipher', async () => {
    const daemon = await startDaemon({ ssl: true, sslVersion: 'TLSv1_2' });
    const peer = await openTls(daemon);
    const handshake = ['Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x'];
    await peer.send(get('/', ...handshake)).until('\r\n\r\n');
    peer.send(Buffer.from([0x81, 0x80, 0, 0, 0, 0]));
    const [frame] = await daemon.expectLog(2);
    expect(frame).toMatchObject({ type: 'inbound', cipher: [expect.stringMatching(/^ECDHE-/), 128, 'TLSv1.2'] });
  });

  test('writes nothing anywhere unless told where', async () => {
    const directory = join(temporaryDirectory(), 'made');
    const daemon = await startDaemon({ ssl: true, confdir: directory });
    expect(existsSync(join(directory, 'mitmproxy-ca.pem'))).toBe(true);
    const other = await startDaemon({ ssl: true });
    expect(other.ca).not.toBe(daemon.ca);
    expect((await startDaemon({ ssl: true })).ca).toBe(other.ca);
    expect(await tlsOutcome(daemon)).toBe('ok');
    expect(await tlsOutcome(daemon, { ca: other.ca })).not.toBe('ok');
  });

  test('stops in the middle of handshakes', async () => {
    const daemon = await startDaemon({ ssl: true });
    const silent = await connect(daemon.port);
    const begun = (await connect(daemon.port)).send(Buffer.from('1603010200', 'hex'));
    const idle = await openTls(daemon);
    await daemon.stop();
    await Promise.all([silent.closed(), begun.closed(), idle.closed()]);
    expect(daemon.log()).toEqual([]);
  });

  test('is silent while an encrypted connection is', async () => {
    const daemon = await startDaemon({ ssl: true });
    const peer = await openTls(daemon);
    await peer.send(get('/p/200')).until('\r\n\r\n');
    await daemon.waitForSilence();
  });

  test('closes those that do not finish their handshake within the timeout', async () => {
    const daemon = await startDaemon({ ssl: true, timeout: 0.05 });
    await (await connect(daemon.port)).closed();
    const begun = (await connect(daemon.port)).send(Buffer.from('1603010200', 'hex'));
    await begun.closed();
    await (await openTls(daemon)).closed();
    expect(messages(daemon.log())).toEqual([expect.stringMatching(/^timeout|left/), 'timeout', 'timeout']);
  });

  test('has no authority before it needs one', async () => {
    const daemon = await startDaemon();
    expect(() => daemon.ca).toThrow(TypeError);
    expect(await daemon.openAuthority()).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(daemon.ca).toBe(await daemon.openAuthority());
  });
});

/** The status of an answer to Node's own client. */
async function statusOf(url: string, ca: string): Promise<number | undefined> {
  const asked = request(url, { ca, agent: false }).end();
  // The event that answers.
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('the certificate', () => {
  test('is for the name that the client asks for, or for our address', async () => {
    const daemon = await startDaemon({ ssl: true });
    expect(certificate(await openTls(daemon, { servername: 'a.example' })).subjectaltname).toBe('DNS:a.example');
    expect(certificate(await openTls(daemon)).subjectaltname).toBe('IP Address:127.0.0.1, DNS:localhost');
  });

  test('has further names, and another common name', async () => {
    const daemon = await startDaemon({ ssl: true, cn: 'Common', sans: ['b.example', '10.0.0.1'] });
    const shown = certificate(await openTls(daemon, { servername: 'a.example' }));
    expect(shown.subject.CN).toBe('Common');
    expect(shown.subjectaltname).toBe('DNS:a.example, DNS:b.example, IP Address:10.0.0.1');
  });

  test('is the one given for a domain, wildcards included', async () => {
    const directory = temporaryDirectory();
    const maker = await CertificateMaker.create(await openAuthority(directory));
    const file = join(directory, 'own.pem');
    const { key, cert } = maker.make({ host: '*.own.example', organization: 'Own' }).tlsOptions;
    writeFileSync(file, key + cert);
    const daemon = await startDaemon({ ssl: true, certs: [`*.own.example=${file}`] });
    const ca = maker.authority.pem;
    expect(certificate(await openTls(daemon, { servername: 'a.own.example', ca })).subject.O).toBe('Own');
    expect(certificate(await openTls(daemon, { servername: 'other.example' })).subject.O).toBeUndefined();
  });

  test('of a name that can stand in none is for no host', async () => {
    const daemon = await startDaemon({ ssl: true });
    const peer = await openTls(daemon, { servername: 'a b', rejectUnauthorized: false });
    expect(certificate(peer).subjectaltname).toBe('DNS:invalid');
    await peer.send(get('/p/200')).until('\r\n\r\n');
    expect(daemon.lastLog()).toMatchObject({ request: { sni: 'a b' } });
  });

  test('of the client is asked for on request, logged, and not verified', async () => {
    const maker = await CertificateMaker.create(await openAuthority(temporaryDirectory()));
    const { key, cert } = maker.make({ host: 'client', organization: 'Example' }).tlsOptions;
    const daemon = await startDaemon({ ssl: true, requestClientCertificate: true });
    for (const shown of [{ key, cert }, {}]) {
      await (await openTls(daemon, shown)).send(get('/p/200')).until('\r\n\r\n');
    }
    const x509 = maker.make({ host: 'other' }).x509;
    expect(daemon.log()).toMatchObject([
      { request: { clientCertificate: null } },
      {
        request: {
          clientCertificate: {
            subject: expect.stringContaining('CN=client') as string,
            issuer: x509.issuer.replaceAll('\n', ', '),
            fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string,
            validFrom: expect.stringMatching(/GMT$/) as string,
            validTo: expect.stringMatching(/GMT$/) as string,
            serialNumber: expect.stringMatching(/^[0-9A-F]+$/) as string,
          },
        },
      },
    ]);
  });
});

describe('versions, ciphers and protocols', () => {
  test.each([
    ['TLSv1', 'TLSv1'],
    ['TLSv1_1', 'TLSv1.1'],
    ['TLSv1_2', 'TLSv1.2'],
    ['TLSv1_3', 'TLSv1.3'],
  ] as const)('%s is spoken alone', async (sslVersion, version) => {
    const daemon = await startDaemon({ ssl: true, sslVersion });
    const anything = { minVersion: 'TLSv1', maxVersion: 'TLSv1.3', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const peer = await openTls(daemon, anything);
    // openTls made it.
    expect((peer.socket as TLSSocket).getProtocol()).toBe(version);
  });

  test('a version that the client does not have is said', async () => {
    const daemon = await startDaemon({ ssl: true, sslVersion: 'TLSv1_3' });
    expect(await tlsOutcome(daemon, { maxVersion: 'TLSv1.2' })).toMatch(/PROTOCOL_VERSION/);
    expect(messages(await daemon.expectLog(1))).toEqual([
      'SSL handshake error: the client and we have no version of TLS in common',
    ]);
  });

  test('so are ciphers', async () => {
    const daemon = await startDaemon({ ssl: true, sslVersion: 'TLSv1_2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    const peer = await openTls(daemon);
    await peer.send(get('/p/200')).until('\r\n\r\n');
    expect(daemon.lastLog()).toMatchObject({ cipher: ['ECDHE-RSA-AES128-GCM-SHA256', 128, 'TLSv1.2'] });
    expect(await tlsOutcome(daemon, { ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' })).toMatch(/HANDSHAKE_FAILURE/);
    expect(messages(await daemon.expectLog(2))[0]).toBe(
      'SSL handshake error: the client and we have no cipher suite in common',
    );
  });

  test('HTTP/1 is agreed on when HTTP/2 is off, and no protocol with those who know neither', async () => {
    const daemon = await startDaemon({ ssl: true, http2: false });
    const peer = await openTls(daemon, { ALPNProtocols: ['h2', 'http/1.1'] });
    // openTls made it.
    expect((peer.socket as TLSSocket).alpnProtocol).toBe('http/1.1');
    expect(await tlsOutcome(daemon, { ALPNProtocols: ['h2'] })).toMatch(/NO_APPLICATION_PROTOCOL/);
    expect(messages(await daemon.expectLog(1))).toEqual([
      'SSL handshake error: the client and we have no application protocol in common (ALPN)',
    ]);
  });
});

describe('what is not TLS', () => {
  test('plain HTTP is answered in plain text, with a line in the log', async () => {
    const daemon = await startDaemon({ ssl: true });
    const answer = await (await connect(daemon.port)).send(get('/p/200')).closed();
    expect(answer.toString()).toMatch(
      /^HTTP\/1\.1 800 Plain HTTP on a TLS port\r\n[^]*\r\n\r\npathod error: This port speaks TLS/,
    );
    expect(messages(daemon.log())).toEqual(['SSL handshake error: the client speaks plain HTTP, and this port TLS']);
  });

  test.each([
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'the client speaks plain HTTP/2, and this port TLS'],
    ['SOCKS', '\x05\x01\x00', 'the client speaks neither TLS nor HTTP (050100), and this port TLS'],
  ])('%s is closed with a line in the log', async (_, bytes, msg) => {
    const daemon = await startDaemon({ ssl: true });
    expect((await (await connect(daemon.port)).send(bytes).closed()).length).toBe(0);
    expect(messages(daemon.log())).toEqual([`SSL handshake error: ${msg}`]);
  });

  test('a ClientHello that is broken gets the alert of OpenSSL', async () => {
    const daemon = await startDaemon({ ssl: true });
    const peer = (await connect(daemon.port)).send(Buffer.from('160301000401000000', 'hex'));
    expect((await peer.closed()).subarray(0, 2)).toEqual(Buffer.from([21, 3]));
    expect(messages(daemon.log())).toEqual([expect.stringMatching(/^SSL handshake error: /)]);
  });

  test('a client that leaves in the middle is logged, and one that says nothing is not', async () => {
    const daemon = await startDaemon({ ssl: true });
    await (await connect(daemon.port)).end().closed();
    await (await connect(daemon.port)).send(Buffer.from('1603010200', 'hex')).end().closed();
    expect(messages(await daemon.expectLog(1))).toEqual([
      'SSL handshake error: the client left in the middle of its ClientHello',
    ]);
  });
});

describe('a client that does not trust us', () => {
  test('of Node leaves without a word, and that is logged', async () => {
    const daemon = await startDaemon({ ssl: true });
    expect(await tlsOutcome(daemon, { ca: [] })).not.toBe('ok');
    expect(messages(await daemon.expectLog(1))).toEqual([expect.stringMatching(/some do when they do not trust/)]);
  });
});

describe.skipIf(!hasProgram('curl') || !hasProgram('openssl'))('programs', () => {
  test('curl takes the authority that it is given, and refuses others with an alert', async () => {
    const directory = temporaryDirectory();
    const daemon = await startDaemon({ ssl: true, http2: false, confdir: directory });
    const url = daemon.p("200:b'hello'").replace('127.0.0.1', 'localhost');
    const ca = join(directory, 'mitmproxy-ca-cert.pem');
    expect(await run('curl', ['-sS', '--cacert', ca, url])).toEqual({ code: 0, stdout: 'hello', stderr: '' });
    expect((await run('curl', ['-sS', url])).code).toBe(60);
    expect(messages(daemon.log())[0]).toBe('SSL handshake error: the client refused our certificate: unknown_ca (48)');
  });

  test('openssl verifies the chain and the name', async () => {
    const directory = temporaryDirectory();
    const daemon = await startDaemon({ ssl: true, confdir: directory });
    const { stdout } = await run('sh', [
      '-c',
      `openssl s_client -connect 127.0.0.1:${String(daemon.port)} -servername a.example -verify_hostname a.example ` +
        `-CAfile ${join(directory, 'mitmproxy-ca-cert.pem')} -alpn http/1.1 </dev/null`,
    ]);
    expect(stdout).toMatch(/Verify return code: 0 \(ok\)/);
    expect(stdout).toMatch(/ALPN protocol: http\/1\.1/);
  });
});
