import { describe, expect, it } from 'vitest';
import { builtInAddons, closingAddons } from '../../../src/proxy/addons/index.js';
import { ReadFile } from '../../../src/proxy/addons/read-file.js';
import { readCommandLine, readSettings, settableIn } from '../../../src/proxy/dump/command-line.js';
import type { CommandLine } from '../../../src/proxy/dump/command-line.js';
import { Dumper } from '../../../src/proxy/dump/dumper.js';
import { KeepServing } from '../../../src/proxy/dump/keep-serving.js';
import { mitmdumpProgram } from '../../../src/proxy/dump/mitmdump-program.js';
import { goneFlags, oldFlags } from '../../../src/proxy/dump/old-flags.js';
import { OptionError } from '../../../src/errors.js';
import { TermLog } from '../../../src/proxy/dump/term-log.js';
import { ManualClock } from '../../kit/manual-clock.js';

const nowhere = { write: () => undefined, isTerminal: false, columns: () => 80 };
const program = mitmdumpProgram([
  ...builtInAddons(() => Promise.reject(new Error('none'))),
  ...[
    new TermLog(nowhere, nowhere),
    new Dumper(nowhere),
    new ReadFile(),
    new KeepServing(new ManualClock(), () => undefined),
  ],
  ...closingAddons(),
]);

function read(...argv: string[]): CommandLine {
  return readCommandLine(program, argv);
}

describe('the command line of mitmdump', () => {
  it('takes flags of all addons, pairs, and short ones that turn off what is on', () => {
    expect(read('-nk', '--no-http2', '--anticache', '-r', 'in', '-wout', '-B', '/a/b', '-B/c/d').values).toEqual({
      ...{ server: false, sslInsecure: true, http2: false, anticache: true, rfile: 'in', saveStreamFile: 'out' },
      modifyBody: ['/a/b', '/c/d'],
    });
  });

  it('takes flags in one word, and the filter for everything that has one', () => {
    const { values, filter } = read('-nr', 'in', '-w', 'out', '~m post');
    expect(values).toMatchObject({ server: false, rfile: 'in', saveStreamFile: 'out', dumperFilter: '~m post' });
    expect(filter).toEqual(['~m post']);
    expect(read('~m', 'get', '~c', '404').values).toEqual({
      dumperFilter: '~m get ~c 404',
      readfileFilter: '~m get ~c 404',
      saveStreamFilter: '~m get ~c 404',
    });
  });

  it('takes the beginning of a name, first of those that mitmdump 8.1.1 has', () => {
    expect(read('--listen-p', '1', '--ssl-i', '--save', 'x', '--stickyc', 'y').values).toEqual({
      ...{ listenPort: 1, sslInsecure: true, saveStreamFile: 'x', stickycookie: 'y' },
    });
    expect(() => read('--server-replay-ignore-p', 'x')).toThrow(
      /^ambiguous option --server-replay-ignore-p, .* --server-replay-ignore-port/,
    );
    expect(() => read('--anticash')).toThrow('unknown option --anticash, did you mean --anticache?');
  });

  it('keeps the items of a list in the order in which they were written, by whatever flags', () => {
    const mixed = read('-C', 'a', '-c', 'b', '-Cc', '-c', 'd', '--tcp', 'x');
    expect(mixed.values).toEqual({ clientReplay: ['a', 'b', 'c', 'd'] });
    expect(mixed.oldSettings).toEqual(['tcp_hosts=x']);
    expect(read('-c', 'b', '-C', 'a').values).toEqual({ clientReplay: ['b', 'a'] });
    expect(read('-H', '/a/b', '--setheader', ':~q:c:d=e', '-H', '/f/g').values).toEqual({
      modifyHeaders: ['/a/b', ':~q:c:d=e', '/f/g'],
    });
    const modes = read('--mode', 'socks5', '-R', 'http://a.test', '-T').values['mode'];
    expect(modes).toMatchObject([{ type: 'socks5' }, { type: 'reverse' }, { type: 'transparent' }]);
    expect(read('--socks', '-U', 'http://a.test', '-R', 'http://b.test').oldSettings).toEqual([
      ...['mode=socks5', 'mode=upstream:http://a.test', 'mode=reverse:http://b.test'],
    ]);
  });

  it('is quiet or tells more, unless that is said more exactly', () => {
    expect(read('-q').values).toEqual({ termlogVerbosity: 'error', flowDetail: 0 });
    expect(read('-v').values).toEqual({ termlogVerbosity: 'debug', flowDetail: 2 });
    expect(read('-v', '--flow-detail', '4').values).toEqual({ termlogVerbosity: 'debug', flowDetail: 4 });
  });

  it('knows options of other programs of mitmproxy, which do nothing', () => {
    const read = readSettings(settableIn(program), [
      'console_palette=dark',
      'view-order=time',
      'http3=false',
      'web_prt=1',
    ]);
    expect(read).toEqual({ values: {}, unknown: ['web_prt=1'], absent: ['console_palette', 'view_order', 'http3'] });
  });

  it('takes an empty value for none where there need be none', () => {
    const options = settableIn(program);
    const { values } = readSettings(options, ['proxyauth=', 'body_size_limit', 'listen_port=', 'connect_addr=']);
    expect(values).toEqual({
      ...{ proxyauth: undefined, bodySizeLimit: undefined, listenPort: undefined, connectAddr: undefined },
    });
    expect(readSettings(options, ['listen_host=']).values).toEqual({ listenHost: '' });
    for (const setting of ['flow_detail=', 'body_size_limit=', 'anticache=', '=3', '']) {
      expect(() => readSettings(options, [setting])).toThrow(OptionError);
    }
  });

  it('stops at what stands alone', () => {
    expect(read('--version', '--nope').standalone).toBe('version');
    expect(read('-h').standalone).toBe('help');
    expect(read('--options').standalone).toBe('options');
  });

  it('leaves settings to whoever declares the options', () => {
    const options = settableIn(program);
    expect(readSettings(options, ['flow_detail=3', 'anticache', 'http2=toggle', 'mine=1', 'mine'])).toEqual({
      values: { flowDetail: 3, anticache: true, http2: false },
      unknown: ['mine=1', 'mine'],
      absent: [],
    });
    expect(() => readSettings(options, ['flow_detail=x'])).toThrow(
      'flow_detail takes a whole number from 0 to 4, not "x"',
    );
  });
});

