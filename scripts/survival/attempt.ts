/** One client meets one fault, in a process of its own. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientScript } from './clients.js';
import type { Client } from './clients.js';
import type { Outcome } from './outcome.js';

/** Where a fault is to be met. */
export interface Target {
  readonly url: string;
  /** What is asked for behind it. */
  readonly next: string;
  /** A file with the certificate of the authority to trust. */
  readonly ca?: string | undefined;
}

/**
 * Milliseconds between a success and the next request: what the server sends unasked is there by then, and may
 * be noticed.
 */
const breath = 250;

interface Ran {
  readonly out: string;
  readonly err: string;
  /** Undefined when patience ran out. */
  readonly status: number | null | undefined;
}

/** The variables of this process, without those that lead clients elsewhere. */
function environment(ca: string | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(.*_proxy|NODE_.*)$/i.test(name));
  return { ...Object.fromEntries(own), ...(ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca }) };
}

function run(program: string, argv: readonly string[], patience: number, ca: string | undefined): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(ca) });
    let [out, err, isOver] = ['', '', false];
    const timer = setTimeout(() => {
      isOver = true;
      child.kill('SIGKILL');
    }, patience * 1000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject).on('close', (status) => {
      clearTimeout(timer);
      resolve({ out, err, status: isOver ? undefined : status });
    });
  });
}

/**
 * What comes of it.
 * @param patience seconds, after which it hangs
 */
export function attempt(client: Client, target: Target, patience: number): Promise<Outcome> {
  return client.name === 'curl' ? curl(target, patience) : script(client, target, patience);
}

async function script(client: Client, { url, next, ca }: Target, patience: number): Promise<Outcome> {
  const { out, err, status } = await run(
    process.execPath,
    [clientScript, client.name, String(breath), url, next],
    patience,
    ca,
  );
  // What client.mjs prints.
  const [first, second] = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome);
  const missing: Outcome = status === undefined ? { kind: 'hang' } : crash(lastError(err));
  if (first?.kind !== 'success') return first ?? missing;
  return { ...first, next: second ?? missing };
}

function lastError(err: string): string {
  return /^\w*Error.*$/m.exec(err)?.[0] ?? err.trim().split('\n').at(-1) ?? '';
}

/** What stands behind all that curl tells of a transfer. */
const mark = '\n--- told ---\n';

/** Errors of curl that tell of this machine and not of the peer: a bad URL, no such file, and the like. */
const notOfThePeer: ReadonlySet<string> = new Set(['2', '3', '6', '23', '26', '77']);

/** Behind the others because its answers are files, and its errors numbers. */
async function curl({ url, next, ca }: Target, patience: number): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'survival-'));
  const bodyOf = (name: string): string => join(directory, name);
  const transfer = (name: string, from: string): string[] => [
    ...['-sS', '--compressed', '--rate', `${String(1000 / breath)}/s`],
    ...['-w', `%{exitcode} %{http_code} %{errormsg}\n%{header_json}${mark}`],
    ...(ca === undefined ? [] : ['--cacert', ca]),
    ...['-o', bodyOf(name), from],
  ];
  try {
    const argv = [...transfer('first', url), '--next', ...transfer('next', next)];
    const { out, status } = await run('curl', argv, patience, undefined);
    const told = out.split(mark).slice(0, -1);
    const outcome = (text: string | undefined, name: string): Outcome => {
      if (text === undefined) return status === undefined ? { kind: 'hang' } : crash(`status ${String(status)}`);
      const [, code = '', http = '', message = '', headers = ''] = /^(\d+) (\d+) (.*)\n([^]*)$/.exec(text) ?? [];
      if (notOfThePeer.has(code)) throw new Error(`curl could not begin: ${code} ${message}`);
      if (code !== '0') return { kind: 'error', code: `curl ${code}`, message };
      const body = readBody(bodyOf(name));
      return { ...success(Number(http), body), headers: fields(headers) };
    };
    const first = outcome(told[0], 'first');
    return first.kind === 'success' ? { ...first, next: outcome(told[1], 'next') } : first;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function crash(message: string): Outcome {
  return { kind: 'crash', message };
}

function success(status: number, body: string): Extract<Outcome, { kind: 'success' }> {
  return { kind: 'success', status, headers: {}, body: body.slice(0, 1000), length: body.length };
}

/** A body that is empty has no file. */
function readBody(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Header fields as curl tells them: each with a list of values. */
function fields(json: string): Record<string, string> {
  // What curl documents for %{header_json}.
  const lists = JSON.parse(json) as Record<string, readonly string[]>;
  return Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.join(', ')]));
}
