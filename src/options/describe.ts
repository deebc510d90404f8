/** A program's options in words: the usage text, and the table of the docs. */
import type { NamedOption, Operand, OptionTable, Program } from './define.js';
import { expectation } from './read-value.js';

const helpColumn = 24;
const defaultGroup = 'Options';

/** The whole answer to `--help`, wrapped to `width` columns; ends with a newline. */
export function usage<T extends OptionTable>(program: Program<T>, width = 80): string {
  const parts = [usageLine(program, width), wrap(program.summary, width).join('\n')];
  if (program.operands.length > 0) {
    const rows = program.operands.map(({ name, help }) => row(name, help, width));
    parts.push(['Arguments:', ...rows].join('\n'));
  }
  for (const [group, members] of groups(program)) {
    const rows = members.map((named) => row(invocation(named), helpOf(named), width));
    parts.push([`${group}:`, ...rows].join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

/** The first line or lines of the usage text, for use beside an error. No newline at the end. */
export function usageLine<T extends OptionTable>(program: Program<T>, width = 80): string {
  const lead = `usage: ${program.name}`;
  const options = visible(program).map((named) => `[${shortest(named)}]`);
  const words = [...options, ...program.operands.map(operandForm)];
  return fill(words, width - lead.length - 1)
    .map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)} ${line}`)
    .join('\n');
}

/** The options as Markdown: a heading and a table for each group. */
export function optionsTable<T extends OptionTable>(program: Program<T>): string {
  return groups(program)
    .map(([group, members]) => {
      const rows = members.map((named) => {
        const inCode = isProgramOnly(named) ? '' : `\`${named.key}\``;
        const since = named.option.since === undefined ? '' : ` Since ${named.option.since}.`;
        const cells = [
          `\`${invocation(named)}\``,
          inCode,
          accepts(named),
          code(shownDefault(named)),
          named.option.help + since,
        ];
        return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
      });
      return [
        `### ${group}`,
        '',
        '| option | in code | takes | default | what it does |',
        '|---|---|---|---|---|',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}

function groups<T extends OptionTable>(program: Program<T>): [group: string, members: NamedOption[]][] {
  const found = new Map<string, NamedOption[]>();
  for (const named of visible(program)) {
    const group = named.option.group ?? defaultGroup;
    found.set(group, [...(found.get(group) ?? []), named]);
  }
  return [...found];
}

function visible<T extends OptionTable>(program: Program<T>): readonly NamedOption[] {
  return program.options.list.filter(({ option }) => option.hidden !== true);
}

/** `-p PORT, --port PORT`. */
function invocation(named: NamedOption): string {
  const { option } = named;
  const longs = [named.long, ...(option.aliases ?? [])];
  const names = option.type === 'boolean' && option.negatable ? negatable(longs, option.default === true) : longs;
  const all = [...(option.short === undefined ? [] : [`-${option.short}`]), ...names.map((name) => `--${name}`)];
  return all.map((name) => name + valueForm(named)).join(', ');
}

function negatable(longs: readonly string[], isOn: boolean): string[] {
  const negated = longs.map((name) => `no-${name}`);
  return isOn ? negated : [...longs, ...negated];
}

function shortest(named: NamedOption): string {
  const { option, long } = named;
  const isOn = option.type === 'boolean' && option.default === true;
  const name = option.short !== undefined ? `-${option.short}` : `--${isOn ? 'no-' : ''}${long}`;
  return name + valueForm(named);
}

function valueForm({ key, option }: NamedOption): string {
  if (option.type === 'boolean') return '';
  if (option.valueName !== undefined) return ` ${option.valueName}`;
  if (option.type === 'choice') return ` {${option.choices.join(',')}}`;
  return option.type === 'size' ? ' SIZE' : ` ${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

function operandForm({ name, optional, many }: Operand): string {
  const form = many === true ? `${name}...` : name;
  return optional === true ? `[${form}]` : form;
}

function helpOf(named: NamedOption): string {
  const shown = shownDefault(named);
  const repeat = named.option.type === 'list' ? ' May be repeated.' : '';
  return `${named.option.help}${repeat}${shown === '' ? '' : ` (default: ${shown})`}`;
}

function accepts(named: NamedOption): string {
  const { option } = named;
  return option.type === 'boolean' ? '' : option.type === 'list' ? 'text, repeatable' : expectation(option);
}

function shownDefault({ option }: NamedOption): string {
  if (option.type === 'boolean' || option.default === undefined) return '';
  return typeof option.default === 'object' ? option.default.join(', ') : String(option.default);
}

function isProgramOnly({ option }: NamedOption): boolean {
  return option.programOnly === true || (option.type === 'boolean' && option.standalone === true);
}

/** One entry of a group: the names, then the help from its column on. */
function row(names: string, help: string, width: number): string {
  const lines = wrap(help, Math.max(20, width - helpColumn));
  const lead = `  ${names}`;
  const indented = lines.map((line) => ' '.repeat(helpColumn) + line);
  if (lead.length > helpColumn - 2) return [lead, ...indented].join('\n');
  return [lead.padEnd(helpColumn) + (lines[0] ?? ''), ...indented.slice(1)].join('\n').trimEnd();
}

function wrap(text: string, width: number): string[] {
  return fill(text.split(/\s+/), width);
}

/** Words set into lines of at most `width` columns; a word longer than that has a line to itself. */
function fill(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
