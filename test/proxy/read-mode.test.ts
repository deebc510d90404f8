import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { readMode } from '../../src/proxy/read-mode.js';

const none = { listenHost: undefined, listenPort: undefined };

function failure(text: string): OptionError {
  try {
    readMode(text);
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error(`${text} is a mode`);
}

describe('modes', () => {
  test.each(['regular', 'transparent', 'socks5'])('%s stands alone', (text) => {
    expect(readMode(text)).toEqual({ text, type: text, ...none });
  });

  test('the name may be in any case', () => {
    expect(readMode('Reverse:http://x')).toMatchObject({ type: 'reverse', text: 'Reverse:http://x' });
    expect(readMode('SOCKS5')).toMatchObject({ type: 'socks5' });
  });

  test.each([
    ['reverse:http://example.com', 'http', ['example.com', 80]],
    ['reverse:https://example.com/', 'https', ['example.com', 443]],
    ['reverse:http://[::1]/', 'http', ['::1', 80]],
    ['reverse:https://[fe80::1%eth0]:8443', 'https', ['fe80::1%eth0', 8443]],
    ['reverse:tcp://10.0.0.1:5432', 'tcp', ['10.0.0.1', 5432]],
    ['reverse:tls://db.example:5433/', 'tls', ['db.example', 5433]],
    ['upstream:http://proxy.example:3128', 'http', ['proxy.example', 3128]],
    ['upstream:https://proxy.example', 'https', ['proxy.example', 443]],
  ])('%s names its scheme', (text, scheme, address) => {
    expect(readMode(text)).toMatchObject({ scheme, address });
  });

  test.each([
    ['example.com', 'https', ['example.com', 443]],
    ['example.com:443', 'https', ['example.com', 443]],
    ['example.com:80', 'http', ['example.com', 80]],
    ['localhost:8080', 'http', ['localhost', 8080]],
    ['[::1]:8080/', 'http', ['::1', 8080]],
  ])('without a scheme the port of %s tells it', (spec, scheme, address) => {
    for (const mode of ['reverse', 'upstream']) expect(readMode(`${mode}:${spec}`)).toMatchObject({ scheme, address });
  });

  test.each([
    ['regular@8081', undefined, 8081, 'regular'],
    ['regular@127.0.0.1:8081', '127.0.0.1', 8081, 'regular'],
    ['regular@:8081', '', 8081, 'regular'],
    ['regular@[::1]:0', '::1', 0, 'regular'],
    ['reverse:https://[::2]:81/@localhost:9000', 'localhost', 9000, 'reverse:https://[::2]:81/'],
  ])('%s tells where to listen', (written, listenHost, listenPort, text) => {
    expect(readMode(written)).toMatchObject({ listenHost, listenPort, text });
  });
});

describe('what is no mode', () => {
  test.each([
    ['', 0, 'the name of the mode is missing'],
    ['@8080', 0, 'the name of the mode is missing'],
    ['regulr', 0, 'did you mean regular?'],
    ['transparant@8080', 0, 'did you mean transparent?'],
    ['elsewhere', 0, '(known: regular, transparent, socks5, reverse, upstream)'],
    ['http://x:80@8080', 0, 'did you mean reverse:http://x:80?'],
    ['regular:x', 7, 'takes nothing behind its name'],
    ['reverse', 7, 'reverse needs a server'],
    ['reverse:', 8, 'reverse needs a server'],
    ['upstream@8080', 8, 'upstream needs a server'],
    ['reverse:http://', 15, 'the host is missing'],
    ['reverse:htp://x', 8, 'did you mean http?'],
    ['reverse:HTTP://x', 8, 'did you mean http?'],
    ['upstream:tcp://x:1', 9, 'speaks http or https'],
    ['reverse:tcp://x', 15, 'need a port'],
    ['reverse:tls://x', 15, 'need a port'],
    ['reverse:http://x/path', 16, 'no path here'],
    ['reverse:https//x:80', 13, 'no path here'],
    ['reverse:http://a@b@80', 16, 'no user name here'],
    ['reverse:http://user:pass@x', 25, 'upstream_auth'],
    ['reverse:http://::1', 15, 'IPv6 stands in brackets'],
    ['reverse:http://[x]', 15, 'cannot be a host'],
    ['reverse:http://a b', 15, 'cannot be a host'],
    ['reverse:http://x?y', 15, 'cannot be a host'],
    ['reverse:x:abc', 8, 'is not HOST[:PORT]'],
    ['reverse:http://x:65536', 17, 'at most 65535'],
    ['regular@', 8, 'where to listen'],
    ['regular@x', 8, 'where to listen'],
    ['regular@65536', 8, 'at most 65535'],
    ['regular@::1:80', 8, 'IPv6 stands in brackets'],
    ['regular@a b:80', 8, 'cannot be a host to listen on'],
  ])('%j is refused at its place', (text, offset, words) => {
    const error = failure(text);
    expect(error.message).toContain(words);
    expect(error.message).toContain(JSON.stringify(text));
    expect(error.marked).toBe(`${text}\n${' '.repeat(offset)}^`);
  });

  test.each(['dns', 'wireguard:keys.conf', 'local:curl', 'osproxy', 'tun:tun0@1', 'DNS@53'])(
    '%s is known to be missing',
    (text) => {
      expect(failure(text).message).toMatch(/is not supported: it .../);
    },
  );

  test.each(['http3', 'quic', 'udp', 'dtls', 'dns'])('%s servers are known to be missing', (scheme) => {
    expect(failure(`reverse:${scheme}://x:1`).message).toContain(`the scheme ${scheme} is not supported`);
  });

  test('any text is a mode or an OptionError, and a mode reads back', () => {
    const word = fc.constantFrom(
      ...[
        'regular',
        'reverse',
        'upstream',
        'socks5',
        ':',
        '@',
        '/',
        '://',
        '[',
        ']',
        '::1',
        'x',
        '80',
        'http',
        'tls',
        ' ',
      ],
    );
    const anyText = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 8 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        let mode;
        try {
          mode = readMode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(OptionError);
          return;
        }
        expect(readMode(mode.text)).toEqual({ ...mode, ...none });
      }),
      { numRuns: 2000 },
    );
  });

  test('what was put together is read as it was meant', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    const port = fc.integer({ min: 0, max: 65535 });
    const bracketed = (name: string): string => (name.includes(':') ? `[${name}]` : name);
    fc.assert(
      fc.property(
        ...[fc.constantFrom('http', 'https', 'tcp', 'tls'), host, port, fc.option(host), fc.option(port)],
        (scheme, name, number, listenHost, listenPort) => {
          const at =
            listenPort === null
              ? ''
              : `@${listenHost === null ? '' : `${bracketed(listenHost)}:`}${String(listenPort)}`;
          expect(readMode(`reverse:${scheme}://${bracketed(name)}:${String(number)}${at}`)).toMatchObject({
            ...{ type: 'reverse', scheme, address: [name, number] },
            listenPort: listenPort ?? undefined,
            listenHost: listenPort === null ? undefined : (listenHost ?? undefined),
          });
        },
      ),
    );
  });
});
