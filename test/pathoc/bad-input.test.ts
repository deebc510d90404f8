import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { Pathoc } from '../../src/pathoc/index.js';
import { rawServer } from '../kit/raw-server.js';
import { pathoc } from './command-line.js';

describe('arguments that are not valid', () => {
  test.each([
    [['--nope', 'localhost', 'get:/'], 'pathoc: unknown option --nope'],
    [['-z', 'localhost', 'get:/'], 'pathoc: unknown option -z'],
    [['-z', 'localhost', 'get:/'], 'pathoc: unknown option -z'],
    [['--timeoot', '1', 'localhost', 'get:/'], 'pathoc: unknown option --timeoot, did you mean --timeout?'],
    [['localhost:foo', 'get:/'], 'pathoc: Invalid port in host spec: localhost:foo'],
    [['localhost:', 'get:/'], 'pathoc: Invalid port in host spec: localhost:'],
    [['localhost:0', 'get:/'], 'pathoc: Invalid port in host spec: localhost:0'],
    [['localhost:65536', 'get:/'], 'pathoc: Invalid port in host spec: localhost:65536'],
    [['[::1]:x', 'get:/'], 'pathoc: Invalid port in host spec: [::1]:x'],
    [['[::1', 'get:/'], 'pathoc: Invalid host spec: [::1 (write HOST or HOST:PORT)'],
    [[':80', 'get:/'], 'pathoc: Invalid host spec: :80 (write HOST or HOST:PORT)'],
    [['', 'get:/'], 'pathoc: Invalid host spec:  (write HOST or HOST:PORT)'],
    [['-p', '8080', 'localhost:80', 'get:/'], 'pathoc: two ports: 80 in localhost:80, and 8080 by --port'],
    [['-p', '70000', 'localhost', 'get:/'], 'pathoc: --port takes a whole number from 1 to 65535, not "70000"'],
    [
      ['-I', '200,foo', 'localhost', 'get:/'],
      'pathoc: Invalid return code specification: 200,foo (write numbers with commas between them)',
    ],
    [
      ['-I', '', 'localhost', 'get:/'],
      'pathoc: Invalid return code specification:  (write numbers with commas between them)',
    ],
    [['-c', 'google.com', 'localhost', 'get:/'], 'pathoc: Invalid CONNECT specification: google.com (write HOST:PORT)'],
    [
      ['-c', 'google.com:x', 'localhost', 'get:/'],
      'pathoc: Invalid CONNECT specification: google.com:x (write HOST:PORT)',
    ],
    [['-c', 'a\nb', 'localhost', 'get:/'], 'pathoc: Invalid CONNECT specification: a b (write HOST:PORT)'],
    [['-n', '-2', 'localhost', 'get:/'], 'pathoc: --repeat takes a whole number of at least -1, not "-2"'],
    [['-t', '0', 'localhost', 'get:/'], 'pathoc: --timeout takes a number of at least 0.001, not "0"'],
    [
      ['-e', 'localhost', 'get:/:b@1g'],
      "pathoc: -e and -m write out what is generated, and 1073741824 bytes are too many for that: 'GET':/:b@1g",
    ],
    [['-S', 'localhost', 'get:/'], 'pathoc: --show-summary needs TLS, which -s asks for'],
    [['-s', '-i', 'bad name', 'localhost', 'get:/'], 'pathoc: --sni takes the name of a host in ASCII, not "bad name"'],
    [['-s', '--ciphers', '', 'localhost', 'get:/'], 'pathoc: ciphers takes a list of cipher suites, not an empty text'],
    [
      ['-s', '--ssl-version', 'TLSv1_3', '--ciphers', 'AES128-SHA', 'localhost', 'get:/'],
      'pathoc: no cipher suite of TLS 1.3 is in the list "AES128-SHA" (their names begin with TLS_)',
    ],
    [
      [],
      'pathoc: missing argument host[:port]: Whom to connect to. IPv6 addresses stand in brackets when a port follows: [::1]:80.',
    ],
    [
      ['localhost'],
      'pathoc: missing argument spec: What to send: requests and frames, or the name of a file that holds them.',
    ],
  ])('%j', async (argv, complaint) => {
    expect(await pathoc(argv)).toEqual({ status: 1, out: '', err: `${complaint}\n` });
  });
});

