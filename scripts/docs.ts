/**
 * Writes the generated parts of the docs: the text between `<!-- generated: NAME -->` and
 * `<!-- end -->` in docs/*.md. With `--check` it writes nothing and fails when a part is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { errorCodes } from '../src/errors.js';
import type { ClauseType } from '../src/language/clause.js';
import { datatypes } from '../src/language/datatypes.js';
import { faults } from '../src/language/faults.js';
import { http2RequestClauses, http2ResponseClauses, rawFrameClauses } from '../src/language/http2-vocabulary.js';
import { userAgents } from '../src/language/user-agents.js';
import { clientFrameClauses, requestClauses, responseClauses } from '../src/language/vocabulary.js';
import { optionsTable } from '../src/options/describe.js';
import { pathodProgram as pathod } from '../src/pathod/options.js';
import { pathocProgram as pathoc } from '../src/pathoc/options.js';
import {
  flagsOfType,
  frameFlags,
  frameTypes,
  hexadecimal,
  http2ErrorCodes,
  settingIds,
} from '../src/wire/http2-registry.js';
import type { Option } from '../src/options/define.js';
import { hookHelp, hookNames } from '../src/proxy/hooks/hook-table.js';
import { proxyOptions } from '../src/proxy/options.js';
import { filterVersions } from '../src/proxy/filter/filter.js';
import type { FilterOperator } from '../src/proxy/filter/operator.js';
import { systemClock } from '../src/net/clock.js';
import { builtInAddons, closingAddons } from '../src/proxy/addons/index.js';
import { ReadFile } from '../src/proxy/addons/read-file.js';
import { Dumper } from '../src/proxy/dump/dumper.js';
import { KeepServing } from '../src/proxy/dump/keep-serving.js';
import { argumentWords } from '../src/proxy/dump/options-text.js';
import { mitmdumpProgram } from '../src/proxy/dump/mitmdump-program.js';
import { goneFlags, oldFlags, otherLetters } from '../src/proxy/dump/old-flags.js';
import { TermLog } from '../src/proxy/dump/term-log.js';
import { VerboseLogger } from '../src/proxy/dump/verbose-logger.js';
import { exportFormats } from '../src/proxy/export/formats.js';
import type { Addon } from '../src/proxy/hooks/addon.js';
import { departures } from '../test/conformance-proxy/command-departures.js';
import { filterOperators } from '../src/proxy/filter/operators.js';

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
  if (text.length === 256) return 'all byte values';
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\u000b', '\\v');
  return `\`\` ${escaped} \`\``;
}

/** The entries of a table, with the keys that it has. */
function entriesOf<N extends string>(names: Readonly<Record<N, number>>): [N, number][] {
  // Object.entries forgets which keys there are.
  return Object.entries(names) as [N, number][];
}

function numbers(names: Readonly<Record<string, number>>): string[][] {
  return entriesOf(names).map(([name, number]) => [`\`${name}\``, `\`${hexadecimal(number)}\``]);
}

function overHttp2(spec: string, http2: string | undefined): string {
  if (http2 === undefined) return 'not there';
  return http2 === spec ? 'the same' : `\`${http2}\``;
}

/** How an operator of filters is written, with its argument. */
const filterArguments: Readonly<Record<FilterOperator['kind'], string>> = {
  flag: '',
  'regular expression': ' REGEX',
  integer: ' INTEGER',
};

function yesOrNo(answer: boolean): string {
  return answer ? 'yes' : 'no';
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What an option has when it is not given. */
function shownDefault(option: Option): string {
  if (option.type === 'boolean') return option.default === true ? 'on' : 'off';
  if (option.default === undefined) return '';
  return `\`${option.type === 'list' ? option.default.join(', ') : String(option.default)}\``;
}

/** The addons of mitmdump, of which nothing but what they declare is looked at. */
function mitmdumpAddons(): readonly Addon[] {
  const nowhere = { write: () => undefined, isTerminal: false, columns: () => 80 };
  const own = [
    new TermLog(nowhere, nowhere),
    new VerboseLogger(nowhere),
    new Dumper(nowhere),
    new ReadFile(),
    new KeepServing(systemClock, () => undefined),
  ];
  return [...builtInAddons(() => Promise.reject(new Error('none'))), ...own, ...closingAddons()];
}

/** A row for each command: its name, its arguments, what it does. */
function commandRows(): string[][] {
  const all = mitmdumpAddons().flatMap(({ commands = {} }) => Object.entries(commands));
  return all
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, command]) => [
      `\`${name}\``,
      argumentWords(command)
        .map((word) => `\`${word}\``)
        .join(', '),
      command.help,
    ]);
}

/** A script of `examples/addons`. */
interface ExampleAddon {
  readonly name: string;
  /** What it does: the first line of its comment. */
  readonly about: string;
  readonly text: string;
}

function exampleAddons(): ExampleAddon[] {
  const folder = join(docs, '../examples/addons');
  return readdirSync(folder).map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const about = /^\/\/ (.*?)\. Run: /.exec(text)?.[1];
    if (about === undefined) throw new Error(`examples/addons/${name} does not begin with what it does. Run: how`);
    return { name, about: `${about}.`, text };
  });
}

