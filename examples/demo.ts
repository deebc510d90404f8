/**
 * A tour of pathod: real clients against crafted responses, a client that misbehaves, and a test that
 * uses the fixture. It ends by itself.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Daemon } from 'pathod';
import { parseResponse, Random } from 'pathod/language';
import { startVitest } from 'vitest/node';

const pathoc = fileURLToPath(new URL('../dist/pathoc/main.js', import.meta.url));
const isTerminal = process.stdout.isTTY && !process.env['NO_COLOR'];

function paint(code: string, text: string): string {
  return isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text;
}

function heading(text: string): void {
  console.log(`\n${paint('1;36', text)}`);
}

function show(text: string): void {
  console.log(text.trimEnd().replace(/\r/g, '').replace(/^/gm, '    '));
}

/** Runs a program, its output shown under the command; false when there is no such program. */
async function run(title: string, command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => (output += text));
  }
  const found = await new Promise<boolean>((resolve) => {
    child.on('error', () => {
      resolve(false);
    });
    child.on('close', (status) => {
      output += status === 0 ? '' : paint('2', `(exit status ${String(status)})\n`);
      resolve(true);
    });
  });
  if (!found) return false;
  show(paint('2', `$ ${title}`));
  show(output.replace(/\r\n/g, '\n').replace(/[^\n\x1b\x20-\x7e]/g, '.'));
  return true;
}

async function fetched(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    return `${String(response.status)} ${response.statusText}, ${String((await response.arrayBuffer()).byteLength)} bytes`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return `${String(error)}${cause}`;
  }
}

const daemon = await Daemon.start({
  seed: 'demo',
  anchors: [['/greeting', "200:c'text/plain':b'Hello from an anchor.\\n'"]],
});
const address = `127.0.0.1:${String(daemon.port)}`;
console.log(`A pathod listens on ${address}. What it answers is spelled out in each URL, byte by byte.`);

heading('fetch meets a spec at a time');
for (const [spec, about] of [
  ["200:b'hello'", 'a plain answer'],
  ['200:b@100k', '100 KiB of random bytes'],
  ['200:b@100k:d5000', 'the connection closed after 5000 bytes'],
  ["200:b'hello':h'Content-Length'='4'", 'a body longer than it says'],
  ["200:b'x':pr,f", 'a hang at a random place; fetch gives up after a second'],
  ['200:b@100:i5,@5', 'five random bytes injected into the status line'],
  ["299:m'Something of your own'", 'a code and a reason that nobody registered'],
] as const) {
  show(`${paint('33', spec)}  ${paint('2', about)}\n  ${await fetched(daemon.p(spec))}`);
}

heading('curl, if it is installed');
for (const [title, path] of [
  [`curl -si http://${address}/greeting`, daemon.url('/greeting')],
  [`curl -si http://${address}/p/418:m'Short and stout'`, daemon.p("418:m'Short and stout'")],
] as const) {
  if (!(await run(title, 'curl', ['-si', '--max-time', '5', path]))) show('curl is not installed here');
}

heading('pathoc, the twin, sends what no client should');
for (const specs of [
  ['get:/greeting'],
  [`'GEHEIM':"/p/200:b'hi'":h'X\\x00'='\\xff':b@10k`],
  ["get:/p/:s'401:ir,@1'", '-e', '--seed', '7'],
  ['ws:/', `wf:f'wf:fin:b"sent back"'`, '-t', '0.3'],
  ['get:/:q'],
]) {
  await run(
    `pathoc ${address} ${specs.map((spec) => (/^[-\w.]+$/.test(spec) ? spec : JSON.stringify(spec))).join(' ')}`,
    process.execPath,
    [
      pathoc,
      ...specs.filter((word) => /^-|^[\d.]+$/.test(word)),
      address,
      ...specs.filter((word) => !/^-|^[\d.]+$/.test(word)),
    ],
  );
}

heading("a fuzz run against Node's own server: only what is not answered with 200 is printed");
const victim = createServer((_request, response) => response.end('fine'));
await new Promise<void>((resolve) => victim.listen(0, '127.0.0.1', resolve));
const victimAddress = `127.0.0.1:${String((victim.address() as AddressInfo).port)}`;
const fuzz = ['-e', '-I', '200', '-t', '0.3', '-n', '12', '--seed', '3', '--no-timestamps'];
await run(`pathoc ${fuzz.join(' ')} ${victimAddress} get:/:b@10:ir,@1`, process.execPath, [
  pathoc,
  ...fuzz,
  victimAddress,
  'get:/:b@10:ir,@1',
]);
victim.closeAllConnections();
victim.close();

heading('from spec to wire, with a seed');
const [message] = parseResponse('200:b@8,ascii_letters:dr:h@4,digits="x"');
const settings = { random: Random.fromSeed(42) };
show(`written   ${message?.spec ?? ''}`);
show(`resolved  ${message?.resolve(settings).spec ?? ''}`);
show(`frozen    ${message?.freeze(settings).spec ?? ''}`);

heading('what the daemon logged, newest first');
for (const record of daemon.log().slice(0, 3)) show(JSON.stringify(record).slice(0, 150));
await daemon.stop();

heading('a Vitest test that uses the Daemon fixture: examples/vitest');
const vitest = await startVitest(
  'test',
  [],
  { root: fileURLToPath(new URL('vitest', import.meta.url)), watch: false, reporters: ['verbose'], config: false },
  { resolve: { alias: { pathod: fileURLToPath(new URL('../dist/index.js', import.meta.url)) } } },
);
await vitest.close();
console.log(`\n${paint('1;36', 'That was it.')} docs/language.md has the whole language; npm test runs the tests.`);