describe('specs that are not valid', () => {
  test.each([
    ['get:/:q', '"q" cannot stand here in a request\nget:/:q\n      ^'],
    ['get:/\nget', 'a request needs'],
    ["get:/:b'x", "this quote is never closed\nget:/:b'x\n       ^"],
    ['get:/é', 'Spec must be valid ASCII.\nget:/é\n     ^'],
    ['200', ''],
    ['get:/:x2000000', 'the spec stands for more than 1000000 messages'],
  ])('%j', async (spec, told) => {
    const { status, out, err } = await pathoc(['localhost', 'get:/', spec]);
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/^Error parsing request spec: .*\n(.*\n) *\^\n$/s);
    if (told.includes('\n')) expect(err).toBe(`Error parsing request spec: ${told}\n`);
  });

  test.each(['', ' ', '\n'])('%j is empty, and has no place to point at', async (spec) => {
    expect(await pathoc(['localhost', spec])).toEqual({
      status: 1,
      out: '',
      err: 'Error parsing request spec: the spec is empty\n',
    });
  });

  test.each([
    ['get:/:b<no-such-file', 'Error: File not readable: no-such-file\n'],
    ['+no-such-file', 'Error: File not readable: no-such-file\n'],
    ['get:/:b</dev/zero', 'Error: File not readable: /dev/zero\n'],
  ])('%j', async (spec, err) => {
    const server = await rawServer();
    expect(await pathoc([`127.0.0.1:${server.port}`, 'get:/', spec])).toEqual({ status: 1, out: '', err });
    expect(server.peers).toHaveLength(0);
  });
});

describe('no connection', () => {
  test('refused: said on standard error, and each repetition is tried', async () => {
    const server = await rawServer();
    await server.close();
    const { status, out, err } = await pathoc(['-n', '3', `127.0.0.1:${server.port}`, 'get:/']);
    expect(out).toBe('');
    expect(err).toMatch(/^(Error connecting to "127\.0\.0\.1": .*Connection refused\n){3}$/);
    if (process.platform === 'linux') expect(err).toContain('[Errno 111] Connection refused');
    expect(status).toBe(2);
  });

  test('unknown host', async () => {
    const { status, err } = await pathoc(['no-such-host.invalid', 'get:/']);
    expect(err).toMatch(/^Error connecting to "no-such-host\.invalid": \[Errno -[23]\] .+\n$/);
    expect(status).toBe(2);
  });
});

describe('standalone options', () => {
  test('--show-uas', async () => {
    const { status, out } = await pathoc(['--show-uas']);
    expect(status).toBe(0);
    expect(out).toMatch(/^User agent strings:\n {3}a android\n {3}l blackberry\n/);
    expect(out.trimEnd().split('\n')).toHaveLength(11);
  });

  test('--version and --help', async () => {
    expect((await pathoc(['--version'])).out).toMatch(/^pathoc \d+\.\d+\.\d+\n$/);
    const { out } = await pathoc(['--help']);
    expect(out).toMatch(/^usage: pathoc /);
    expect(out).toMatch(/\nControlling output:\n/);
    expect(out).toMatch(/\nExit status: 0 when/);
    expect(out).toMatch(/--no-timestamps *\n? *Leave out the local time/);
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
  });
});

describe('options that code gives', () => {
  test.each([
    [{ socks: 5 }, 'socks takes HOST:PORT, or an object with a host and a port from 1 to 65535'],
    [{ connectTo: 5 }, 'connectTo takes HOST:PORT, or an object with a host and a port from 1 to 65535'],
    [{ connectTo: { host: 'a' } }, 'connectTo takes HOST:PORT, or an object with a host and a port from 1 to 65535'],
    [{ connectTo: 'a:1', proxyAuth: 5 }, 'proxyAuth takes USER:PASS'],
    [{ ssl: true, sslVersion: 5 }, 'sslVersion takes one of secure, all, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3'],
    [{ ssl: true, ca: 'junk\n' }, 'authority file given holds no certificate in PEM'],
    [
      { ssl: true, clientCertificate: 'junk\n' },
      'client certificate given is not a PEM file: no "-----BEGIN ...-----" with its end',
    ],
  ])('%j', async (given, message) => {
    // As callers without TypeScript may.
    const options = { host: '127.0.0.1', ...given } as unknown as Parameters<typeof Pathoc.connect>[0];
    await expect(Pathoc.connect(options)).rejects.toThrow(new OptionError(message));
  });
});
