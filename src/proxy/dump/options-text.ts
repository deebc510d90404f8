/** All options with their defaults, as `config.yaml` may have them; and all commands. */
import type { Option, Options } from '../../options/define.js';
import { expectation } from '../../options/read-value.js';
import { snakeName } from '../../options/set.js';
import type { Command } from '../hooks/command.js';

const width = 72;

/**
 * The options in the order of their names, each under its help.
 * @param defaults of the program, by key, where the table has none
 */
export function optionsText({ list }: Options, defaults: Readonly<Record<string, string>> = {}): string {
  const shown = list.filter(({ option }) => option.hidden !== true);
  const entries = shown
    .map((named) => [snakeName(named), named] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { key, option }]) => {
      const ofProgram = defaults[key];
      const value = ofProgram === undefined ? defaultOf(option) : ` ${scalar(ofProgram)}`;
      return `${comment(`${option.help} Takes ${expectation(option)}.`)}${name}:${value}\n`;
    });
  return entries.join('\n');
}

/** The commands in the order of their names, each under its help. */
export function commandsText(all: ReadonlyMap<string, Command>): string {
  const entries = [...all]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, command]) => `${comment(command.help)}${[name, ...argumentWords(command)].join(' ')}\n`);
  return entries.join('\n');
}

/** The arguments of a command, with their types; in brackets those that may be left out. */
export function argumentWords({ parameters }: Command): readonly string[] {
  return parameters.map(({ name, type, optional }) => (optional === true ? `[${name}: ${type}]` : `${name}: ${type}`));
}

function defaultOf(option: Option): string {
  if (option.type === 'boolean') return ` ${String(option.default ?? false)}`;
  if (option.type === 'list') {
    const items = (option.default ?? []).map((item) => `\n- ${scalar(item)}`);
    return items.length === 0 ? ' []' : items.join('');
  }
  return option.default === undefined
    ? ''
    : ` ${typeof option.default === 'string' ? scalar(option.default) : String(option.default)}`;
}

/** A text as YAML: in quotes where it would be taken for something else. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z_][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return `${lines.join('\n')}\n`;
}