/** What each marker stands for. */
const parts: Readonly<Record<string, () => string>> = {
  'response clauses': () => clauses(responseClauses),
  'request clauses': () => clauses(requestClauses),
  'frame clauses': () => clauses(clientFrameClauses),
  'HTTP/2 response clauses': () => clauses(http2ResponseClauses),
  'HTTP/2 request clauses': () => clauses(http2RequestClauses),
  'raw frame clauses': () => clauses(rawFrameClauses),
  'frame types': () =>
    table(
      ['type', 'number', 'flags that RFC 9113 gives it'],
      entriesOf(frameTypes).map(([name, number]) => [
        `\`${name}\``,
        `\`${hexadecimal(number)}\``,
        flagsOfType[name].map((flag) => `\`${flag}\` ${hexadecimal(frameFlags[flag])}`).join(', '),
      ]),
    ),
  'error codes': () => table(['error', 'number'], numbers(http2ErrorCodes)),
  settings: () => table(['setting', 'number'], numbers(settingIds)),
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
  faults: () =>
    table(
      ['name', 'spec', 'over HTTP/2', 'what it does'],
      faults.map(({ name, spec, http2, help }) => [`\`${name}\``, `\`${spec}\``, overHttp2(spec, http2), help]),
    ),
  'filter operators': () =>
    table(
      ['operator', 'what it matches'],
      filterOperators.map(({ code, kind, help, isAddition }) => [
        `\`~${code}${filterArguments[kind]}\``,
        isAddition ? `${help} Not in mitmproxy 8.1.1.` : help,
      ]),
    ),
  'filter versions': () =>
    table(
      ['version', 'case counts', 'operators beyond 8.1.1', 'regular expressions see empty bodies'],
      Object.entries(filterVersions).map(([name, { caseless, additions, emptyBodies }]) => [
        `\`${name}\``,
        ...[!caseless, additions, emptyBodies].map(yesOrNo),
      ]),
    ),
  errors: () =>
    table(
      ['code', 'what it says', 'what to do'],
      Object.entries(errorCodes).map(([code, [summary, remedy]]) => [`\`${code}\``, summary, remedy]),
    ),
  hooks: () =>
    table(
      ['hook', 'when it is called'],
      hookNames.map((name) => [`\`${name}\``, hookHelp[name]]),
    ),
  'proxy options': () =>
    table(
      ['option', 'default', 'what it is for'],
      proxyOptions.list.map(({ key, option }) => [
        `\`${key}\`, \`${snakeCase(key)}\``,
        shownDefault(option),
        option.help,
      ]),
    ),
  'example addons': () =>
    table(
      ['script', 'what it does'],
      exampleAddons().map(({ name, about }) => [`[${name}](#${name.replace('.', '')})`, about]),
    ),
  'example scripts': () =>
    exampleAddons()
      .map(({ name, text }) => `## ${name}\n\n\`\`\`ts\n${text}\`\`\``)
      .join('\n\n'),
  'mitmdump options': () => optionsTable(mitmdumpProgram(mitmdumpAddons())),
  commands: () => table(['command', 'arguments', 'what it does'], commandRows()),
  'export formats': () =>
    table(
      ['format', 'what it is'],
      Object.entries(exportFormats).map(([name, { help }]) => [`\`${name}\``, help]),
    ),
  'old flags': () =>
    table(
      ['mitmproxy 1.0', 'today'],
      [
        ...oldFlags.map(({ names, takes, today }) => [
          names.map((name) => `\`${name}${takes === undefined ? '' : ` ${takes}`}\``).join(', '),
          `\`${today}\``,
        ]),
        ...Object.entries(goneFlags).map(([name, why]) => [`\`${name}\``, `gone: ${why}`]),
        ...Object.entries(otherLetters).map(([name, why]) => [`\`${name}\``, why]),
      ],
    ),
  'mitmdump departures': () =>
    table(
      ['command line', 'what is different, and why'],
      Object.entries(departures).map(([line, { reason }]) => [`\`mitmdump ${line}\``, reason]),
    ),
  'pathod options': () => optionsTable(pathod),
  'pathoc options': () => optionsTable(pathoc),
};

const marked = /(<!-- generated: (.+?) -->\n)([\s\S]*?)(<!-- end -->)/g;

/** A page with its generated parts made anew, laid out as the formatter wants it. */
export async function regenerate(page: string): Promise<string> {
  const text = page.replace(marked, (_, open: string, name: string, _old: string, close: string) => {
    const make = parts[name];
    if (!make) throw new Error(`docs: no generated part is called ${name}`);
    return `${open}\n${make()}\n\n${close}`;
  });
  return format(text, { ...(await resolveConfig(docs)), parser: 'markdown' });
}

/** The pages that hold generated parts, with their text now and as it should be. */
export async function pages(): Promise<{ file: string; now: string; wanted: string }[]> {
  const files = readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ file: `docs/${name}`, now: readFileSync(join(docs, name), 'utf8') }))
    .filter(({ now }) => now.includes('<!-- generated: '));
  return Promise.all(files.map(async (page) => ({ ...page, wanted: await regenerate(page.now) })));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = (await pages()).filter(({ now, wanted }) => now !== wanted);
  for (const { file, wanted } of stale) {
    if (process.argv.includes('--check')) console.error(`out of date: ${file}; run npm run docs`);
    else writeFileSync(join(docs, '..', file), wanted);
  }
  if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1;
}
