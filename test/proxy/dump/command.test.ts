import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readFlowFile } from '../../../src/proxy/storage/flow-file.js';
import { startDaemon } from '../../kit/daemon.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import type { MitmdumpRun, RanMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

const flows = 'fixtures/proxy/flows';

/** Runs it with a configuration directory of its own. */
function run(argv: readonly string[], options?: MitmdumpRun): Promise<RanMitmdump> {
  return runMitmdump(['--confdir', temporaryDirectory(), ...argv], options);
}

/** Runs a proxy until `use`, which is given its port, is done. */
async function serving(
  argv: readonly string[],
  use: (port: number) => Promise<void>,
  options: MitmdumpRun = {},
): Promise<RanMitmdump> {
  const over = new AbortController();
  let used: Promise<void> | undefined;
  let said = '';
  const onOutput = (text: string): void => {
    said += text;
    const port = /listening at 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
    if (port !== undefined) {
      used ??= use(Number(port)).finally(() => {
        over.abort();
      });
    }
  };
  const ran = await run(['-p', '0', ...argv], { signal: over.signal, onOutput, ...options });
  await used;
  return ran;
}

/** Reads a file that it is to write to, by its own name and by that of a link: it is refused, and the file stays. */
async function refused(argv: (read: string, written: string) => string[]): Promise<string> {
  const directory = temporaryDirectory();
  const file = join(directory, 'flows.mitm');
  const link = join(directory, 'link');
  copyFileSync(`${flows}/basic.mitm`, file);
  symlinkSync(file, link);
  const before = readFileSync(file);
  for (const written of [file, link]) {
    expect(await run(argv(file, written))).toEqual({
      ...{ status: 1, out: '' },
      err: `mitmdump: flows cannot be written to ${written}: it is the file that they are read from\n`,
    });
    expect(readFileSync(file)).toEqual(before);
  }
  return file;
}

