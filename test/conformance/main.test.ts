import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.js';
import type { CorpusCase } from './corpus.js';
import { main } from './main.js';

const cases = readCorpus(resolve('fixtures/language/corpus.json')).cases as readonly CorpusCase[];

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const ok = cases.find(({ spec }) => spec === '200:r');
  const http2 = cases.find(({ kind }) => kind === 'h2-response');
  const wrong = { ...ok, id: 'x-1', messages: [{ ...ok?.messages?.[0], canonical: '404:r' }] };

  function file(name: string, content: unknown): string {
    const to = join(folder, name);
    writeFileSync(to, typeof content === 'string' ? content : JSON.stringify(content));
    return to;
  }

  async function run(...args: string[]): Promise<{ status: number; out: string[]; err: string[] }> {
    const out: string[] = [];
    const err: string[] = [];
    const status = await main(
      args,
      (line) => out.push(line),
      (line) => err.push(line),
    );
    return { status, out, err };
  }

  it('counts what passed, HTTP/1 and HTTP/2', async () => {
    expect(await run(file('ok.json', [ok, http2]))).toEqual({
      status: 0,
      out: ['2 passed, 0 failed'],
      err: [],
    });
    expect(await run(file('one.json', [ok]), file('two.json', [ok]))).toEqual({
      status: 0,
      out: ['2 passed, 0 failed'],
      err: [],
    });
  });

  it('prints what failed, expected and actual', async () => {
    const { status, out } = await run(file('wrong.json', [ok, wrong]));
    expect(status).toBe(1);
    expect(out).toEqual([
      'x-1: "200:r"',
      '  canonical',
      '    expected 404:r',
      '    actual   200:r',
      '1 passed, 1 failed',
    ]);
  });

  it.each([
    ['is not there', ['nowhere.json'], /^conformance: .*nowhere\.json: cannot be read: /],
    ['is a directory', [folder], /^conformance: .*: cannot be read: /],
    ['is not JSON', [file('text.json', '[1,\n')], /^conformance: .*text\.json: is not JSON: /],
    ['is no array', [file('object.json', {})], /^conformance: .*object\.json: is not a JSON array of cases$/],
    ['holds nothing', [file('empty.json', [])], /^conformance: .*empty\.json: holds no cases$/],
    ['is an option', ['--all'], /^conformance: unknown option --all; usage: /],
  ])('says in one line that a file %s', async (_, args, message) => {
    const { status, out, err } = await run(...args);
    expect({ status, out, lines: err.length }).toEqual({ status: 2, out: [], lines: 1 });
    expect(err[0]).toMatch(message);
  });

  it.each([
    [0, [file('passing.json', [ok, http2])], '2 passed, 0 failed\n', ''],
    [1, [file('failing.json', [wrong])], '0 passed, 1 failed\n', ''],
    [2, [file('broken.json', '{')], '', 'conformance: '],
  ])('exits with status %i', (status, args, end, complaint) => {
    const program = resolve('test/conformance/main.ts');
    const done = spawnSync(process.execPath, ['--import', 'tsx', program, ...args], { encoding: 'utf8' });
    expect(done.status).toBe(status);
    expect(done.stdout.endsWith(end)).toBe(true);
    expect(done.stderr.startsWith(complaint)).toBe(true);
  });
});
