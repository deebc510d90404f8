import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostOfTarget, parseTarget } from '../../src/wire/request-target.js';

describe('a request target', () => {
  // prettier-ignore
  test.each<[target: string, method: string, form: string, scheme: string | undefined, authority: string | undefined, path: string]>([
    ['/', 'GET', 'origin', undefined, undefined, '/'],
    ['/a%20b?c=d#e', 'GET', 'origin', undefined, undefined, '/a%20b?c=d#e'],
    ['/\xff\x00 x', 'GET', 'origin', undefined, undefined, '/\xff\x00 x'],
    ['//net/x', 'GET', 'origin', undefined, undefined, '//net/x'],
    ['/http://h/', 'GET', 'origin', undefined, undefined, '/http://h/'],
    ['relative', 'GET', 'origin', undefined, undefined, 'relative'],
    ['mailto:x', 'GET', 'origin', undefined, undefined, 'mailto:x'],
    ['http://h/p/200:b"x"', 'GET', 'absolute', 'http', 'h', '/p/200:b"x"'],
    ['HTTPS://U:P@H:1/x?y', 'GET', 'absolute', 'HTTPS', 'U:P@H:1', '/x?y'],
    ['http://[::1]:80/', 'GET', 'absolute', 'http', '[::1]:80', '/'],
    ['http://h', 'GET', 'absolute', 'http', 'h', '/'],
    ['http://h?q', 'GET', 'absolute', 'http', 'h', '/?q'],
    ['http:///x', 'GET', 'absolute', 'http', '', '/x'],
    ['http://h/a\nb', 'GET', 'absolute', 'http', 'h', '/a\nb'],
    ['h:443', 'CONNECT', 'authority', undefined, 'h:443', 'h:443'],
    ['/x', 'CONNECT', 'authority', undefined, '/x', '/x'],
    ['*', 'OPTIONS', 'asterisk', undefined, undefined, '*'],
  ])('%j of %s', (target, method, form, scheme, authority, path) => {
    expect(parseTarget(Buffer.from(target, 'latin1'), method)).toEqual({ form, scheme, authority, path });
  });

  test('any bytes have a form', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof parseTarget(Buffer.from(bytes)).path === 'string'));
  });
});

describe('the host of a target', () => {
  test.each([
    ['//net/x', 'net'],
    ['HTTP://MiXed.Example/x', 'mixed.example'],
    ['http://user:pw@cred.example/', 'cred.example'],
    ['http://a@b@c/', 'c'],
    ['http://1.2.3.4:99/', '1.2.3.4'],
    ['http://[::1]/', '::1'],
    ['http://[FE80::1]:80/', 'fe80::1'],
    ['http://\xffhost/', 'host'],
    ['http://h:/', 'h'],
    ['http://h:65535/', 'h'],
    ['http://h.', 'h.'],
    ['http://h?q', 'h'],
    ['http://h:65536/', undefined],
    ['http://h:abc/', undefined],
    ['http://h:-1/', undefined],
    ['http://bad host/', undefined],
    ['http://.dot/', undefined],
    ['http://a..b/', undefined],
    ['http://[::1/', undefined],
    ['http://[zz]/', undefined],
    ['http://[:::]/', undefined],
    ['http://[::ffff:1.2.3.4]/', '::ffff:1.2.3.4'],
    [`http://${'a'.repeat(63)}.b/`, `${'a'.repeat(63)}.b`],
    [`http://${'a'.repeat(64)}.b/`, undefined],
    [`http://${'abcdefg.'.repeat(32)}/`, undefined],
    ['http://', undefined],
    ['/plain', undefined],
    ['/http://h/', undefined],
    ['', undefined],
    ['*', undefined],
  ])('%j is %j', (target, host) => {
    expect(hostOfTarget(Buffer.from(target, 'latin1'))).toBe(host);
  });

  test('a long target takes no long time to refuse', () => {
    for (const target of ['http://' + 'a.'.repeat(100_000), 'http://' + '@'.repeat(200_000), 'a'.repeat(200_000)]) {
      expect(hostOfTarget(Buffer.from(target))).toBeUndefined();
    }
  });
});

interface CorpusCase {
  readonly id: string;
  readonly topic: string;
  readonly spec: string;
  readonly settings: { readonly request_host: string | null };
  readonly messages?: readonly { readonly wire_hex?: string }[];
}

/** Recorded requests of which the path and a Host field that nobody wrote can be told from the wire. */
function recordedHosts(): { id: string; target: string; host: string; requestHost: string }[] {
  const corpus = new URL('../../fixtures/language/corpus.json', import.meta.url);
  // The corpus is checked data of our own, in the format of its README.
  const cases = JSON.parse(readFileSync(corpus, 'utf8')) as readonly CorpusCase[];
  return cases.flatMap(({ id, topic, spec, settings, messages }) => {
    if (!['path-host', 'host', 'method-host'].includes(topic) || /h'host'/i.test(spec)) return [];
    const wire = Buffer.from(messages?.[0]?.wire_hex ?? '', 'hex').toString('latin1');
    const [, target] = /^\S+ (.*) HTTP\/1\.1\r\n/.exec(wire) ?? [];
    const [, host] = /\r\nHost: (.*)\r\n/.exec(wire) ?? [];
    if (target === undefined || host === undefined) return [];
    return [{ id, target, host, requestHost: settings.request_host ?? '' }];
  });
}

describe('the recorded Host fields', () => {
  const recorded = recordedHosts();

  test('are there', () => expect(recorded.length).toBeGreaterThanOrEqual(20));

  test.each(recorded)('$id: $target', ({ target, host, requestHost }) => {
    expect(hostOfTarget(Buffer.from(target, 'latin1')) ?? requestHost).toBe(host);
  });
});
