// The examples as mitmdump runs them, in the way that the first line of each says.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFlowFile } from '../../../src/proxy/index.js';
import type { Flow } from '../../../src/proxy/index.js';
import { startDaemon } from '../../kit/daemon.js';
import { dumpProcess } from '../../kit/dump-process.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import type { RanMitmdump } from '../../kit/run-mitmdump.js';
import { startedProxy } from '../../kit/started-proxy.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

const names = readdirSync('examples/addons');

/** The words of the command that an example says it is run by. */
function commandOf(name: string): string[] {
  const [first = ''] = readFileSync(join('examples/addons', name), 'utf8').split('\n');
  const [, command = ''] = /^\/\/ [A-Z].*\. Run: mitmdump (.*)$/.exec(first) ?? [];
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** Files by the names that stand for them in those commands. */
async function files(): Promise<Readonly<Record<string, string>>> {
  const directory = temporaryDirectory();
  const list = join(directory, 'list');
  writeFileSync(list, '');
  return { 'recorded.flows': await recorded(), 'clean.flows': join(directory, 'clean.flows'), FILE: list };
}

/** A file of a flow with secrets. */
async function recorded(): Promise<string> {
  const daemon = await startDaemon({ anchors: [['/', "200:b'x':h'Set-Cookie'='id=secret'"]] });
  const { proxy } = await startedProxy({ mode: `reverse:${daemon.url('/')}` });
  const headers = { Authorization: 'Bearer secret', 'X-Other': 'kept' };
  const body = new URLSearchParams({ user: 'ada', password: 'secret' });
  await (await fetch(`${proxy.url}/a?token=secret&page=1`, { method: 'POST', headers, body })).text();
  const file = join(temporaryDirectory(), 'recorded.flows');
  await proxy.save(file);
  return file;
}

/** Runs the command of an example. */
async function runCommand(name: string, given: Readonly<Record<string, string>>): Promise<RanMitmdump> {
  const words = commandOf(name).map((word) => word.replace(/[\w.]+$/, (end) => given[end] ?? end));
  return runMitmdump([...words, '-p', '0'], { ends: words.includes('-n') });
}

test('each has a test', () => {
  const tests = readdirSync('test/examples/addons').filter((file) => file.endsWith('.test.ts'));
  const text = tests.map((file) => readFileSync(join('test/examples/addons', file), 'utf8')).join('');
  expect(names.filter((name) => !text.includes(`test('${name}`) && !text.includes(`describe('${name}`))).toEqual([]);
});

test('each runs as its first line says', { timeout: 60_000 }, async () => {
  const given = await files();
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    expect(commandOf(name)).toContain(`examples/addons/${name}`);
    const { status, out, err } = await runCommand(name, given);
    expect({ name, status, out: out.match(/error.*/i), err }).toEqual({ name, status: 0, out: null, err: '' });
  }
});

test('redact.ts', async () => {
  const given = await files();
  expect(readFileSync(given['recorded.flows'] ?? '', 'latin1')).toContain('secret');
  expect(await runCommand('redact.ts', given)).toMatchObject({ status: 0, err: '' });
  expect(readFileSync(given['clean.flows'] ?? '', 'latin1')).not.toContain('secret');
  const flows: Flow[] = [];
  for await (const flow of readFlowFile(given['clean.flows'] ?? '')) flows.push(flow);
  expect(flows).toMatchObject([{ request: { path: '/a?token=REDACTED&page=1', text: 'user=ada&password=REDACTED' } }]);
  const [flow] = flows;
  if (flow?.type !== 'http') throw new Error('there is no flow');
  const { request, response } = flow;
  expect(request.headers.get('authorization')).toBe('REDACTED');
  expect(request.headers.get('x-other')).toBe('kept');
  expect(response?.headers.get('set-cookie')).toBe('REDACTED');
});

test('a process serves with two of them', async () => {
  const daemon = await startDaemon({ anchors: [['/', "200:c'text/html':b'<body>hello'"]] });
  const scripts = ['add-header.ts', 'inject-html.ts'].flatMap((name) => ['-s', join('examples/addons', name)]);
  const program = await dumpProcess('--mode', `reverse:${daemon.url('/')}`, ...scripts);
  const response = await fetch(program.url);
  expect(response.headers.get('x-proxied-by')).toBe('pathod');
  expect(await response.text()).toMatch(/^<body><p.*proxy.*hello$/);
  expect(await program.stop()).toMatchObject({ status: 0, err: '' });
});