describe('flags of mitmproxy 1.0', () => {
  it.each([
    [['-R', 'http://a'], ['mode=reverse:http://a']],
    [['-R', 'https2http://a'], ['mode=reverse:http://a']],
    [['-U', 'http://a:1'], ['mode=upstream:http://a:1']],
    [['-T'], ['mode=transparent']],
    [
      ['--socks', '-b', '::'],
      ['mode=socks5', 'listen_host=::'],
    ],
    [['-a', 'x'], ['save_stream_file=+x']],
    [['-c', 'x'], ['client_replay=x']],
    [
      ['-t', '~q', '-u', '.'],
      ['stickycookie=~q', 'stickyauth=.'],
    ],
    [
      ['--stream', '3m', '--host'],
      ['stream_large_bodies=3m', 'showhost=true'],
    ],
    [
      ['--rheader', 'a', '--rheader', 'b'],
      ['server_replay_use_headers=a', 'server_replay_use_headers=b'],
    ],
    [['--norefresh'], ['server_replay_refresh=false']],
    [['--nonanonymous'], ['proxyauth=any']],
    [['--htpasswd', 'x'], ['proxyauth=@x']],
    [['--setheader', '/~q/Host/@a'], ['modify_headers=/~q/Host/\\x40a']],
    [['--replace-from-file', ':~s:a:x'], ['replacements=:~s:a:@x']],
    [
      ['--cadir', 'x', '--cert', 'y', '--insecure'],
      ['certs=y', 'confdir=x', 'ssl_insecure=true'],
    ],
    [['-i', '~q'], ['intercept=~q']],
    [['-dd'], ['flow_detail=2']],
    [['-ddd', '-d'], ['flow_detail=4']],
    [
      ['--ssl-version-client', 'secure'],
      ['tls_version_client_min=TLS1', 'tls_version_client_max=UNBOUNDED'],
    ],
    [
      ['--ssl-version-server', 'TLSv1_2'],
      ['tls_version_server_min=TLS1_2', 'tls_version_server_max=TLS1_2'],
    ],
  ])('%j', (argv, settings) => {
    const { oldSettings, notes } = read(...argv);
    expect([...oldSettings].sort()).toEqual([...settings].sort());
    expect(notes.length).toBeGreaterThan(0);
  });

  it('are noted with what is said today', () => {
    expect(read('-R', 'http://a').notes).toEqual(['-R is a flag of mitmproxy 1.0: today it is --mode reverse:URL']);
    expect(read('-k').notes).toEqual([
      expect.stringMatching(/^-k is --ssl-insecure; .* is --server-replay-extra kill$/),
    ]);
    expect(read('--ssl-insecure').notes).toEqual([]);
  });

  it('lead to options that there are, with values that these take', () => {
    const options = settableIn(program);
    const values: Readonly<Record<string, string>> = {
      ...{ '--reverse': 'http://a', '--upstream': 'http://a', '--port': '1', '--upstream-bind-address': '127.0.0.1' },
      ...{ '--stream': '1', '-Z': '1' },
    };
    for (const { names, takes, settings } of oldFlags) {
      const value = values[names.at(-1) ?? ''] ?? 'TLSv1_2';
      expect(readSettings(options, settings([takes === undefined ? '' : value])).unknown, names.join()).toEqual([]);
    }
  });

  it('say that they are gone', () => {
    for (const name of Object.keys(goneFlags)) {
      expect(() => read('-n', name)).toThrow(`${name} of mitmproxy 1.0 is gone: `);
    }
  });
});
