import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../../src/version.js';
import { startDaemon } from '../../kit/daemon.js';
import { notifySocket } from '../../kit/notify-socket.js';
import { runProgram } from '../../kit/program.js';
import type { Running } from '../../kit/program.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

// The program itself, as a process: what can only be seen from outside.

const listening = /listening at 127\.0\.0\.1:(\d+)\n/;

function mitmdump(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const confdir = temporaryDirectory();
  return runProgram('proxy/dump/main.ts', ['--confdir', confdir, ...argv], { env: { ...process.env, ...env } });
}

describe('the program mitmdump', { timeout: 60_000 }, () => {
  it('listens, records, and ends by a signal with what it has', async () => {
    const daemon = await startDaemon({ anchors: [['/', "200:b'hello'"]] });
    const file = join(temporaryDirectory(), 'out.mitm');
    const program = mitmdump(['-p', '0', '--mode', `reverse:${daemon.url()}`, '-w', file]);
    const [, port = ''] = await program.until(listening);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    program.child.kill('SIGTERM');
    expect(await program.ended()).toMatchObject({ status: 0, err: '' });
    const read = await mitmdump(['-nr', file]).ended();
    expect(read).toMatchObject({ status: 0, err: '' });
    expect(read.out).toMatch(/GET .*\n +<< 200 OK 5b\n$/);
  });

  it.skipIf(!hasProgram('mitmdump'))('prints of a recording what mitmdump 8.1.1 prints', async () => {
    const file = 'fixtures/proxy/flows/websockets.mitm';
    const theirs = await run('mitmdump', ['--set', `confdir=${temporaryDirectory()}`, '-nr', file, '~u bye']);
    const ours = await mitmdump(['-nr', file, '~u bye'], { COLUMNS: '80' }).ended();
    expect(ours.out).toBe(theirs.stdout);
  });

  it.skipIf(!hasProgram('mitmdump') || !hasProgram('script'))(
    'prints to a terminal what mitmdump 8.1.1 prints there, as wide as it is',
    async () => {
      const ours = [process.execPath, '--import', import.meta.resolve('tsx'), 'src/proxy/dump/main.ts'];
      const file = 'fixtures/proxy/flows/basic.mitm';
      // The environment goes before the terminal.
      const printed = (command: readonly string[], ...argv: readonly string[]): Promise<string> =>
        run('script', [
          '-qec',
          [
            'stty cols 70; unset COLUMNS;',
            ...command,
            '--set',
            `confdir=${temporaryDirectory()}`,
            '-nr',
            file,
            ...argv,
          ].join(' '),
          '/dev/null',
        ]).then(({ stdout }) => stdout);
      const [here, there] = await Promise.all([printed(ours), printed(['mitmdump'])]);
      expect(here).toBe(there);
      expect(here).toContain('\x1b[32m\x1b[1mGET');
      expect(here).toContain('…');
    },
  );

  it.skipIf(!hasProgram('python3'))('tells systemd that it listens, and that it ends', async () => {
    const path = join(temporaryDirectory(), 'notify');
    const socket = await notifySocket(path);
    const program = mitmdump(['-p', '0'], { NOTIFY_SOCKET: path });
    expect(await socket.next()).toBe('READY=1');
    expect(program.out).toMatch(listening);
    program.child.kill('SIGINT');
    expect(await socket.next()).toBe('STOPPING=1');
    expect(await program.ended()).toMatchObject({ status: 0 });
  });

  it.skipIf(!hasProgram('python3'))('runs without a server until it is told to end', async () => {
    const path = join(temporaryDirectory(), 'notify');
    const socket = await notifySocket(path);
    const program = mitmdump(['-n'], { NOTIFY_SOCKET: path });
    expect(await socket.next()).toBe('READY=1');
    // As long as another takes to start and end.
    await mitmdump(['--version']).ended();
    program.child.kill('SIGTERM');
    expect(await program.ended()).toEqual({ status: 0, out: '', err: '' });
  });

  it('ends without a word when its reader has left', async () => {
    const program = mitmdump(['--set', 'flow_detail=4', '-nr', 'fixtures/proxy/flows/basic.mitm']);
    program.child.stdout?.destroy();
    expect(await program.ended()).toMatchObject({ status: 0, err: '' });
  });

  it('tells what is wrong in a line, without a trace', async () => {
    expect(await mitmdump(['--nope']).ended()).toEqual({
      status: 1,
      out: '',
      err: 'mitmdump: unknown option --nope\n',
    });
  });

  it('says its version', async () => {
    const { out, status } = await mitmdump(['--version']).ended();
    expect({ first: out.split('\n')[0], status }).toEqual({ first: `mitmdump ${version}`, status: 0 });
    expect(readFileSync('package.json', 'utf8')).toContain('"mitmdump": "dist/proxy/dump/main.js"');
  });
});
