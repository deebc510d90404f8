import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { version } from '../../src/version.js';
import { connect } from '../kit/connect.js';
import { get } from '../kit/daemon.js';
import { runProgram } from '../kit/program.js';
import type { Running } from '../kit/program.js';

// The program itself, as a process: what can only be seen from outside.

const listening = /listening on \('127\.0\.0\.1', (\d+)\)\n/;

function pathod(...argv: string[]): Running {
  return runProgram('pathod/main.ts', argv);
}

/** Starts it and waits until it listens. */
async function started(...argv: string[]): Promise<Running & { readonly url: string; readonly port: number }> {
  const program = pathod('-p', '0', ...argv);
  const port = Number((await program.until(listening))[1]);
  return Object.assign(program, { url: `http://127.0.0.1:${String(port)}`, port });
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'pathod-test-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** Whether a process is there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('pathod', { timeout: 60_000 }, () => {
  test('says where it listens and with what seed, serves, logs, and ends by a signal', async () => {
    const program = await started('-a', "/greeting=200:b'hello'", '-e', '--seed', '7');
    expect(await (await fetch(`${program.url}/greeting`)).text()).toBe('hello');
    const drawn = await (await fetch(`${program.url}/p/200:b@8,digits`)).text();
    await program.until(/Spec: 200:b'\d/);
    program.child.kill('SIGTERM');
    const { status, out, err } = await program.ended();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /gm, '(time) ')).toBe(
      `pathod ${version} listening on ('127.0.0.1', ${String(program.port)})\n` +
        'seed 7 (for the same data again: --seed 7)\n' +
        "(time) crafting spec: 200:b'hello'\n>> Spec: 200:b'hello':h'Content-Length'='5'\n" +
        `(time) crafting spec: 200:b@8,digits\n>> Spec: 200:b'${drawn}':h'Content-Length'='8'\n`,
    );
  });

  test('SIGINT ends it at once, with answers that pause and clients that do not read', async () => {
    const program = await started();
    const pausing = await connect(program.port);
    await pausing.send(get('/p/200:p5,f')).until(5);
    const stalled = await connect(program.port);
    stalled.socket.pause();
    stalled.send(get('/p/200:b@1g'));
    program.child.kill('SIGINT');
    expect((await program.ended()).status).toBe(0);
  });

  test('more signals than one end it no worse', async () => {
    const program = await started();
    const over = once(program.child, 'exit');
    const timer = setInterval(() => program.child.kill('SIGINT'), 1);
    await over;
    clearInterval(timer);
    expect({ status: program.child.exitCode, signal: program.child.signalCode }).toEqual({ status: 0, signal: null });
  });

  test('tells no seed where nothing is left to chance', async () => {
    const program = await started('--nocraft', '-a', "/x=200:b'x'");
    program.child.kill('SIGTERM');
    expect((await program.ended()).out).toBe(`pathod ${version} listening on ('127.0.0.1', ${String(program.port)})\n`);
  });

  test.runIf(existsSync('/dev/full'))(
    'a log on a full disk is told once, and ends neither it nor the answers',
    async () => {
      const program = await started('-f', '/dev/full');
      for (let i = 0; i < 3; i++) expect((await fetch(`${program.url}/p/204`)).status).toBe(204);
      program.child.kill('SIGTERM');
      const { status, err } = await program.ended();
      expect({ status, err }).toEqual({
        status: 1,
        err: 'pathod: cannot write to log file /dev/full: No space left on device; it ends here\n',
      });
    },
  );

  test.runIf(existsSync('/dev/full'))('output to a full disk is told once', async () => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => {
      closeSync(full);
    });
    const options = { stdio: ['ignore', full, 'pipe'] as const };
    const help = runProgram('pathod/main.ts', ['--help'], { stdio: [...options.stdio] });
    const told = 'pathod: cannot write to standard output: No space left on device\n';
    expect(await help.ended()).toEqual({ status: 1, out: '', err: told });
    const daemon = runProgram('pathod/main.ts', ['-p', '0'], { stdio: [...options.stdio] });
    if (daemon.child.stderr) await once(daemon.child.stderr, 'data');
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended()).toEqual({ status: 1, out: '', err: told });
  });

  test('the pid file of a process that runs is left alone', async () => {
    const pidFile = join(folder(), 'pid');
    writeFileSync(pidFile, `${String(process.pid)}\n`);
    expect(await pathod('-p', '0', '--pid-file', pidFile).ended()).toEqual({
      status: 2,
      out: '',
      err: `pathod: pid file ${pidFile} names process ${String(process.pid)}, which is still running\n`,
    });
    expect(readFileSync(pidFile, 'utf8')).toBe(`${String(process.pid)}\n`);
  });

  test.each(['4194999', 'no number', '0', ''])('a pid file that holds %j is overwritten', async (left) => {
    const pidFile = join(folder(), 'pid');
    writeFileSync(pidFile, left);
    const program = await started('--pid-file', pidFile);
    expect(readFileSync(pidFile, 'utf8')).toBe(`${String(program.child.pid)}\n`);
    program.child.kill('SIGTERM');
    expect((await program.ended()).status).toBe(0);
    expect(existsSync(pidFile)).toBe(false);
  });

  test('all options of the log at once', async () => {
    const directory = folder();
    writeFileSync(join(directory, 'body'), 'from a file');
    const log = join(directory, 'log');
    const program = await started(
      '-d',
      directory,
      '-c',
      '/craft/',
      '-t',
      '30',
      '-qrx',
      '-f',
      log,
      '--log-records',
      '3',
    );
    expect(await (await fetch(`${program.url}/craft/200:b<body`)).text()).toBe('from a file');
    await program.until(/Bytes read:\n\t0000000000 47 45 54 20/);
    program.child.kill('SIGTERM');
    const { out } = await program.ended();
    expect(out).toContain('Bytes written:\n\t0000000000 48 54 54 50');
    expect(out.endsWith(readFileSync(log, 'utf8'))).toBe(true);
    expect(readFileSync(log, 'utf8')).toMatch(/^seed \d+ \(for the same data again: --seed \d+\)\n/);
    expect(readFileSync(log, 'utf8')).toContain('crafting spec: 200:b<');
  });

  test('a reader of its log that stops reading holds nothing up', async () => {
    const program = await started('-q');
    program.child.stdout?.pause();
    const answer = await fetch(`${program.url}/p/200:b@10`);
    expect(answer.status).toBe(200);
    const client = await connect(program.port);
    const request = get('/p/204', `X: ${'x'.repeat(20_000)}`);
    for (let i = 0; i < 400; i++) client.send(request);
    await client.until(
      (received) => received.length >= 400 * 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'.length,
    );
    program.child.kill('SIGTERM');
    await once(program.child, 'exit');
    expect(program.child.exitCode).toBe(0);
  });

  test('a reader of its log that leaves does not end it', async () => {
    const program = await started();
    program.child.stdout?.destroy();
    for (let i = 0; i < 3; i++) expect((await fetch(`${program.url}/p/204`)).status).toBe(204);
    program.child.kill('SIGTERM');
    await once(program.child, 'exit');
    expect(program.child.exitCode).toBe(0);
  });

  test('--help shows the options in groups, --version the version', async () => {
    const help = await pathod('--help').ended();
    expect(help).toMatchObject({ status: 0, err: '' });
    expect(help.out).toMatch(/^usage: pathod \[-p PORT\]/);
    for (const text of [
      '\nOptions:\n',
      '\nControlling logging:\n',
      '--limit-size SIZE',
      '-a PATTERN=SPEC',
      '-D, --daemonize',
    ]) {
      expect(help.out).toContain(text);
    }
    expect(await pathod('--version').ended()).toEqual({ status: 0, out: `pathod ${version}\n`, err: '' });
  });
});

