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
    expect(out.slice(0, -1)).toEqual([]);
    expect(out.at(-1)).toMatch(/^\d{4} passed, 0 failed, \d+ skipped$/);
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
        '0 passed, 2 failed, 0 skipped',
      ],
      err: [],
    });
  });

  it('counts what it has no function for', async () => {
    expect((await run(vectors('of_another_day', { in: 1, out: 2 }))).out).toEqual(['0 passed, 0 failed, 1 skipped']);
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
    expect(out.at(-1)).toBe('5 passed, 2 failed, 0 skipped');
  });

  it('survives a corpus that cannot be read', async () => {
    const directory = vectors('url_parse');
    writeFileSync(join(directory, 'vectors', 'url_parse.json'), '{');
    expect((await run(directory)).out).toContain('checkVectors');
  });

  it('says what is wrong with its arguments', async () => {
    expect((await run('--fast')).err).toEqual([
      'conformance: unknown option --fast; usage: npm run conformance:proxy -- [DIR...]',
    ]);
    expect(await run('/no/such/place')).toEqual({
      status: 2,
      out: [],
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
