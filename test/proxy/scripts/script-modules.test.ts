import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { Daemon } from '../../../src/index.js';
import { HttpFlow } from '../../../src/proxy/index.js';
import { httpFlow } from '../../../src/proxy/testing/index.js';
import { ScriptModules } from '../../../src/proxy/scripts/script-modules.js';
import { withScriptPlaces } from '../../../src/proxy/scripts/script-places.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});

function write(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** What a script exports; scripts here export objects. */
async function load(name: string, text: string): Promise<Record<string, unknown>> {
  return (await new ScriptModules(write(name, text), new Map()).load()) as Record<string, unknown>;
}

/** The first line of the stack of what a script throws, without the directory. */
async function failure(name: string, text: string): Promise<string> {
  const error = await load(name, text).then(
    () => undefined,
    (thrown: unknown) => withScriptPlaces(thrown).error,
  );
  if (!(error instanceof Error)) throw new Error('nothing was thrown');
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  return `${error.message} at ${place.replace(/^.*[ (]([^ (]*:\d+:\d+)\)?$/, '$1')}`.replace(`${directory}/`, '');
}

describe('a script is loaded', () => {
  it.each([
    ['a.ts', 'interface A { n: number }\nexport const n: number = ({ n: 1 } as A).n;'],
    ['a.mts', 'const n: number = await Promise.resolve(1);\nexport { n };'],
    ['a.js', 'export const n = 1;'],
    ['a.js', 'exports.n = 1;'],
    ['a.mjs', 'export const n = await Promise.resolve(1);'],
    ['a.cjs', '#!/usr/bin/env node\nmodule.exports = { n: 1 };'],
    ['a.cts', 'const n: number = 1;\nmodule.exports = { n };'],
  ])('%s: %s', async (name, text) => {
    expect(await load(name, text)).toHaveProperty('n', 1);
  });

  it('with the classes of the package that runs, and no copies of them', async () => {
    const text = `
      import { HttpFlow } from 'pathod/proxy';
      import { httpFlow } from 'pathod/proxy/testing';
      import { Daemon } from 'pathod';
      export { HttpFlow, httpFlow, Daemon };`;
    expect(await load('a.ts', text)).toMatchObject({ HttpFlow, httpFlow, Daemon });
    const common = `const { HttpFlow } = require('pathod/proxy'); module.exports = { HttpFlow };`;
    expect(await load('a.cjs', common)).toEqual({ HttpFlow });
  });

  it('with modules of Node, packages, and files beside it', async () => {
    write('node_modules/there/package.json', '{ "name": "there", "type": "module", "exports": "./main.js" }');
    write('node_modules/there/main.js', 'export const here = import.meta.url;\nexport default 3;');
    write('more/two.ts', 'export { three } from "./three.mjs";\nexport const two: number = 2;');
    write('more/three.mjs', 'import four from "./four.cjs";\nexport const three = four.four - 1;');
    write('more/four.cjs', 'exports.four = require("./five.js").five - 1;');
    write('more/five.js', 'exports.five = 5;');
    write('data.json', '{ "six": 6 }');
    const text = `
      import fs, { existsSync } from 'node:fs';
      import there, { here } from 'there';
      import { two, three } from './more/two.js';
      import data from './data.json';
      export const all = [fs.existsSync === existsSync, there, here, two, three, data.six, import.meta.url];`;
    expect(await load('a.ts', text)).toHaveProperty('all', [
      ...[true, 3, pathToFileURL(join(directory, 'node_modules/there/main.js')).href],
      ...[2, 3, 6, pathToFileURL(join(directory, 'a.ts')).href],
    ]);
  });

  it('from within a package, with the files of that', async () => {
    write('node_modules/tagging/word.ts', "export const word: string = 'tag';");
    expect(await load('node_modules/tagging/main.ts', "export { word } from './word.ts';")).toHaveProperty(
      'word',
      'tag',
    );
  });

  it('with files that import one another', async () => {
    write('b.mjs', 'import { a } from "./a.mjs";\nexport const b = () => a + 1;');
    const exported = await load('a.mjs', 'import { b } from "./b.mjs";\nexport const a = 1;\nexport { b };');
    expect((exported['b'] as () => number)()).toBe(2);
  });

  it('anew each time, with all its files', async () => {
    const text = "import { n } from './n.mjs';\nexport { n };\nexport const own = {};";
    write('n.mjs', 'export const n = 1;');
    const first = await load('a.mjs', text);
    write('n.mjs', 'export const n = 2;');
    const second = await load('a.mjs', text);
    expect([first['n'], second['n'], first['own'] === second['own']]).toEqual([1, 2, false]);
  });

  it('and tells its files', async () => {
    write('n.mjs', "import 'node:fs';\nexport const n = 1;");
    const files = new Map<string, string>();
    const text = "import { n } from './n.mjs';\nimport 'pathod/proxy';\nexport { n };";
    await new ScriptModules(write('a.mjs', text), files).load();
    expect([...files.keys()]).toEqual([join(directory, 'a.mjs'), join(directory, 'n.mjs')]);
  });
});

describe('the place of an error is that in the file', () => {
  it.each([
    ['a.ts', 'const a = 1;\nlet b: = 2;', 'Unexpected token at a.ts:2:8'],
    [
      'a.ts',
      'export class A {\n  accessor b = 1;\n}',
      'the syntax decoratorAutoAccessors is not understood in scripts at a.ts:2:12',
    ],
    ['a.js', 'const a = 1;\n\n  const b = ;', 'Unexpected token at a.js:3:13'],
    ['a.cjs', 'const a = 1;\nnull.x();', "Cannot read properties of null (reading 'x') at a.cjs:2:6"],
    ['a.ts', 'interface A {\n  a: string;\n}\n\n  const a: A = { a: "" }; throw new Error("no");', 'no at a.ts:5:33'],
    ['a.mjs', 'export const a = 1; throw new Error("first line");', 'first line at a.mjs:1:27'],
    ['a.mjs', 'import fs from "fs";\nimport "./none.mjs";', 'there is no module ./none.mjs at a.mjs:2:1'],
    ['a.ts', 'import "nothing-of-the-kind";', 'there is no module nothing-of-the-kind at a.ts:1:1'],
    ['a.cjs', '\nrequire("./none");', 'there is no module ./none at a.cjs:2:1'],
  ])('%s: %s', async (name, text, told) => {
    expect(await failure(name, text)).toBe(told);
  });

  it('also in a file that it imports, and in a function that is called later', async () => {
    write('b.ts', 'export function fail(why: string): never {\n  const a: number = 1;   throw new Error(why + a);\n}');
    expect(await failure('a.ts', 'import { fail } from "./b.ts";\nfail("x");')).toBe('x1 at b.ts:2:32');
    const { later } = await load(
      'c.ts',
      'export const later = async (): Promise<void> => {\n  await 1;\n  null!.x; };',
    );
    const thrown: unknown = await (later as () => Promise<void>)().catch((error: unknown) => error);
    expect(withScriptPlaces(thrown)).toMatchObject({ file: join(directory, 'c.ts') });
    expect((thrown as Error).stack).toContain('c.ts:3:9');
  });

  it('and not that in a package that it calls', async () => {
    expect(await failure('a.ts', "import assert from 'node:assert';\n\nassert(false, 'no');")).toMatch(
      /^no at a\.ts:3:\d+$/,
    );
  });
});
