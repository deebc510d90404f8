/**
 * Runs every block of TypeScript and JavaScript: those with tests by their runner, the others as modules.
 *
 * Jest's globals are Vitest's too, so blocks written for Jest are run by Vitest; `examples/` has them run by
 * Jest itself.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, pages } from './pages.js';
import type { Block } from './pages.js';

type Runner = 'vitest' | 'node --test' | 'node';

interface Program extends Block {
  readonly name: string;
  readonly file: string;
  readonly runner: Runner;
}

/** How a program ended. */
interface Outcome {
  readonly status: number;
  readonly output: string;
}

const programs = pages
  // It shows files that test/examples/addons runs.
  .filter((page) => page !== 'docs/example-addons.md')
  .flatMap(blocksOf)
  .filter(({ kind }) => kind === 'ts' || kind === 'js')
  .map(programOf);

let folder: string;

function programOf(block: Block): Program {
  const { page, line, kind, text } = block;
  const runner = runnerOf(text);
  const stem = `${page.replace(/^docs\/|\.md$/g, '').replaceAll('/', '-')}-${String(line)}`;
  const ending = { ts: 'ts', js: text.includes('require(') ? 'cjs' : 'mjs' }[kind] ?? kind;
  const file = `${stem}${runner === 'vitest' ? '.test' : ''}.${ending}`;
  return { ...block, name: `${page}:${String(line)}`, file, runner };
}

function runnerOf(text: string): Runner {
  if (text.includes("'node:test'")) return 'node --test';
  return /^\s*(test|it)(\.\w+)?\(/m.test(text) ? 'vitest' : 'node';
}

/** Runs Node in the folder. Colours are off, and it knows nothing of the Vitest that runs this. */
function node(...args: string[]): Promise<Outcome> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_OPTIONS)/.test(name)),
  );
  return new Promise((done) => {
    execFile(
      process.execPath,
      args,
      { cwd: folder, env: { ...env, NO_COLOR: '1', FORCE_COLOR: '0' } },
      (error, stdout, stderr) => {
        done({ status: error === null ? 0 : 1, output: stdout + stderr });
      },
    );
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pathod-docs-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/pathod'));
  for (const name of ['vitest', '@types', 'undici', 'axios'])
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'globals.d.ts'), '/// <reference types="vitest/globals" />');
  // The package is used as it is built, and not taken through Vitest's own loader.
  writeFileSync(
    join(folder, 'vitest.config.js'),
    'export default { test: { globals: true, server: { deps: { external: [/dist/] } } } };',
  );
  for (const { file, text } of programs) writeFileSync(join(folder, file), text);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('programs of the documentation', { timeout: 180_000 }, () => {
  const tests = programs.filter(({ runner }) => runner === 'vitest');
  const others = programs.filter(({ runner }) => runner !== 'vitest');

  it('are found', () => {
    expect(tests.length).toBeGreaterThan(0);
    expect(others.length).toBeGreaterThan(0);
  });

  describe('tests', () => {
    let results: Map<string, { status: string; message: string; assertionResults: { failureMessages: string[] }[] }>;
    let run: Outcome;

    beforeAll(async () => {
      const report = join(folder, 'report.json');
      run = await node(
        resolve('node_modules/vitest/vitest.mjs'),
        ...['run', '--reporter=json', `--outputFile=${report}`],
      );
      if (!existsSync(report)) throw new Error(run.output);
      const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
        testResults: {
          name: string;
          status: string;
          message: string;
          assertionResults: { failureMessages: string[] }[];
        }[];
      };
      results = new Map(testResults.map((result) => [result.name.replace(/^.*\//, ''), result]));
    }, 180_000);

    it.each(tests)('$name passes', ({ file }) => {
      const result = results.get(file);
      if (result === undefined) throw new Error(`it was not run: ${run.output}`);
      const failures = result.assertionResults.flatMap(({ failureMessages }) => failureMessages);
      expect(failures.join('\n') + result.message).toBe('');
      expect(result.status).toBe('passed');
    });
  });

  it.each(others)('$name runs', async ({ file, runner }) => {
    const tsx = ['--import', pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs')).href];
    const { status, output } = await node(
      ...(file.endsWith('.ts') ? tsx : []),
      ...(runner === 'node --test' ? ['--test'] : []),
      file,
    );
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  });

  it('are typed correctly', () => {
    const typed = programs.filter(({ kind }) => kind === 'ts');
    const program = ts.createProgram(
      ['globals.d.ts', ...typed.map(({ file }) => file)].map((file) => join(folder, file)),
      {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        typeRoots: [join(folder, 'node_modules/@types')],
        types: ['node'],
      },
    );
    const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
      const text = ts.flattenDiagnosticMessageText(messageText, '\n');
      const example = typed.find((one) => file?.fileName.endsWith(one.file) === true);
      if (file === undefined || example === undefined) return text;
      return `${example.page}:${String(example.line + file.getLineAndCharacterOfPosition(start).line)}: ${text}`;
    });
    expect(complaints).toEqual([]);
  });
});
