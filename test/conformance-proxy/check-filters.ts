/** `filters/*.json`: which of the flows beside it match each expression, and how it was understood. */
import { basename, join } from 'node:path';
import { FilterError } from '../../src/errors.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import type { FilterExpression } from '../../src/proxy/filter/expression.js';
import { compileFilter, parseFilter } from '../../src/proxy/filter/filter.js';
import type { Failure } from '../conformance/report.js';
import { casesIn, filesIn, readJson } from './corpus-files.js';
import { differences } from './differences.js';
import { readFlows } from './read-flows.js';
import { attempt, readable } from './suite.js';
import type { CaseResult } from './suite.js';

interface FilterCase {
  readonly filter: string;
  readonly error: boolean;
  readonly message?: string;
  readonly matches?: readonly number[];
  readonly tree?: string;
}

/** How the corpus calls our operators in trees. */
const names: Readonly<Record<string, string>> = {
  ...{ a: 'FAsset', all: 'FAll', b: 'FBod', bq: 'FBodRequest', bs: 'FBodResponse', c: 'FCode', comment: 'FComment' },
  ...{ d: 'FDomain', dns: 'FDNS', dst: 'FDst', e: 'FErr', h: 'FHead', hq: 'FHeadRequest', hs: 'FHeadResponse' },
  ...{ http: 'FHTTP', m: 'FMethod', marked: 'FMarked', marker: 'FMarker', meta: 'FMeta', q: 'FReq' },
  ...{ replay: 'FReplay', replayq: 'FReplayClient', replays: 'FReplayServer', s: 'FResp', src: 'FSrc' },
  ...{ t: 'FContentType', tcp: 'FTCP', tq: 'FContentTypeRequest', ts: 'FContentTypeResponse', u: 'FUrl' },
  ...{ udp: 'FUDP', websocket: 'FWebSocket' },
};

export async function checkFilters(directory: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const file of filesIn(directory, 'filters', '.json')) {
    const id = `filters/${file}`;
    results.push(...(await readable(id, () => checkFile(directory, file, id))));
  }
  return results;
}

function checkFile(directory: string, file: string, id: string): readonly CaseResult[] {
  const table = readJson(directory, 'filters', file);
  // The corpus says what its files hold.
  const cases = casesIn(table) as readonly FilterCase[];
  const { flows_file: given = 'flows.mitm' } = table as { readonly flows_file?: string };
  // It may be named as it is called from above.
  const { flows, error } = readFlows(join(directory, 'filters', basename(given)));
  if (error) throw error;
  const all = flows.map(({ flow }) => flow);
  return cases.map((item, i) => attempt(`${id}#${String(i)} ${item.filter}`, () => checkCase(item, all)));
}

function checkCase(item: FilterCase, flows: readonly Flow[]): Failure[] {
  const actual = outcome(item.filter, flows);
  const { error, matches = [], tree } = item;
  if (error) return differences({ error, message: item.message }, cutMessage(actual, item.message));
  return differences({ error, matches, ...(tree !== undefined && { tree }) }, actual);
}

function outcome(filter: string, flows: readonly Flow[]): { readonly error: boolean; readonly message?: string } {
  try {
    const matches = compileFilter(filter, { version: '8.1.1' });
    return {
      error: false,
      ...{ matches: flows.flatMap((flow, i) => (matches(flow) ? [i] : [])) },
      ...{ tree: drawing(parseFilter(filter, { version: '8.1.1' }), 0) },
    };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { error: true, message: error.message };
  }
}

/** Our message goes on where that of the corpus ends. */
function cutMessage<T extends { readonly message?: string }>(actual: T, expected: string | undefined): T {
  return { ...actual, message: actual.message?.slice(0, expected?.length) };
}

/** A line for each operator and sign, what belongs to it below and further in. */
function drawing(expression: FilterExpression, depth: number): string {
  const line = (text: string): string => `${'\t'.repeat(depth)}${text}\n`;
  switch (expression.kind) {
    case 'operator': {
      const { code, argument = '' } = expression;
      return line(`${names[code] ?? code}${code === 'c' ? '' : argument}`);
    }
    case 'not':
      return line('FNot') + drawing(expression.operand, depth + 1);
    case 'and':
    case 'or':
      return (
        line(expression.kind === 'and' ? 'FAnd' : 'FOr') +
        expression.operands.map((operand) => drawing(operand, depth + 1)).join('')
      );
  }
}
