/** `flows/*.mitm` with `sidecar/*.json`: what is read from each file, and that it is written back the same. */
import { join } from 'node:path';
import { encodeAnew, encodeFlow } from '../../src/proxy/storage/origin.js';
import { casesIn, filesIn, readJson } from './corpus-files.js';
import { differences } from './differences.js';
import { flowFacts } from './flow-facts.js';
import { readFlows } from './read-flows.js';
import type { ReadFlows } from './read-flows.js';
import { attempt, readable, skipped } from './suite.js';
import type { CaseResult } from './suite.js';

type Facts = Readonly<Record<string, unknown>>;

/** Facts of the corpus that are about its own making. */
const aboutTheCorpus = ['version', 'top_level_keys_in_file_order', 'roundtrip_identical'];

/** Checks every flow of every file, and each file as a whole. */
export async function checkFlows(directory: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const file of filesIn(directory, 'flows', '.mitm')) {
    const id = `flows/${file}`;
    results.push(...(await readable(id, () => checkFile(directory, file, id))));
  }
  return results;
}

function checkFile(directory: string, file: string, id: string): readonly CaseResult[] {
  const sidecar = file.replace(/\.mitm$/, '.json');
  if (!filesIn(directory, 'sidecar', sidecar).includes(sidecar)) return [skipped(id)];
  // The shape of a corpus; what it lacks shows as a difference.
  const expected = casesIn(readJson(directory, 'sidecar', sidecar), 'flows') as readonly Facts[];
  const read = readFlows(join(directory, 'flows', file));
  const whole = attempt(id, () => [
    ...differences(expected.length, read.flows.length, 'flows'),
    ...differences(null, read.error?.message ?? null, 'error'),
    ...differences(true, isWrittenTheSame(read), 'written back the same'),
  ]);
  return [whole, ...expected.map((facts, i) => checkFlow(`${id}#${String(i)}`, facts, read, i))];
}

function isWrittenTheSame({ bytes, flows }: ReadFlows): boolean {
  return Buffer.concat(flows.map(({ flow }) => encodeFlow(flow))).equals(bytes);
}

function checkFlow(id: string, expected: Facts, read: ReadFlows, i: number): CaseResult {
  return attempt(id, () => {
    const found = read.flows[i];
    if (found === undefined) return differences('a flow', undefined, 'flow');
    const { flow, offset, end } = found;
    const wanted = Object.fromEntries(Object.entries(expected).filter(([key]) => !aboutTheCorpus.includes(key)));
    const failures = differences(wanted, { ...flowFacts(flow), offset, length: end - offset });
    if (expected.roundtrip_identical !== true) return failures;
    const anew = encodeAnew(flow, 17);
    return [...failures, ...differences(true, anew.equals(read.bytes.subarray(offset, end)), 'written anew the same')];
  });
}
