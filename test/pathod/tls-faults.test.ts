import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { certificateFaults } from '../../src/net/certificate-faults.js';
import { handshakeFaults } from '../../src/net/handshake-faults.js';
import { nodeHello } from '../kit/client-hello.js';
import { connect } from '../kit/connect.js';
import { get, startDaemon } from '../kit/daemon.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { openTls, tlsOutcome } from '../kit/tls.js';
import { join } from 'node:path';

/** What Node's client says to each. */
const outcomes: Readonly<Record<string, string | RegExp>> = {
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'wrong-host': 'ERR_TLS_CERT_ALTNAME_INVALID',
  'self-signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'untrusted-authority': /UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)/,
  // Node's OpenSSL is at security level 1, and Node does not ask for revocations.
  'weak-key': 'ok',
  'missing-intermediate': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  revoked: 'ok',
  alert: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'alert-internal-error': 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  'alert-protocol-version': 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'alert-unrecognized-name': 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
  'alert-close-notify': 'ECONNRESET',
  close: 'ECONNRESET',
  reset: 'ECONNRESET',
  garbage: 'ERR_SSL_WRONG_VERSION_NUMBER',
  'plain-http': 'ERR_SSL_WRONG_VERSION_NUMBER',
  truncated: 'ECONNRESET',
  'tls1.0-only': 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'tls1.1-only': 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'tls1.2-only': 'ok',
  'tls1.3-only': 'ok',
};

describe('every fault', () => {
  test('is tried here', () => {
    const all = [...Object.keys(certificateFaults), ...Object.keys(handshakeFaults)];
    expect(Object.keys(outcomes).sort()).toEqual(all.filter((name) => name !== 'stall').sort());
  });

  test.each(Object.entries(outcomes))('%s is %s to the client of Node', async (tlsFault, outcome) => {
    // What OpenSSL makes of garbage depends on its first bytes.
    const daemon = await startDaemon({ ssl: true, tlsFault, seed: 1 });
    expect(await tlsOutcome(daemon, { servername: 'a.example' })).toMatch(outcome);
    if (outcome === 'ok') return;
    const [record] = await daemon.expectLog(1);
    expect(record).toMatchObject({ type: 'error', msg: expect.stringContaining(tlsFault) as string });
  });
});

describe('a handshake', () => {
  const hello = (): Promise<Buffer> => nodeHello({ servername: 'a.example' });

  test.each<[string, number[]]>([
    ['alert', [21, 3, 3, 0, 2, 2, 40]],
    ['alert-close-notify', [21, 3, 3, 0, 2, 1, 0]],
    ['close', []],
  ])('%s is answered with these bytes, once the whole ClientHello is there', async (tlsFault, bytes) => {
    const daemon = await startDaemon({ ssl: true, tlsFault });
    const peer = await connect(daemon.port);
    const all = await hello();
    peer.send(all.subarray(0, -1));
    expect(peer.received.length).toBe(0);
    expect([...(await peer.send(all.subarray(-1)).closed())]).toEqual(bytes);
    expect(daemon.log()).toMatchObject([{ type: 'error', msg: `SSL handshake fault: ${tlsFault} for a.example` }]);
  });

  test('garbage is the same for the same seed', async () => {
    const answers: Buffer[] = [];
    for (const seed of ['1', '1', '2']) {
      const daemon = await startDaemon({ ssl: true, tlsFault: 'garbage', seed });
      answers.push(await (await connect(daemon.port)).send(await hello()).closed());
    }
    expect(answers[0]).toHaveLength(512);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).not.toEqual(answers[0]);
  });

  test('truncated is the beginning of a ServerHello', async () => {
    const daemon = await startDaemon({ ssl: true, tlsFault: 'truncated' });
    const answer = await (await connect(daemon.port)).send(await hello()).closed();
    expect(answer).toHaveLength(60);
    expect([...answer.subarray(0, 2), answer[5]]).toEqual([22, 3, 2]);
  });

  test('that stalls ends when the client leaves, or the daemon stops', async () => {
    const daemon = await startDaemon({ ssl: true, tlsFault: 'stall' });
    const leaving = (await connect(daemon.port)).send(await hello());
    expect(await daemon.expectLog(1)).toMatchObject([{ msg: 'SSL handshake fault: stall for a.example' }]);
    await expect(daemon.waitForSilence(1)).rejects.toThrow('1 connections are still busy');
    expect((await leaving.end().closed()).length).toBe(0);
    await daemon.waitForSilence();
    const staying = (await connect(daemon.port)).send(await hello());
    await daemon.expectLog(2);
    await daemon.stop();
    await staying.closed();
  });
});

