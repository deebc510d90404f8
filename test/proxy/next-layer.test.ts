import { describe, expect, it } from 'vitest';
import { HostLists } from '../../src/proxy/host-lists.js';
import type { HostListOptions } from '../../src/proxy/host-lists.js';
import { decideLayer } from '../../src/proxy/next-layer.js';
import type { LayerFacts } from '../../src/proxy/next-layer.js';
import { nodeHello } from '../kit/client-hello.js';

type Known = Partial<Omit<LayerFacts, 'bytes' | 'lists'>> & Partial<HostListOptions>;

/** What is decided about the first bytes of a stream, which leads to a host where anything may be spoken. */
function decide(bytes: string | Buffer, known: Known = {}): string {
  const { ignoreHosts = [], allowHosts = [], tcpHosts = [], ...facts } = known;
  return decideLayer({
    purpose: 'any',
    target: ['host.example', 8000],
    quiet: false,
    serverSpoke: false,
    tls: undefined,
    rawtcp: true,
    ...facts,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
    lists: new HostLists({ ignoreHosts, allowHosts, tcpHosts }),
  });
}

describe('where anything may be spoken', () => {
  it.each([
    ['GET / HTTP/1.1\r\n', 'http'],
    ['GET /', 'http'],
    ['\r\nGET /', 'http'],
    ['OPTIONS * HTTP/1.1\r\n', 'http'],
    ['POST http://a/ HTTP/1.1\r\n', 'http'],
    ['PROPFIND /dav HTTP/1.1\r\n', 'http'],
    ['M-SEARCH * HTTP/1.1\r\n', 'http'],
    ['frob /x HTTP/1.0\r\n', 'http'],
    ['GET /without-a-version\r\n', 'http'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'tcp'],
    ['SSH-2.0-OpenSSH_9.6 Debian-1\r\n', 'tcp'],
    ['EHLO there\r\n', 'tcp'],
    ['USER somebody\r\n', 'tcp'],
    ['NICK /me\r\n', 'tcp'],
    ['*1\r\n$4\r\nPING\r\n', 'tcp'],
    ['get key\r\n', 'tcp'],
    ['OPTIONS sip:bob@example.com SIP/2.0\r\n', 'tcp'],
    ['DESCRIBE rtsp://a/b RTSP/1.0\r\n', 'tcp'],
    ['\0\0\0\x10', 'tcp'],
    ['{"hello":1}', 'tcp'],
    ['\x16\x05', 'tcp'],
    [`${'a'.repeat(40)}`, 'tcp'],
    [`x ${'a'.repeat(20_000)}`, 'tcp'],
    ['\x16\x03\x01', 'tls'],
  ])('%j is %s', (bytes, layer) => {
    expect(decide(bytes)).toBe(layer);
    expect(decide(bytes, { quiet: true })).toBe(layer);
  });

  it.each(['', 'G', 'GET', 'GET ', '\r\n', 'M-SEA', 'frob /x HTTP', 'SSH-2.0-Open', 'hello', 'PRI * HTTP', '\x16'])(
    '%j may become anything',
    (bytes) => {
      expect(decide(bytes)).toBe('more');
    },
  );

  it.each(['hello', '\r\n', 'frob /x', 'EHLO', '\x16'])('%j is bytes when the client waits for an answer', (bytes) => {
    expect(decide(bytes, { quiet: true })).toBe('tcp');
  });

  it.each(['G', 'GET', 'POST '])('%j is the beginning of a slow request', (bytes) => {
    expect(decide(bytes, { quiet: true })).toBe('more');
  });

  it('a server that speaks first speaks no HTTP', () => {
    expect(decide('', { quiet: true })).toBe('more');
    expect(decide('', { serverSpoke: true })).toBe('tcp');
    expect(decide('', { serverSpoke: true, rawtcp: false })).toBe('http');
  });

  it('everything is HTTP without rawtcp', () => {
    expect(decide('\0\x01\x02', { rawtcp: false })).toBe('http');
    expect(decide('hello', { quiet: true, rawtcp: false })).toBe('http');
    expect(decide('\x16\x03\x01', { rawtcp: false })).toBe('tls');
  });

  it('behind TLS, ALPN tells before anything is sent', () => {
    expect(decide('', { tls: { serverName: 'a', alpn: 'h2' } })).toBe('http');
    expect(decide('', { tls: { serverName: 'a', alpn: 'http/1.1' } })).toBe('http');
    expect(decide('', { tls: { serverName: 'a', alpn: undefined } })).toBe('more');
    expect(decide('A1 LOGIN x\r\n', { tls: { serverName: 'a', alpn: 'imap' } })).toBe('tcp');
    expect(decide('\x16\x03\x01', { tls: { serverName: 'a', alpn: undefined } })).toBe('tls');
  });
});

