/** The page that shows the table, all of it drawn from what came of the requests. */
import { clients } from './clients.js';
import { groups } from './groups.js';
import type { Row } from './groups.js';
import type { Truth } from './truth.js';
import { verdicts } from './verdict.js';
import type { Cell, Verdict } from './verdict.js';

/** Seconds after which a client that has no outcome hangs: more than any of them has for a connection, 10. */
export const patience = 15;

/** What came of one fault with one client. */
export interface Result {
  readonly row: Row;
  readonly client: string;
  readonly cell: Cell;
}

const right: Readonly<Record<Truth['client'], string>> = { notice: 'error', accept: 'success', either: 'either' };

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A cell as the table shows it. What should not be is bold. */
export function cellText({ verdict, detail }: Cell): string {
  const told = detail.replace(/^(then )?((?=.*[A-Z])\w+|curl \d+)$/, '$1`$2`');
  const name = verdicts[verdict].isRight ? verdict : `**${verdict}**`;
  if (told === '') return name;
  return verdict === 'error' || verdict === 'wrong error' ? `${name} ${told}` : `${name}, ${told}`;
}

/** The page. @param results of every fault with every client, in any order */
export function page(results: readonly Result[]): string {
  const cellOf = (row: Row, client: string): Cell => {
    const result = results.find((each) => each.row === row && each.client === client);
    if (result === undefined) throw new Error(`${client} did not meet ${row.name}`);
    return result.cell;
  };
  const rows = groups.flatMap((group) => group.rows);
  const names = clients.map(({ name }) => name);
  /** The faults of which a predicate is true, each with the clients for which it is. */
  const where = (is: (verdict: Verdict) => boolean): string[] =>
    rows.flatMap((row) => {
      const found = names.filter((name) => is(cellOf(row, name).verdict));
      if (found.length === 0) return [];
      const who = found.length === names.length ? 'every client' : found.join(', ');
      return [`- \`${row.name}\`: ${who}. ${row.help} ${row.truth.because}`];
    });
  const kinds = (Object.keys(verdicts) as Verdict[]).filter((verdict) => where((each) => each === verdict).length > 0);
  const count = (client: string, verdict: Verdict): string =>
    String(rows.filter((row) => cellOf(row, client).verdict === verdict).length);
  const section = (title: string, text: string, verdict: Verdict): string[] => {
    const found = where((each) => each === verdict);
    return found.length === 0 ? [] : [`### ${title}`, text, found.join('\n')];
  };
  const disagreed = rows.filter((row) => {
    const all = new Set(names.map((name) => cellOf(row, name).verdict.replace(/^\w+ /, '')));
    return all.has('success') && all.has('error');
  });
  return [
    '# What HTTP clients survive',
    `Every fault that pathod knows by name, met by ${String(clients.length)} clients. The page is written by`,
    '```sh\nnpm run survival\n```',
    `which starts pathod, and runs each client with each fault in a process of its own. The clients are used as they come, without any time limit. [language.md](language.md#named-faults) tells what the faults of HTTP/1 are made of, and \`pathod --faults\` lists them all.`,
    table(
      ['client', 'version', 'how it is used'],
      clients.map(({ name, version, call }) => [name, version(), `\`${call}\``]),
    ),
    table(
      ['outcome', 'what it means'],
      kinds.map((verdict) => [`${verdicts[verdict].isRight ? verdict : `**${verdict}**`}`, verdicts[verdict].means]),
    ),
    'Behind an error stands its code. The column "right" says what the specifications ask of a client; [below](#what-is-right) is where.',
    ...groups.flatMap((group) => [
      `## ${group.title}`,
      table(
        ['fault', 'right', ...names],
        group.rows.map((row) => [
          `\`${row.name}\``,
          right[row.truth.client],
          ...names.map((name) => cellText(cellOf(row, name))),
        ]),
      ),
    ]),
    '## Findings',
    table(
      ['client', ...kinds],
      names.map((name) => [name, ...kinds.map((verdict) => count(name, verdict))]),
    ),
    ...section('Wrong successes', 'The message was damaged, and the client says that all is well.', 'wrong success'),
    ...section('Hangs', `Nothing came of it within ${String(patience)} seconds. Set a time limit.`, 'hang'),
    ...section('Wrong errors', 'The message is sound, and the client refuses it.', 'wrong error'),
    ...section('Crashes', 'The process ended by itself.', 'crash'),
    ...(disagreed.length === 0
      ? []
      : [
          '### Where clients differ',
          `Some succeed where others fail: ${disagreed.map(({ name }) => `\`${name}\``).join(', ')}.`,
        ]),
    '## What is right',
    ...groups.flatMap((group) => [
      `### ${group.title} faults`,
      table(
        ['fault', 'what it does', 'right', 'because'],
        group.rows.map(({ name, help, truth }) => [`\`${name}\``, help, right[truth.client], truth.because]),
      ),
    ]),
  ].join('\n\n');
}