/** Resolves once nobody listens on a port any more. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isRefused = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    });
    socket.destroy();
    if (isRefused) return;
  }
}

describe('mitmdump on files', () => {
  it('reads one into another, those that match', async () => {
    const out = join(temporaryDirectory(), 'new', 'out.mitm');
    const { status, out: printed, err } = await run(['-nr', `${flows}/basic.mitm`, '-w', out, '~m post']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(printed).toMatch(
      /^Only processing flows that match "~m post"\n127\.0\.0\.1:\d+: POST .*\n +<< 200 OK 86b\n$/,
    );
    const kept = [];
    for await (const flow of readFlowFile(out)) kept.push(flow);
    expect(kept).toHaveLength(1);
  });

  it('gives the good flows of a damaged file, the error, and 1', async () => {
    const file = join(temporaryDirectory(), 'damaged.mitm');
    copyFileSync(`${flows}/basic.mitm`, file);
    truncateSync(file, 3000);
    const { status, out, err } = await run(['-nr', file]);
    expect(out).toMatch(/GET .*\n +<< 200 OK 86b\n$/);
    expect(err).toMatch(/damaged\.mitm cannot be read: .* at byte 1920: .*\n$/);
    expect(status).toBe(1);
  });

  it.each([
    ['-w', ''],
    ['-w', '+'],
    ['--hardump', ''],
  ])('does not read what it writes to with %s %s', async (flag, mark) => {
    const file = await refused((read, written) => ['-nr', read, flag, mark + written]);
    const other = join(dirname(file), 'other');
    expect(await run(['-nqr', file, flag, mark + other])).toEqual({ status: 0, out: '', err: '' });
    expect(existsSync(other)).toBe(true);
  });

  it.each([
    ['-S', '-w'],
    ['-C', '-w'],
    ['-S', '--hardump'],
  ])('does not empty what it replays with %s and %s', async (reads, writes) => {
    await refused((read, written) => ['-n', reads, read, writes, written]);
  });

  it('answers from a recording, and goes on with it', async () => {
    const file = join(temporaryDirectory(), 'flows.mitm');
    copyFileSync(`${flows}/basic.mitm`, file);
    const before = readFileSync(file);
    expect(await serving(['-S', file, '-w', `+${file}`], () => Promise.resolve())).toMatchObject({
      status: 0,
      err: '',
    });
    expect(readFileSync(file)).toEqual(before);
  });

  it('writes no archive over the flows that it writes, whether they are there or not', async () => {
    const directory = temporaryDirectory();
    const [file, fresh] = [join(directory, 'flows.mitm'), join(directory, 'fresh.mitm')];
    copyFileSync(`${flows}/basic.mitm`, file);
    const before = readFileSync(file);
    for (const path of [file, fresh]) {
      for (const mark of ['', '+']) {
        expect(await run(['-n', '-w', mark + path, '--set', `hardump=${path}`])).toEqual({
          ...{ status: 1, out: '' },
          err: `mitmdump: hardump cannot write to ${path}: it is the file that save_stream_file writes to\n`,
        });
      }
    }
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(fresh)).toBe(false);
  });

  it('reads standard input', async () => {
    const { status, out } = await run(['-nr', '-', '~c 418'], { standardInput: readFileSync(`${flows}/basic.mitm`) });
    expect(out).toContain('418');
    expect(status).toBe(0);
  });

  it('goes on when it is told to', async () => {
    const over = new AbortController();
    const ran = run(['-n', '--keepserving', '-r', `${flows}/tcp.mitm`], {
      signal: over.signal,
      // Long after the reading has ended, as long as the program would look for that.
      onOutput: () => void setTimeout(() => over.abort(), 100),
    });
    expect((await ran).status).toBe(0);
    expect(over.signal.aborted).toBe(true);
  });
});

describe('mitmdump as a proxy', () => {
  it('listens, prints, records, and saves when it is ended', async () => {
    const daemon = await startDaemon({ anchors: [['/', "200:b'hello'"]] });
    const file = join(temporaryDirectory(), 'out.mitm');
    const { status, out, err } = await serving(['--mode', `reverse:${daemon.url()}`, '-w', file], async (port) => {
      const response = await fetch(`http://127.0.0.1:${String(port)}/`, { headers: { Connection: 'close' } });
      expect(await response.text()).toBe('hello');
    });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^Proxy server listening at 127\.0\.0\.1:\d+\n127\.0\.0\.1:(\d+): client connect\n/);
    expect(out).toMatch(/127\.0\.0\.1:\d+: server connect 127\.0\.0\.1:\d+\n/);
    expect(out).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/\n +<< 200 OK 5b\n/);
    const kept = [];
    for await (const flow of readFlowFile(file)) kept.push(flow);
    expect(kept).toHaveLength(1);
  });

  it('lets a request that is under way end, and gives the port back before', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => {
        over.abort();
        void untilRefused(Number(own)).then(() => {
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlate');
        });
      });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const over = new AbortController();
    let answer: Promise<string> | undefined;
    let said = '';
    let own: string | undefined;
    const { port } = server.address() as AddressInfo;
    const { status } = await run(['-p', '0', '-m', `reverse:http://127.0.0.1:${String(port)}`], {
      signal: over.signal,
      onOutput: (text) => {
        said += text;
        own = /listening at 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
        if (own !== undefined) answer ??= fetch(`http://127.0.0.1:${own}/`).then((response) => response.text());
      },
    });
    expect(await answer).toBe('late');
    expect(status).toBe(0);
  });

  it('says where each mode listens', async () => {
    const { out } = await serving(['-m', 'regular', '-m', 'socks5'], () => Promise.resolve());
    expect(out).toMatch(/^Proxy server \(regular\) listening at .*\nProxy server \(socks5\) listening at .*\n$/);
  });

  it('leaves the file of another alone when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const file = join(temporaryDirectory(), 'recording');
    writeFileSync(file, 'of another');
    const { status, err } = await run(['-w', file, '-p', String((other.address() as AddressInfo).port)]);
    expect(err).toMatch(/^mitmdump: cannot listen on 127\.0\.0\.1:\d+: the port is in use\n$/);
    expect({ status, text: readFileSync(file, 'utf8') }).toEqual({ status: 1, text: 'of another' });
  });

  it('tells the service manager', async () => {
    const states: string[] = [];
    await serving([], () => Promise.resolve(), {
      notify: (state) => {
        states.push(state);
        return Promise.resolve(state === 'READY=1' ? undefined : 'nobody hears');
      },
    });
    expect(states).toEqual(['READY=1', 'STOPPING=1']);
  });
});

describe('options of mitmdump', () => {
  it('come from the file of the directory, and the command line goes before', async () => {
    const confdir = temporaryDirectory();
    writeFileSync(
      join(confdir, 'config.yaml'),
      'flow_detail: 0\nrfile: fixtures/proxy/flows/tcp.mitm\nserver: false\n',
    );
    expect(await runMitmdump(['--confdir', confdir])).toEqual({ status: 0, out: '', err: '' });
    expect((await runMitmdump(['--confdir', confdir, '--set', 'flow_detail=1'])).out).toContain('tcp');
    expect((await runMitmdump(['--cadir', confdir, '--flow-detail', '1'])).out).toContain('tcp');
    // What is turned round is what the files say; the other name of the file goes before.
    const toggled = await runMitmdump(['--confdir', confdir, '--set', 'server=toggle', '-p', '0']);
    expect(toggled.out).toContain('listening at');
    writeFileSync(join(confdir, 'config.yml'), 'flow_detail: 1\n');
    expect((await runMitmdump(['--confdir', confdir])).out).toContain('tcp');
  });

  it('are refused by name and place', async () => {
    const confdir = temporaryDirectory();
    const path = join(confdir, 'config.yaml');
    writeFileSync(path, 'flow_detail: {}\n');
    expect((await runMitmdump(['-n', '--confdir', confdir])).err).toMatch(
      /^mitmdump: .*config\.yaml: line 1: this is more than .*\n$/,
    );
    writeFileSync(path, 'anticash: true\n');
    expect((await runMitmdump(['-n', '--confdir', confdir])).err).toMatch(
      /^mitmdump: .*config\.yaml: unknown option anticash, did you mean anticache\?\n$/,
    );
    writeFileSync(path, 'flow_detail: x\n');
    expect((await runMitmdump(['-n', '--confdir', confdir])).err).toMatch(
      /^mitmdump: .*config\.yaml: flow_detail takes/,
    );
    for (const [text, message] of [
      ['flow_detail: [1]', 'flow_detail takes a whole number from 0 to 4, not a list'],
      ['flow_detail: null', 'flow_detail needs a value: flow_detail=VALUE'],
      ['rfile: []', 'rfile takes text, not a list'],
      ['anticache: null', 'anticache needs a value: true or false'],
      ['anticache:', 'anticache needs a value: true or false'],
    ] as const) {
      writeFileSync(path, text);
      expect(await runMitmdump(['-n', '--confdir', confdir])).toMatchObject({ err: `mitmdump: ${path}: ${message}\n` });
    }
    mkdirSync(join(confdir, 'sub', 'config.yaml'), { recursive: true });
    expect((await runMitmdump(['-n', '--confdir', join(confdir, 'sub')])).err).toMatch(/config\.yaml cannot be read: /);
  });

  it.each([
    [['--set', 'flow_detal=2'], 'unknown option flow_detal, did you mean flow_detail?'],
    [['--set', 'flow_detail'], 'flow_detail needs a value: flow_detail=VALUE'],
    [['--mode', 'bogus'], ''],
    [['--set', '=2'], 'a setting has a name: NAME or NAME=VALUE'],
    [['--set', 'save_stream_filter=~zz'], "Invalid filter expression: '~zz'"],
    [['--palette', 'dark'], '--palette of mitmproxy 1.0 is gone: it is of the console'],
    [['-r'], '--rfile needs a value: PATH'],
    [['--port'], '--port needs a value: PORT'],
    [['--replace'], '--replace needs a value: RULE'],
    [['-p', '99999'], '--listen-port takes a whole number from 0 to 65535, not "99999"'],
    [['~zz'], "Invalid filter expression: '~zz'"],
    [['-w', 'package.json/x'], 'flows cannot be written to package.json/x'],
  ])('%j is an error', async (argv, message) => {
    const { status, err } = await run(['-n', ...argv]);
    expect(err).toMatch(/^mitmdump: /);
    expect(err).toContain(message);
    expect(status).toBe(1);
  });

  it('of other programs of mitmproxy do nothing; what is said of them is said on the command line', async () => {
    const confdir = temporaryDirectory();
    writeFileSync(join(confdir, 'config.yaml'), 'console_palette: dark\nweb_columns:\n- path\nhttp3: false\n');
    const file = ['-nqr', `${flows}/tcp.mitm`];
    expect(await runMitmdump(['--confdir', confdir, '--set', 'view_order=size', ...file])).toEqual({
      status: 0,
      out: '',
      err: [
        'mitmdump: view_order does nothing here: it is for the interfaces of mitmproxy\n',
        'mitmdump: http3 does nothing here: HTTP/3 is not proxied\n',
      ].join(''),
    });
  });

  it('of any kind refuse what they do not take, in a line without a trace', async () => {
    const { out } = await run(['--options']);
    const wrong: Readonly<Record<string, string>> = {
      ...{ mode: 'bogus', certs: '/nope', client_certs: '/nope', scripts: '/nope.ts', connect_addr: 'nope' },
      ...{ ssl_verify_upstream_trusted_ca: '/nope', ssl_verify_upstream_trusted_confdir: '/nope' },
      ...{ ciphers_client: 'nope', ciphers_server: 'nope', tls_ecdh_curve_client: 'nope' },
      ...{ tls_ecdh_curve_server: 'nope', ignore_hosts: '(', allow_hosts: '(', tcp_hosts: '(', verbose_pattern: '(' },
      ...{
        proxyauth: 'nope',
        upstream_auth: 'nope',
        block_list: '/~q',
        client_replay: '/nope',
        server_replay: '/nope',
      },
      ...{ map_remote: '/(/x', map_local: '/x//nope', modify_body: '/(/x', modify_headers: '/~zz/x/y' },
      ...{ replacements: '/~q/(/x', stickyauth: '~zz', stickycookie: '~zz', intercept: '~zz', dumper_filter: '~zz' },
      ...{ readfile_filter: '~zz', save_stream_filter: '~zz', save_stream_file: 'package.json/x', rfile: '/nope' },
      hardump: 'package.json/x',
    };
    // Any text will do, or is looked at when it is needed.
    const anything = ['confdir', 'cert_passphrase', 'listen_host', 'onboarding_host', 'dumper_default_contentview'];
    const names = (name: string): boolean => /^server_replay_(?:ignore_\w*params|use_headers)$/.test(name);
    for (const [, name = ''] of out.matchAll(/^(\w+):/gm)) {
      if (anything.includes(name) || names(name)) continue;
      // It is the one that is looked at when the program runs.
      const ends = name === 'rfile';
      const ran = await run(['-nq', '--set', `${name}=${wrong[name] ?? '?'}`], { ends });
      expect([name, ran.status, ran.out]).toEqual([name, 1, '']);
      expect(ran.err, name).toMatch(/^[^\n]+\n(?:[^\n]*\n *\^+\n)?$/);
    }
  });

  it('begins no file when an option is wrong', async () => {
    const file = join(temporaryDirectory(), 'out');
    await run(['-n', '-w', file, '--set', 'nope=1']);
    expect(existsSync(file)).toBe(false);
  });

  it('are shown with their defaults, and can be read as they are shown', async () => {
    const { out, status } = await run(['--options']);
    expect(status).toBe(0);
    expect(out).toMatch(/\n# [^\n]+\nflow_detail: 1\n/);
    expect(out).toContain('mode:\n- regular\n');
    expect(out).toContain('\nconfdir: "~/.mitmproxy"\n');
    const confdir = temporaryDirectory();
    writeFileSync(
      join(confdir, 'config.yaml'),
      `${out.replace('server: true', 'server: false').replace(/^confdir:.*$/m, '')}`,
    );
    expect(await runMitmdump(['--confdir', confdir, '-r', `${flows}/dns.mitm`])).toMatchObject({ status: 0, err: '' });
  });

  it('has help, a version and commands', async () => {
    expect((await run(['-h'])).out).toMatch(/^usage: mitmdump /);
    expect((await run(['--version'])).out).toMatch(/^mitmdump \d+\.\d+\.\d+\n/);
    expect((await run(['--commands'])).out).toContain('\nreplay.client ');
  });
});
