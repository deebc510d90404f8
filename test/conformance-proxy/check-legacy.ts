/** `legacy/`: older and newer layouts, and files that are damaged. */
import { join } from 'node:path';
import { casesIn, filesIn, readJson } from './corpus-files.js';
import { differences } from './differences.js';
import { flowFacts } from './flow-facts.js';
import { readFlows } from './read-flows.js';
import { attempt, readable } from './suite.js';
import type { CaseResult } from './suite.js';

type Facts = Readonly<Record<string, unknown>>;

interface BadFile {
  readonly file: string;
  readonly flows_before_error: number;
  readonly error: readonly [type: string, message: string] | null;
}

const aboutTheCorpus = ['version', 'top_level_keys_in_file_order', 'roundtrip_identical', 'offset', 'length'];

export async function checkLegacy(directory: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const file of filesIn(directory, 'legacy', '.json')) {
    const check = (): readonly CaseResult[] => checkFile(directory, file);
    results.push(...(await readable(`legacy/${file}`, check)));
  }
  const known = knownFacts(directory);
  for (const file of filesIn(directory, 'legacy', '_head_layout.mitm')) {
    results.push(...(await readable(`legacy/${file}`, () => checkNewest(directory, file, known))));
  }
  return results;
}

/** What a recording of today is, or a list of files that are damaged. */
function checkFile(directory: string, file: string): readonly CaseResult[] {
  const content = readJson(directory, 'legacy', file);
  // The shape of a corpus; what it lacks shows as a difference.
  if (Array.isArray(content)) return (content as readonly BadFile[]).map((item) => checkBad(directory, item));
  const { written_version: version } = content as { readonly written_version?: string | number };
  return checkOld(directory, file.replace(/\.json$/, ''), version ?? 0, casesIn(content, 'flows') as readonly Facts[]);
}

function checkOld(
  directory: string,
  name: string,
  version: string | number,
  expected: readonly Facts[],
): readonly CaseResult[] {
  const read = readFlows(join(directory, 'legacy', `${name}.mitm`));
  const whole = attempt(`legacy/${name}`, () => [
    ...differences(expected.length, read.flows.length, 'flows'),
    ...differences(null, read.error?.message ?? null, 'error'),
  ]);
  const each = expected.map((facts, i) =>
    attempt(`legacy/${name}#${String(i)}`, () => {
      const flow = read.flows[i]?.flow;
      if (flow === undefined) return differences('a flow', undefined, 'flow');
      // Before version 5 connections had no id.
      const hidden = Number(version) < 5 ? ['client_conn.id', 'server_conn.id'] : [];
      return differences(without(facts, aboutTheCorpus), flowFacts(flow)).filter(({ fact }) => !hidden.includes(fact));
    }),
  );
  return [whole, ...each];
}

/** The flows before the damage, and an error. Its words are our own. */
function checkBad(directory: string, { file, flows_before_error: count, error }: BadFile): CaseResult {
  return attempt(`legacy/${file}`, () => {
    const read = readFlows(join(directory, 'legacy', file));
    return [
      ...differences(count, read.flows.length, 'flows before the error'),
      ...differences(error !== null, read.error !== undefined, 'fails'),
      ...(read.error === undefined ? [] : differences(read.flows.at(-1)?.end ?? 0, read.error.offset, 'offset')),
    ];
  });
}

/** The facts of all recordings, by the id of the flow. */
function knownFacts(directory: string): ReadonlyMap<unknown, Facts> {
  const known = new Map<unknown, Facts>();
  for (const name of filesIn(directory, 'sidecar', '.json')) {
    try {
      const flows = casesIn(readJson(directory, 'sidecar', name), 'flows') as readonly Facts[];
      for (const facts of flows) known.set(facts.id, facts);
    } catch {
      // A sidecar that cannot be read is a failure of its recording.
    }
  }
  return known;
}

/** A file in the newest layout says the same of a flow as the sidecar of the recording it was made from. */
function checkNewest(directory: string, name: string, known: ReadonlyMap<unknown, Facts>): readonly CaseResult[] {
  const read = readFlows(join(directory, 'legacy', name));
  const whole = attempt(`legacy/${name}`, () => differences(null, read.error?.message ?? null, 'error'));
  const each = read.flows.flatMap(({ flow }, i) => {
    const facts = known.get(flow.id);
    if (facts === undefined) return [];
    // That layout keeps no state of connections.
    const hidden = ['client_conn.state', 'server_conn.state'];
    return attempt(`legacy/${name}#${String(i)}`, () =>
      differences(without(facts, aboutTheCorpus), flowFacts(flow)).filter(({ fact }) => !hidden.includes(fact)),
    );
  });
  return [whole, ...each];
}

function without(facts: Facts, keys: readonly string[]): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([key]) => !keys.includes(key)));
}
