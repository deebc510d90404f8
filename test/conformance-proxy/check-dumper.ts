/**
 * `dumper/NAME.dN[.showhost][.colsN].txt`: what is printed of `flows/NAME.mitm` at detail N, byte for byte. Lines
 * are 80 characters wide unless the name says otherwise.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../conformance/report.js';
import { printedFlows } from '../kit/printed-flows.js';
import { filesIn } from './corpus-files.js';
import { readFlows } from './read-flows.js';
import { result, skipped } from './suite.js';
import type { CaseResult } from './suite.js';

export async function checkDumper(directory: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const file of filesIn(directory, 'dumper', '.txt')) results.push(await checkFile(directory, file));
  return results;
}

async function checkFile(directory: string, file: string): Promise<CaseResult> {
  const id = `dumper/${file}`;
  const [name = '', detail = '', ...rest] = file.replace(/\.txt$/, '').split('.');
  if (!/^d[0-4]$/.test(detail) || !rest.every((part) => /^(?:showhost|cols\d+)$/.test(part))) return skipped(id);
  const columns = Number(rest.find((part) => part.startsWith('cols'))?.slice(4) ?? 80);
  const { flows } = readFlows(join(directory, 'flows', `${name}.mitm`));
  const printed = await printedFlows(
    flows.map(({ flow }) => flow),
    { flowDetail: Number(detail.slice(1)), showhost: rest.includes('showhost') },
    { columns },
  );
  return result(id, firstDifference(readFileSync(join(directory, 'dumper', file)), printed));
}

/** The first line that differs. */
function firstDifference(expected: Buffer, actual: Buffer): Failure[] {
  if (expected.equals(actual)) return [];
  const [wanted, found] = [expected, actual].map((bytes) => bytes.toString('latin1').split('\n'));
  const at = wanted?.findIndex((line, i) => line !== found?.[i]) ?? -1;
  const line = at === -1 ? (wanted?.length ?? 0) : at;
  const of = (lines: readonly string[] | undefined): string => JSON.stringify(lines?.[line] ?? 'the end');
  return [{ fact: `line ${String(line + 1)}`, expected: of(wanted), actual: of(found) }];
}
