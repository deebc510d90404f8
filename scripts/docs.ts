/**
 * Writes the generated parts of the docs: the text between `<!-- generated: NAME -->` and
 * `<!-- end -->` in docs/*.md. With `--check` it writes nothing and fails when a part is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/errors.js';
import type { ClauseType } from '../src/language/clause.js';
import { datatypes } from '../src/language/datatypes.js';
import { userAgents } from '../src/language/user-agents.js';
import { clientFrameClauses, requestClauses, responseClauses } from '../src/language/vocabulary.js';
import { optionsTable } from '../src/options/describe.js';
import { pathodProgram as pathod } from '../src/pathod/options.js';
import { program as pathoc } from '../src/pathoc/options.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function clauses(types: readonly ClauseType[]): string {
  return table(
    ['clause', 'at most', 'what it does'],
    types.map((type) => [`\`${type.usage}\``, type.unique === undefined ? 'any' : 'one', type.help]),
  );
}

function alphabet(text: string): string {
  return text.length === 256 ? 'all byte values' : `\`\` ${JSON.stringify(text).slice(1, -1)} \`\``;
}

/** What each marker stands for. */
const parts: Readonly<Record<string, () => string>> = {
  'response clauses': () => clauses(responseClauses),
  'request clauses': () => clauses(requestClauses),
  'frame clauses': () => clauses(clientFrameClauses),
  datatypes: () =>
    table(
      ['datatype', 'size', 'characters'],
      Object.entries(datatypes).map(([name, text]) => [`\`${name}\``, String(text.length), alphabet(text)]),
    ),
  'user agents': () =>
    table(
      ['letter', 'name', 'value'],
      userAgents.map(({ letter, name, header }) => [`\`${letter}\``, `\`${name}\``, `\`${header}\``]),
    ),
  errors: () =>
    table(
      ['code', 'what it says', 'what to do'],
      Object.entries(errorCodes).map(([code, [summary, remedy]]) => [`\`${code}\``, summary, remedy]),
    ),
  'pathod options': () => optionsTable(pathod),
  'pathoc options': () => optionsTable(pathoc),
};

const marked = /(<!-- generated: (.+?) -->\n)([\s\S]*?)(<!-- end -->)/g;

/** A page with its generated parts made anew. */
export function regenerate(page: string): string {
  return page.replace(marked, (_, open: string, name: string, _old: string, close: string) => {
    const make = parts[name];
    if (!make) throw new Error(`docs: no generated part is called ${name}`);
    return `${open}\n${make()}\n\n${close}`;
  });
}

/** The pages that hold generated parts, with their text now and as it should be. */
export function pages(): { file: string; now: string; wanted: string }[] {
  return readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(docs, name))
    .map((file) => ({ file, now: readFileSync(file, 'utf8') }))
    .map(({ file, now }) => ({ file, now, wanted: regenerate(now) }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = pages().filter(({ now, wanted }) => now !== wanted);
  for (const { file, wanted } of stale) {
    if (process.argv.includes('--check')) console.error(`out of date: ${file}; run npm run docs`);
    else writeFileSync(file, wanted);
  }
  if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1;
}
