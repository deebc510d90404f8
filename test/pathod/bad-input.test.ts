import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { command } from '../../src/pathod/command.js';
import { runProgram } from '../kit/program.js';

/** Carries a command line out that cannot be: everything that it says, and its status. */
async function refused(...argv: string[]): Promise<{ status: number; text: string }> {
  let text = '';
  const status = await command(argv, {
    out: new PassThrough(),
    signal: AbortSignal.timeout(5000),
    warn: (line) => {
      text += line;
    },
    startInBackground: () => Promise.reject(new Error('not asked for')),
    say: (report) => {
      text += report.text;
      return Promise.resolve();
    },
  });
  return { status, text };
}

const directory = mkdtempSync(join(tmpdir(), 'pathod-test-'));
const none = join(directory, 'none');
const bad = join(directory, 'bad.spec');
writeFileSync(bad, "200\n:b'x'\n:q\n");
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const sizes = '--limit-size takes a whole number of bytes with an optional unit (b, k, m, g, t)';

describe('bad input is one line, and the place where there is one', () => {
  test.each<[string[], string]>([
    [['--nope'], 'unknown option --nope'],
    [['--nohanf'], 'unknown option --nohanf, did you mean --nohang?'],
    [['-p', 'x'], '--port takes a whole number from 0 to 65535, not "x"'],
    [['-p', '65536'], '--port takes a whole number from 0 to 65535, not "65536"'],
    [['-p'], '--port needs a value: a whole number from 0 to 65535'],
    [['operand'], 'unexpected argument "operand"'],
    [['-a', 'x'], 'Invalid anchor specification: x (an anchor is written PATTERN=SPEC)'],
    [['-a', '/[=200'], 'Invalid regex in anchor: /[ (Unterminated character class)'],
    [['-a', '(=200'], 'Invalid regex in anchor: ( (Unterminated group)'],
    [['-a', '/a: /(=200'], 'Invalid regex in anchor: /a: /( (Unterminated group)'],
    [['--anchors', '/x=200:q'], 'Invalid spec in anchor /x: "q" cannot stand here in a response\n200:q\n    ^'],
    [['-l', ''], 'address takes an address or a host name, not an empty text (every address is 0.0.0.0 or ::)'],
    [['--seed', ''], 'seed takes a number or a text, not an empty one'],
    [['-c', 'p/'], 'the craft prefix begins with "/" and holds printable ASCII characters only, no spaces, not "p/"'],
    [['-a', '/x=200:q'], 'Invalid spec in anchor /x: "q" cannot stand here in a response\n200:q\n    ^'],
    [['-a', '/x=200:b"é"'], 'Invalid spec in anchor /x: Spec must be valid ASCII.\n200:b"é"\n      ^'],
    [['-a', `/x=${bad}`], `Invalid spec in anchor /x: ${bad}, line 3: "q" cannot stand here in a response\n:q\n ^`],
    [['-a', '/x=200:b<x'], 'Invalid spec in anchor /x: File access disabled.'],
    [['-d', directory, '-a', '/x=200:b<x'], 'Invalid spec in anchor /x: File not readable: x'],
    [['-d', none], `static directory ${none} cannot be read: No such file or directory`],
    [['-d', bad], `static directory ${bad} is not a directory`],
    [['--limit-size', '1x'], `Invalid size specification. ${sizes}, not "1x"`],
    [['-t', '-1'], '--timeout takes a number of at least 0.001, not "-1"'],
    [['-f', join(none, 'log')], `cannot write to log file ${join(none, 'log')}: No such file or directory`],
    [
      ['-p', '0', '--pid-file', join(none, 'pid')],
      `cannot write pid file ${join(none, 'pid')}: No such file or directory`,
    ],
  ])('%j', async (argv, message) => {
    const { status, text } = await refused(...argv);
    expect({ status, text }).toEqual({ status: 2, text: `pathod: ${message}\n` });
  });

  test('an anchor cannot command a terminal', async () => {
    expect((await refused('-a', '/\x1b[2J=200:\x1b')).text).not.toContain('\x1b');
  });

  test('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    // A server that listens on TCP has an AddressInfo.
    const port = String((server.address() as AddressInfo).port);
    expect(await refused('-p', port)).toEqual({
      status: 1,
      text: `pathod: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
    });
  });

  test('an unknown host', async () => {
    const { status, text } = await refused('-p', '0', '-l', 'nowhere.invalid');
    expect(status).toBe(1);
    expect(text).toMatch(/^pathod: cannot listen on nowhere\.invalid:0: .*\n$/);
  });

  test('seen from outside', async () => {
    const { status, out, err } = await runProgram('pathod/main.ts', ['-a', '/x=200:q']).ended();
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^pathod: Invalid spec in anchor \/x: .*\n200:q\n {4}\^\n$/);
  });
});
