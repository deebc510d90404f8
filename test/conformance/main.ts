/**
 * Runs corpora of the language and prints what fails.
 *
 *     npm run conformance -- [FILE...]
 *
 * Exit status: 0 all passed, 1 some failed, 2 a file is no corpus or the usage is wrong.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkCase } from './check.js';
import type { Result } from './check.js';
import { CorpusError, readCorpus } from './corpus.js';
import type { Corpus } from './corpus.js';

const usage = 'usage: npm run conformance -- [FILE...]';
const ourCorpus = 'fixtures/language/corpus.json';
/** Longer facts are cut. */
const shown = 400;

/** Runs the program. Gives its exit status; the last line that is printed is the count. */
export async function main(
  args: readonly string[],
  print: (line: string) => void,
  complain: (line: string) => void,
): Promise<number> {
  const option = args.find((argument) => argument.startsWith('-'));
  if (option !== undefined) {
    complain(`conformance: unknown option ${option}; ${usage}`);
    return 2;
  }
  const paths = args.length > 0 ? args : [ourCorpus];
  let corpora: Corpus[];
  try {
    corpora = paths.map(readCorpus);
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    complain(`conformance: ${error.message}`);
    return 2;
  }
  const count = { passed: 0, failed: 0 };
  for (const { directory, cases } of corpora) {
    for (const candidate of cases) {
      const result = await checkSafely(candidate, directory);
      count[result.outcome]++;
      if (result.outcome === 'failed') for (const line of describe(result)) print(line);
    }
  }
  print(`${String(count.passed)} passed, ${String(count.failed)} failed`);
  return count.failed > 0 ? 1 : 0;
}

/** A case that breaks the runner fails, and the others still run. */
async function checkSafely(candidate: unknown, directory: string): Promise<Result> {
  try {
    return await checkCase(candidate, directory);
  } catch (error) {
    const { id, spec } = candidate as { readonly id: string; readonly spec: string };
    const actual = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { id, spec, outcome: 'failed', decisions: [], failures: [{ fact: 'check', expected: 'no error', actual }] };
  }
}

function describe({ id, spec, decisions, failures }: Result): string[] {
  const overridden = decisions.length > 0 ? ` (${decisions.join(', ')})` : '';
  return [
    `${id}${overridden}: ${cut(JSON.stringify(spec))}`,
    ...failures.flatMap(({ fact, expected, actual }) => [
      `  ${fact}`,
      `    expected ${cut(oneLine(expected))}`,
      `    actual   ${cut(oneLine(actual))}`,
    ]),
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\0-\x1f]/g, (character) => JSON.stringify(character).slice(1, -1));
}

function cut(text: string): string {
  return text.length > shown ? `${text.slice(0, shown)}... (${String(text.length)} characters)` : text;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(
    process.argv.slice(2),
    (line) => process.stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
  );
}
