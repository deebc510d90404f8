/** `legacy/`: older and newer layouts, and files that are damaged. */
import { join } from 'node:path';
import { filesIn, readJson } from './corpus-files.js';
import { differences } from './differences.js';
import { flowFacts } from './flow-facts.js';
import { readFlows } from './read-flows.js';
import { attempt } from './suite.js';
import type { CaseResult } from './suite.js';

type Facts = Readonly<Record<string, unknown>>;

interface Legacy {
  readonly written_version: string | number;
  readonly flows: readonly Facts[];
}

interface BadFile {
  readonly file: string;
  readonly flows_before_error: number;
  readonly error: readonly [type: string, message: string] | null;
}

const aboutTheCorpus = ['version', 'top_level_keys_in_file_order', 'roundtrip_identical', 'offset', 'length'];

export function checkLegacy(directory: string): CaseResult[] {
  const names = filesIn(directory, 'legacy', '.json');
  const old = names
    .filter((name) => name !== 'bad.json')
    .flatMap((name) => checkOld(directory, name.replace(/\.json$/, ''), readJson(directory, 'legacy', name) as Legacy));
  const bad = names.includes('bad.json') ? (readJson(directory, 'legacy', 'bad.json') as BadFile[]) : [];
  return [...old, ...bad.map((item) => checkBad(directory, item)), ...checkNewest(directory)];
}

function checkOld(
  directory: string,
  name: string,
  { written_version: version, flows: expected }: Legacy,
): CaseResult[] {
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

/** Files in the newest layout say the same of a flow as the sidecar of the recording it was made from. */
function checkNewest(directory: string): CaseResult[] {
  const known = new Map<unknown, Facts>();
  for (const name of filesIn(directory, 'sidecar', '.json')) {
    for (const facts of (readJson(directory, 'sidecar', name) as { readonly flows: readonly Facts[] }).flows) {
      known.set(facts.id, facts);
    }
  }
  return filesIn(directory, 'legacy', '_head_layout.mitm').flatMap((name) => {
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
  });
}

function without(facts: Facts, keys: readonly string[]): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([key]) => !keys.includes(key)));
}
