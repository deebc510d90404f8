/**
 * What HTTP clients do with every named fault: writes docs/client-survival.md.
 *
 *     tsx scripts/survival.ts [NAME...]
 *
 * With names it prints what came of those faults, and writes nothing.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { attempt } from './survival/attempt.js';
import { clients } from './survival/clients.js';
import { groups } from './survival/groups.js';
import { inParallel } from './survival/in-parallel.js';
import { page, patience } from './survival/page.js';
import type { Result } from './survival/page.js';
import { judge } from './survival/verdict.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));

/** Processes at a time: most of them wait. */
const atATime = 16;

const wanted = process.argv.slice(2);
const results: Result[] = [];
for (const group of groups) {
  await using ground = await group.open();
  const rows = group.rows.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const tries = rows.flatMap((row) => clients.map((client) => ({ row, client })));
  const meet = async ({ row, client }: (typeof tries)[number]): Promise<Result> => {
    const outcome = await attempt(client, await ground.target(row.name), patience);
    const cell = judge(outcome, row.truth, client);
    if (wanted.length > 0) console.log(row.name, client.name, cell, outcome);
    return { row, client: client.name, cell };
  };
  const again: typeof tries = [];
  await inParallel(tries, atATime, async (each) => {
    const result = await meet(each);
    // A machine with much to do may be what was slow.
    if (result.cell.verdict === 'hang' && each.row.truth.client === 'accept') again.push(each);
    else results.push(result);
  });
  for (const each of again) results.push(await meet(each));
}

if (wanted.length === 0) {
  const text = await format(page(results), { ...(await resolveConfig(docs)), parser: 'markdown' });
  writeFileSync(`${docs}client-survival.md`, text);
}
