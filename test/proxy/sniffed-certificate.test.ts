import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { CertificateRequest } from '../../src/net/certificate-maker.js';
import { CertificateSniffer } from '../../src/proxy/sniffed-certificate.js';
import { certificateFor } from '../kit/certificates.js';
import { connect as connectRaw } from '../kit/connect.js';
import { httpsServer } from '../kit/https-server.js';
import { mitmdump } from '../kit/mitmdump.js';
import { hasProgram } from '../kit/programs.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** What is asked for in the place of a certificate that was asked for so. */
async function sniffed(request: CertificateRequest, host: string): Promise<CertificateRequest> {
  const { pem } = await certificateFor({ names: undefined, ...request });
  return new CertificateSniffer().request(Buffer.from(pem), host);
}

describe('what is taken from a certificate', () => {
  test('is its names, in their order, and its organization', async () => {
    const names = ['*.wild.example', '10.0.0.1', '::1'];
    const request = { host: 'up.example', names, organization: 'Up, Inc.' };
    expect(await sniffed(request, 'Asked.example')).toEqual({
      ...{ host: 'up.example', names: ['*.wild.example', '10.0.0.1', '0:0:0:0:0:0:0:1', 'asked.example'] },
      ...{ commonName: 'up.example', organization: 'Up, Inc.' },
    });
  });

  test('is a common name that is no name of a host, too', async () => {
    const request = { host: 'a.example', commonName: 'A Server' };
    expect(await sniffed(request, 'a.example')).toEqual({
      ...{ host: 'a.example', names: [], commonName: 'A Server', organization: undefined },
    });
  });

  test('is followed by the address that the client may take for the server', async () => {
    const sniffer = new CertificateSniffer();
    expect(sniffer.request(undefined, 'a.example', '127.0.0.1')).toMatchObject({
      ...{ host: 'a.example', names: ['127.0.0.1'] },
    });
    expect(sniffer.request(undefined, '127.0.0.1', '127.0.0.1')).toEqual({ host: '127.0.0.1' });
  });

  test.each([
    ['nothing', undefined],
    ['what is broken', Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
  ])('is nothing when there is %s', (_, pem) => {
    const sniffer = new CertificateSniffer();
    expect(sniffer.request(pem, 'a.example')).toEqual({ host: 'a.example' });
    expect(sniffer.request(pem, 'not a name')).toEqual({ host: 'invalid' });
  });
});

test
  .skipIf(!hasProgram('mitmdump'))
  .each([
    { host: 'up.example', names: ['alt.example', '*.wild.example', '10.1.2.3'], organization: 'Up, Inc.' },
    { host: '127.0.0.1' },
  ])('a certificate like that of $host has what that of mitmproxy has', async (request) => {
  const certificate = await certificateFor({ names: undefined, ...request });
  const upstream = await httpsServer(certificate.tlsOptions);
  const port = await mitmdump(temporaryDirectory());
  const peer = await connectRaw(port);
  await peer.send(`CONNECT localhost:${String(upstream)} HTTP/1.1\r\n\r\n`).until('\r\n\r\n');
  peer.socket.removeAllListeners('data');
  const socket = connect({ socket: peer.socket, servername: 'asked.example', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const theirs = socket.getPeerX509Certificate();
  const made = new CertificateSniffer().request(Buffer.from(certificate.pem), 'asked.example');
  const ours = new X509Certificate((await certificateFor(made)).pem);
  expect([ours.subject, ours.subjectAltName]).toEqual([theirs?.subject, theirs?.subjectAltName]);
});
