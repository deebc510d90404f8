import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterError } from '../../../src/errors.js';
import { compileFilter } from '../../../src/proxy/filter/filter.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { expression, sideBySide, soup } from './filter-arbitraries.js';
import { flowFile, sampleFlows } from './sample-flows.js';

/** An addon that asks mitmproxy which of the flows match each expression, or what is wrong with it. */
const addon = `
import json, os
from mitmproxy import flowfilter, io
here = os.path.dirname(__file__)

def outcome(text, flows):
    try:
        matches = flowfilter.parse(text)
    except ValueError as error:
        return str(error)
    return [i for i, flow in enumerate(flows) if matches(flow)]

with open(os.path.join(here, "question.json"), encoding="utf8") as file:
    question = json.load(file)
with open(question["flows"], "rb") as file:
    flows = list(io.FlowReader(file).stream())
with open(os.path.join(here, "answer.json"), "w", encoding="utf8") as file:
    json.dump([outcome(text, flows) for text in question["filters"]], file)
`;

/** The flows that match, by number, or the message of an error. */
type Outcome = readonly number[] | string;

async function theirs(filters: readonly string[]): Promise<Outcome[]> {
  const directory = temporaryDirectory();
  const place = (name: string): string => join(directory, name);
  writeFileSync(place('addon.py'), addon);
  writeFileSync(place('empty.mitm'), '');
  writeFileSync(place('question.json'), JSON.stringify({ flows: resolve(flowFile), filters }));
  const args = ['-n', '-s', place('addon.py'), '-r', place('empty.mitm'), '--set', `confdir=${directory}`];
  // Python warns of some patterns on standard error.
  const { code, stdout, stderr } = await run('mitmdump', args);
  expect(code, stdout + stderr).toBe(0);
  return JSON.parse(readFileSync(place('answer.json'), 'utf8')) as Outcome[];
}

const flows = sampleFlows();

/** Its parser takes twice as long for every pair of brackets within others. */
const isQuick = (filter: string): boolean => filter.split('(').length <= 3;

function ours(filter: string): Outcome {
  try {
    const matches = compileFilter(filter, { version: '8.1.1' });
    return flows.flatMap((flow, i) => (matches(flow) ? [i] : []));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return error.message;
  }
}

describe.skipIf(!hasProgram('mitmdump'))('the real mitmdump', { timeout: 60_000 }, () => {
  it('finds the same flows by hundreds of expressions, and refuses the same ones', async () => {
    // Always the same ones: what fails here can be looked at.
    const samples = (texts: fc.Arbitrary<string>): string[] => fc.sample(texts, { numRuns: 200, seed: 1 });
    const filters = [expression, sideBySide, soup]
      .flatMap(samples)
      .filter((text) => text.isWellFormed() && isQuick(text));
    expect(filters.length).toBeGreaterThan(300);
    const expected = await theirs(filters);
    const wrong = filters.flatMap((filter, i) => {
      const actual = ours(filter);
      const wanted = expected[i] ?? '';
      const isSame =
        typeof wanted === 'string' ? actual.toString().startsWith(wanted) : wanted.join() === actual.toString();
      return isSame && typeof actual === typeof wanted ? [] : [{ filter, wanted, actual }];
    });
    expect(wrong).toEqual([]);
  });
});
