/**
 * Runs directories of corpora of the proxy and prints what fails, how many cases nothing here is checked with, and
 * last of all how many passed and failed.
 *
 *     npm run conformance:proxy -- [DIR...]
 *
 * Exit status: 0 all passed, 1 some failed, 2 a directory holds no corpus or the usage is wrong.
 */
import { realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkCommands } from './check-commands.js';
import { checkDumper } from './check-dumper.js';
import { checkFilters } from './check-filters.js';
import { checkFlows } from './check-flows.js';
import { checkLegacy } from './check-legacy.js';
import { checkVectors } from './check-vectors.js';
import { readable } from './suite.js';
import type { CaseResult, Suite } from './suite.js';

const usage = 'usage: npm run conformance:proxy -- [DIR...]';
const ourCorpus = 'fixtures/proxy';
/** Longer facts are cut. */
const shown = 400;

const suites: readonly Suite[] = [checkFlows, checkLegacy, checkVectors, checkFilters, checkDumper, checkCommands];

/** Runs the program. Gives its exit status. */
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
  const count = { passed: 0, failed: 0, skipped: 0 };
  let isMissing = false;
  for (const directory of args.length > 0 ? args : [ourCorpus]) {
    const results = await resultsIn(directory);
    if (results.length === 0) {
      isMissing = true;
      complain(`conformance: ${directory} holds no corpus`);
    }
    for (const result of results) {
      count[result.outcome]++;
      for (const line of describe(result)) print(line);
    }
  }
  if (count.skipped > 0) print(`${String(count.skipped)} skipped: nothing here is checked with them yet`);
  print(`${String(count.passed)} passed, ${String(count.failed)} failed`);
  if (isMissing) return 2;
  return count.failed > 0 ? 1 : 0;
}

async function resultsIn(directory: string): Promise<CaseResult[]> {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const results: CaseResult[] = [];
  for (const suite of suites) results.push(...(await readable(suite.name, () => suite(directory))));
  return results;
}

function describe({ id, failures }: CaseResult): string[] {
  if (failures.length === 0) return [];
  return [
    id,
    ...failures.flatMap(({ fact, expected, actual }) => [
      `  ${cut(fact)}`,
      `    expected ${cut(expected)}`,
      `    actual   ${cut(actual)}`,
    ]),
  ];
}

function cut(text: string): string {
  const line = text.replaceAll(/[\0-\x1f]/g, (character) => JSON.stringify(character).slice(1, -1));
  return line.length > shown ? `${line.slice(0, shown)}... (${String(line.length)} characters)` : line;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(
    process.argv.slice(2),
    (line) => process.stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
  );
}