describe('TLS anchors', () => {
  test('are tried in order, before the fault for all, at the beginning of the server name', async () => {
    const daemon = await startDaemon({
      ssl: true,
      tlsFault: 'not-yet-valid',
      tlsAnchors: [[/^expired\./, 'expired'], ['good', 'none'], 'own\\.=self-signed', [/E/i, 'wrong-host']],
    });
    const outcome = (servername: string): Promise<string> => tlsOutcome(daemon, { servername });
    expect(await outcome('expired.example')).toBe('CERT_HAS_EXPIRED');
    expect(await outcome('good.example')).toBe('ok');
    expect(await outcome('own.example')).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await outcome('e')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await outcome('not.good.example')).toBe('CERT_NOT_YET_VALID');
    expect(await tlsOutcome(daemon)).toBe('CERT_NOT_YET_VALID');
  });

  test('of an address are for clients that ask for no name', async () => {
    const daemon = await startDaemon({ ssl: true, tlsAnchors: [['127\\.', 'expired']] });
    expect(await tlsOutcome(daemon)).toBe('CERT_HAS_EXPIRED');
    expect(await tlsOutcome(daemon, { servername: 'localhost' })).toBe('ok');
  });

  test('do not come between a client that looks away and its answers', async () => {
    const daemon = await startDaemon({ ssl: true, tlsAnchors: [['a', 'expired']] });
    const peer = await openTls(daemon, { servername: 'a', rejectUnauthorized: false });
    await peer.send(get("/p/200:b'all the same'")).until('all the same');
    // openTls made it.
    const { raw } = (peer.socket as TLSSocket).getPeerCertificate();
    expect(Date.parse(new X509Certificate(raw).validTo)).toBeLessThan(Date.now());
  });

  test.each<[readonly [string, string], string]>([
    [['a', 'expird'], 'no TLS fault is called "expird" (did you mean expired?)'],
    [['a', 'whatever'], 'no TLS fault is called "whatever" (pathod --faults lists them)'],
    [['(', 'expired'], 'Invalid regex in anchor: ( '],
  ])('%j is refused at the start', async (anchor, message) => {
    await expect(startDaemon({ tlsAnchors: [anchor] })).rejects.toThrow(message);
  });
});

describe.skipIf(!hasProgram('curl'))('curl', () => {
  test.each([
    ['expired', [], 60, /certificate has expired/],
    ['self-signed', [], 60, /self-signed certificate/],
    ['wrong-host', [], 60, /subject name|no alternative certificate subject name/],
    ['weak-key', [], 60, /key too weak/],
    ['revoked', ['--cert-status'], 91, /revocation reason: keyCompromise/],
    ['reset', [], 35, /reset by peer/],
    ['garbage', [], 35, /wrong version number/],
    ['tls1.2-only', ['--tlsv1.3'], 35, /alert protocol version/],
  ] as const)('%s', async (tlsFault, args, code, message) => {
    const directory = temporaryDirectory();
    const daemon = await startDaemon({ ssl: true, tlsFault, confdir: directory, http2: false });
    const ca = join(directory, 'mitmproxy-ca-cert.pem');
    const ran = await run('curl', ['-sS', '--cacert', ca, ...args, daemon.url('/').replace('127.0.0.1', 'localhost')]);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(message);
  });
});
