import { describe, expect, it } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { HostLists } from '../../src/proxy/host-lists.js';

function lists(ignoreHosts: string[], allowHosts: string[] = [], tcpHosts: string[] = []): HostLists {
  return new HostLists({ ignoreHosts, allowHosts, tcpHosts });
}

const nothing = { host: undefined, serverName: undefined };

describe('the lists of hosts', () => {
  it('ignore what matches by host or by the name in the ClientHello, regardless of case', () => {
    const both = lists([String.raw`(^|\.)BANK\.example$`, '^10\\.']);
    expect(both.isIgnored({ host: 'www.bank.example', serverName: undefined })).toBe(true);
    expect(both.isIgnored({ host: '192.0.2.1', serverName: 'bank.example' })).toBe(true);
    expect(both.isIgnored({ host: '10.0.0.1', serverName: 'other.example' })).toBe(true);
    expect(both.isIgnored({ host: 'mybank.example', serverName: 'bank.example.net' })).toBe(false);
    expect(both.isIgnored(nothing)).toBe(false);
  });

  it('allow what matches, and ignore the rest of what is known', () => {
    const allowed = lists([], ['example']);
    expect(allowed.isIgnored({ host: 'example.com', serverName: undefined })).toBe(false);
    expect(allowed.isIgnored({ host: '192.0.2.1', serverName: 'www.example.com' })).toBe(false);
    expect(allowed.isIgnored({ host: 'other.org', serverName: undefined })).toBe(true);
    expect(allowed.isIgnored(nothing)).toBe(false);
  });

  it.each([
    ...[
      'example.com:443',
      String.raw`^example\.com:443$`,
      '^example.com:',
      ':443$',
      '443$',
      '^example.com$',
      '(?:com|org):4',
    ],
  ])('know the port as well: %s', (pattern) => {
    expect(lists([pattern]).isIgnored({ host: 'example.com', port: 443, serverName: undefined })).toBe(true);
    expect(lists([pattern]).isIgnored({ host: '192.0.2.1', port: 443, serverName: 'Example.com' })).toBe(true);
    expect(lists([pattern]).isIgnored({ host: 'sub.example.com.net', port: 80, serverName: undefined })).toBe(false);
  });

  it.each([
    String.raw`^(?!example\.com$)`,
    String.raw`^(?!example\.com:443$)`,
    String.raw`^(?!example\.com)(?!example\.org)`,
  ])('ignore all but some: %s', (pattern) => {
    expect(lists([pattern]).isIgnored({ host: 'example.com', port: 443, serverName: undefined })).toBe(false);
    expect(lists([pattern]).isIgnored({ host: 'www.example.com', port: 443, serverName: undefined })).toBe(true);
  });

  it.each(['^::1$', String.raw`^\[::1\]:443$`, '::1'])('know addresses of IPv6: %s', (pattern) => {
    expect(lists([pattern]).isIgnored({ host: '::1', port: 443, serverName: undefined })).toBe(true);
    expect(lists([], [], [pattern]).isTcp({ host: '::1', port: 443, serverName: undefined })).toBe(true);
    expect(lists([pattern]).isIgnored({ host: '::2', port: 443, serverName: undefined })).toBe(false);
  });

  it('ignore nothing when they are empty', () => {
    expect(lists([]).ignoresAny).toBe(false);
    expect(lists([]).isIgnored({ host: 'a', serverName: 'b' })).toBe(false);
    expect(lists([]).isTcp({ host: 'a', serverName: 'b' })).toBe(false);
  });

  it('take hosts for plain bytes', () => {
    const tcp = lists([], [], ['^db\\.']);
    expect(tcp.isTcp({ host: 'db.example', serverName: undefined })).toBe(true);
    expect(tcp.isTcp({ host: '192.0.2.1', serverName: 'db.example' })).toBe(true);
    expect(tcp.isTcp({ host: 'www.example', serverName: undefined })).toBe(false);
  });

  it('refuse a bad pattern, with a caret at the mistake', () => {
    const attempt = (): HostLists => lists(['a', '(b']);
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(/^ignore_hosts: /);
    expect(attempt).toThrow(expect.objectContaining({ marked: '(b\n^' }) as Error);
    expect(() => lists([], [], ['*'])).toThrow(/^tcp_hosts: /);
  });

  it('refuse both kinds at once', () => {
    expect(() => lists(['a'], ['b'])).toThrow('ignore_hosts and allow_hosts cannot be given together');
  });
});
