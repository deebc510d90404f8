/** The page about clients: complete, and what it says is so. */
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { attempt } from '../../scripts/survival/attempt.js';
import { clients } from '../../scripts/survival/clients.js';
import type { Client } from '../../scripts/survival/clients.js';
import { groups } from '../../scripts/survival/groups.js';
import { cellText, patience } from '../../scripts/survival/page.js';
import { httpTruths, tlsTruths } from '../../scripts/survival/truth.js';
import { judge, nextBody } from '../../scripts/survival/verdict.js';
import { faults } from '../../src/language/index.js';
import { tlsFaultList } from '../../src/net/tls-faults.js';
import { hasProgram } from '../kit/programs.js';

const text = readFileSync('docs/client-survival.md', 'utf8');
const names = clients.map(({ name }) => name);

/** The cells of every line that is a row of a table, below a heading. */
function rowsBelow(heading: string): string[][] {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

describe('docs/client-survival.md', () => {
  test.each(groups)('has a column for every client, and a row for every fault: $title', ({ title, rows }) => {
    const [head, , ...body] = rowsBelow(title);
    expect(head).toEqual(['fault', 'right', ...names]);
    expect(body.map(([name]) => name)).toEqual(rows.map(({ name }) => `\`${name}\``));
    expect(body.flat().filter((cell) => cell === '')).toEqual([]);
  });

  test.each(groups)('says what each fault does and why that is right: $title', ({ title, rows }) => {
    const told = rowsBelow(`${title} faults`).slice(2);
    expect(told.map(([name, help, , because]) => [name, help, because])).toEqual(
      rows.map(({ name, help, truth }) => [`\`${name}\``, help, truth.because]),
    );
  });

  test('says of every fault what is right', () => {
    expect(Object.keys(httpTruths).sort()).toEqual(faults.map(({ name }) => name).sort());
    expect(Object.keys(tlsTruths).sort()).toEqual(tlsFaultList.map(({ name }) => name).sort());
  });
});

/** Whether the page tells of the versions that are here: others may do otherwise. */
function isThePages({ name, version }: Client): boolean {
  const isOfNode = name !== 'curl';
  const versions = (of: string): string | undefined =>
    rowsBelow('What HTTP clients survive').find(([it]) => it === of)?.[1];
  return versions(name) === version() && (!isOfNode || versions('node:http') === `Node ${process.version.slice(1)}`);
}

describe('what the page says is so', () => {
  const quick = [
    'empty_response',
    'reset_connection',
    'content_length_twice',
    'missing_last_chunk',
    'obs_fold',
    'truncated_gzip',
    'wrong-host',
    'tls1.3-only',
  ];
  const cells = groups.flatMap((group) =>
    group.rows.filter(({ name }) => quick.includes(name)).map((row) => ({ group, row, name: row.name })),
  );
  const here = clients.filter(({ name }) => name !== 'curl' || hasProgram('curl')).filter(isThePages);

  test.skipIf(here.length === 0).each(cells)('$name', { timeout: 60_000 }, async ({ group, row }) => {
    const ground = await group.open();
    onTestFinished(() => ground[Symbol.asyncDispose]());
    const [, , ...shown] = rowsBelow(group.title).find(([name]) => name === `\`${row.name}\``) ?? [];
    for (const client of here) {
      const outcome = await attempt(client, await ground.target(row.name), patience);
      const cell = shown[names.indexOf(client.name)];
      expect(`${client.name}: ${cellText(judge(outcome, row.truth, client))}`).toBe(`${client.name}: ${String(cell)}`);
    }
  });
});

describe('judging', () => {
  const [client] = clients;
  if (client === undefined) throw new Error('there is a client');
  const success = { kind: 'success', status: 200, headers: {}, body: 'whole', length: 5 } as const;
  const next = { ...success, body: nextBody };
  const because = '';

  test.each([
    ['an error that was to be', { kind: 'error', code: 'E', message: '' }, { client: 'notice', because }, 'error'],
    ['one that was not', { kind: 'error', code: 'E', message: '' }, { client: 'accept', because }, 'wrong error'],
    ['a success of what is damaged', { ...success, next }, { client: 'notice', because }, 'wrong success'],
    ['a success of what is sound', { ...success, next }, { client: 'accept', because }, 'success'],
    [
      'a success with something else',
      { ...success, next },
      { client: 'either', because, wrong: () => 'less' },
      'wrong success',
    ],
    [
      'an answer that belongs to another',
      { ...success, next: success },
      { client: 'accept', because },
      'wrong success',
    ],
    ['a next request that fails', { ...success, next: { kind: 'hang' } }, { client: 'accept', because }, 'success'],
    ['nothing', { kind: 'hang' }, { client: 'accept', because }, 'hang'],
    ['an end', { kind: 'crash', message: 'x' }, { client: 'notice', because }, 'crash'],
  ] as const)('%s', (_what, outcome, truth, verdict) => {
    expect(judge(outcome, truth, client).verdict).toBe(verdict);
  });
});