describe('in the background', { timeout: 60_000 }, () => {
  test('it returns when it listens, and goes on', async () => {
    const directory = folder();
    const pidFile = join(directory, 'pid');
    const log = join(directory, 'log');
    const parent = pathod('-D', '-p', '0', '--pid-file', pidFile, '-f', log, '-a', '/x=204');
    const { status, out, err } = await parent.ended();
    const pid = Number(readFileSync(pidFile, 'utf8'));
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const port = listening.exec(out)?.[1] ?? '';
    expect((await fetch(`http://127.0.0.1:${port}/x`)).status).toBe(204);
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(existsSync(pidFile)).toBe(false);
    expect(readFileSync(log, 'utf8')).toMatch(/^seed \d+ .*\n.* crafting spec: 204\n$/);
  });

  test.each<[string[], number, RegExp]>([
    [['-a', '/x=200:q'], 2, /^pathod: Invalid spec in anchor \/x: .*\n200:q\n {4}\^\n$/m],
    [['-l', '203.0.113.1'], 1, /^pathod: cannot listen on 203\.0\.113\.1:\d+: 203\.0\.113\.1 is not an address/],
  ])('it says why it cannot start: %j', async (argv, status, reason) => {
    const { err, ...rest } = await pathod('-D', ...argv).ended();
    expect(rest).toEqual({ status, out: '' });
    expect(err).toMatch(reason);
    expect(err).not.toContain('    at ');
  });
});
