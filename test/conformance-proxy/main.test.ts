import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { differences } from './differences.js';
import { main } from './main.js';

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

/** A directory with one file of vectors. */
function vectors(name: string, ...cases: unknown[]): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'vectors'));
  writeFileSync(join(directory, 'vectors', `${name}.json`), JSON.stringify({ cases }));
  return directory;
}

describe('the conformance of the proxy', () => {
  it('is complete for the corpora of this repository', async () => {
    const { status, out, err } = await run();
    // Not even one is passed over.
    expect(out.slice(0, -1)).toEqual([]);
    expect(out.at(-1)).toMatch(/^\d{4} passed, 0 failed$/);
    expect({ status, err }).toEqual({ status: 0, err: [] });
  });

  it('prints what fails, with what was expected', async () => {
    const directory = vectors(
      'url_parse',
      { in: 'http://a/', out: ['http', 'b', 80, '/'] },
      { in: 'http://a/', error: 'x' },
    );
    expect(await run(directory)).toEqual({
      status: 1,
      out: [
        'vectors/url_parse#0',
        '  1 of "http://a/"',
        '    expected "b"',
        '    actual   "a"',
        'vectors/url_parse#1',
        '  "http://a/"',
        '    expected an error (x)',
        '    actual   ["http","a",80,"/"]',
        '0 passed, 2 failed',
      ],
      err: [],
    });
  });

  it('counts what it has no function for', async () => {
    expect(await run(vectors('of_another_day', { in: 1, out: 2 }))).toEqual({
      status: 0,
      out: ['1 skipped: nothing here is checked with them yet', '0 passed, 0 failed'],
      err: [],
    });
  });

  it('fails for a file that was changed behind its sidecar', async () => {
    const directory = temporaryDirectory();
    for (const folder of ['flows', 'sidecar']) mkdirSync(join(directory, folder));
    const bytes = readFileSync('fixtures/proxy/flows/tcp.mitm');
    writeFileSync(join(directory, 'flows', 'tcp.mitm'), bytes.subarray(0, -7));
    cpSync('fixtures/proxy/sidecar/tcp.json', join(directory, 'sidecar', 'tcp.json'));
    const { status, out } = await run(directory);
    expect(status).toBe(1);
    expect(out).toContain('flows/tcp.mitm');
    expect(out.at(-1)).toBe('5 passed, 2 failed');
  });

  it('goes on behind files that cannot be read', async () => {
    const directory = vectors('url_parse', { in: 'http://a/', out: ['http', 'a', 80, '/'] });
    for (const folder of ['flows', 'sidecar', 'legacy', 'filters', 'dumper']) mkdirSync(join(directory, folder));
    const broken = ['vectors/a.json', 'vectors/fixtures.json', 'sidecar/b.json', 'legacy/c.json', 'filters/d.json'];
    for (const file of [...broken, 'cli.json']) writeFileSync(join(directory, file), '{');
    writeFileSync(join(directory, 'vectors', 'e.json'), 'null');
    writeFileSync(join(directory, 'vectors', 'f.json'), '{"cases":[1,null,{}]}');
    writeFileSync(join(directory, 'flows', 'b.mitm'), '');
    writeFileSync(join(directory, 'dumper', 'b.d0.txt'), '');
    const { status, out } = await run(directory);
    expect(status).toBe(1);
    expect(out.filter((line) => !line.startsWith(' '))).toEqual([
      'flows/b.mitm',
      'legacy/c.json',
      'vectors/a.json',
      'vectors/e.json',
      'filters/d.json',
      'cli.json',
      '1 skipped: nothing here is checked with them yet',
      '2 passed, 6 failed',
    ]);
  });

  it('takes flows without a sidecar, sidecars without flows, and files of other names', async () => {
    const directory = temporaryDirectory();
    for (const folder of ['flows', 'sidecar', 'legacy', 'filters']) mkdirSync(join(directory, folder));
    cpSync('fixtures/proxy/flows/tcp.mitm', join(directory, 'flows', 'alone.mitm'));
    cpSync('fixtures/proxy/flows/dns.mitm', join(directory, 'flows', 'named otherwise.mitm'));
    cpSync('fixtures/proxy/sidecar/dns.json', join(directory, 'sidecar', 'named otherwise.json'));
    cpSync('fixtures/proxy/sidecar/tls.json', join(directory, 'sidecar', 'tls.json'));
    cpSync('fixtures/proxy/legacy/v9.json', join(directory, 'legacy', 'v9.json'));
    cpSync('fixtures/proxy/filters/flows.mitm', join(directory, 'filters', 'other.mitm'));
    const cases = [{ filter: '~q', error: false, matches: [] }];
    writeFileSync(join(directory, 'filters', 'more.json'), JSON.stringify({ flows_file: 'filters/other.mitm', cases }));
    const { status, out } = await run(directory);
    expect(status).toBe(1);
    expect(out.filter((line) => !line.startsWith(' '))).toEqual([
      'legacy/v9.json',
      'filters/more.json#0 ~q',
      '1 skipped: nothing here is checked with them yet',
      expect.stringMatching(/^\d+ passed, 2 failed$/),
    ]);
  });

  it('knows a function by the name that its file gives', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'vectors'));
    const cases = [{ in: 'http://a/', out: ['http', 'a', 80, '/'] }];
    writeFileSync(join(directory, 'vectors', 'more.json'), JSON.stringify({ function: 'url_parse', cases }));
    expect((await run(directory)).out).toEqual(['1 passed, 0 failed']);
  });

  it('says that a directory is empty, and runs the others', async () => {
    const empty = temporaryDirectory();
    const other = vectors('status_reason', { in: 200, out: 'OK' });
    expect(await run(empty, other)).toEqual({
      status: 2,
      out: ['1 passed, 0 failed'],
      err: [`conformance: ${empty} holds no corpus`],
    });
  });

  it('says what is wrong with its arguments', async () => {
    expect((await run('--fast')).err).toEqual([
      'conformance: unknown option --fast; usage: npm run conformance:proxy -- [DIR...]',
    ]);
    expect(await run('/no/such/place')).toEqual({
      status: 2,
      out: ['0 passed, 0 failed'],
      err: ['conformance: /no/such/place holds no corpus'],
    });
    expect(existsSync('fixtures/proxy/flows')).toBe(true);
  });
});

describe('differences', () => {
  it('go down to the smallest part, and pass over what is not asked for', () => {
    expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 3, c: 4 }], d: 5 })).toEqual([
      { fact: 'a.1.b', expected: '2', actual: '3' },
    ]);
    expect(differences([1], [1, 2])).toHaveLength(1);
    expect(differences(null, undefined)).toHaveLength(1);
  });
});