describe('where it is known what is spoken', () => {
  it.each(['requests', 'http'] as const)('%s are HTTP, perhaps within TLS', (purpose) => {
    expect(decide('', { purpose })).toBe('more');
    expect(decide('\0', { purpose })).toBe('http');
    expect(decide('x', { purpose })).toBe('http');
    expect(decide('\x16', { purpose })).toBe('more');
    expect(decide('\x16\x03\x01', { purpose })).toBe('tls');
    expect(decide('', { purpose, tls: { serverName: undefined, alpn: undefined } })).toBe('http');
  });

  it('bytes are bytes, perhaps within TLS', () => {
    expect(decide('', { purpose: 'bytes' })).toBe('more');
    expect(decide('', { purpose: 'bytes', quiet: true })).toBe('tcp');
    expect(decide('GET / HTTP/1.1\r\n', { purpose: 'bytes' })).toBe('tcp');
    expect(decide('\x16\x03\x01', { purpose: 'bytes' })).toBe('tls');
  });
});

describe('the lists of hosts', () => {
  it('pass on what they ignore, whatever it is', () => {
    const known = { ignoreHosts: ['host'] };
    expect(decide('GET / HTTP/1.1\r\n', known)).toBe('ignore');
    expect(decide('\0', { ...known, purpose: 'http' })).toBe('ignore');
    expect(decide('', known)).toBe('more');
    expect(decide('', { ...known, serverSpoke: true })).toBe('ignore');
    expect(decide('', { ...known, quiet: true })).toBe('ignore');
  });

  it('wait for the name in the ClientHello', async () => {
    const hello = await nodeHello({ servername: 'www.example.org' });
    const known: Known = { target: ['192.0.2.1', 443], ignoreHosts: ['example.org'] };
    expect(decide(hello.subarray(0, 100), { ...known, quiet: true })).toBe('more');
    expect(decide(hello, known)).toBe('ignore');
    expect(decide(hello, { ...known, ignoreHosts: ['example.com'] })).toBe('tls');
    expect(decide(hello, { target: ['192.0.2.1', 443], allowHosts: ['example.org'] })).toBe('tls');
    expect(decide(hello, { target: ['192.0.2.1', 443], allowHosts: ['example.com'] })).toBe('ignore');
    expect(decide(hello.subarray(0, 100))).toBe('tls');
  });

  it('know a ClientHello that cannot be read by its host alone', () => {
    const broken = Buffer.concat([Buffer.from([0x16, 3, 1, 0, 4]), Buffer.alloc(200, 7)]);
    expect(decide(broken, { ignoreHosts: ['host'] })).toBe('ignore');
    expect(decide(broken, { ignoreHosts: ['other'] })).toBe('tls');
  });

  it('have no say over requests to the proxy itself, nor behind TLS', () => {
    expect(decide('GET', { purpose: 'requests', target: undefined, allowHosts: ['x'] })).toBe('http');
    expect(decide('\x16\x03\x01', { purpose: 'requests', target: undefined, allowHosts: ['x'] })).toBe('tls');
    expect(decide('GET /', { tls: { serverName: 'host', alpn: undefined }, ignoreHosts: ['host'] })).toBe('http');
  });

  it('take what hosts speak for bytes, within TLS as well', () => {
    const known = { tcpHosts: ['host'] };
    expect(decide('GET / HTTP/1.1\r\n', known)).toBe('tcp');
    expect(decide('GET / HTTP/1.1\r\n', { ...known, purpose: 'http' })).toBe('tcp');
    expect(decide('\x16\x03\x01', known)).toBe('tls');
    expect(decide('', { ...known, tls: { serverName: undefined, alpn: 'h2' } })).toBe('tcp');
    const byName: Known = { target: ['192.0.2.1', 1], tcpHosts: ['mqtt'] };
    expect(decide('GET /', { ...byName, tls: { serverName: 'mqtt.example', alpn: undefined } })).toBe('tcp');
  });
});
