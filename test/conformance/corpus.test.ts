import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCase } from './check.js';
import { readCorpus } from './corpus.js';
import type { CorpusCase } from './corpus.js';
import { expectationOf, isReadable } from './expectation.js';
import { verdictTable } from './verdict-table.js';

// The corpus is ours; that its elements are cases is what the first test finds.
const corpus = readCorpus(resolve('fixtures/language/corpus.json'));
const { directory } = corpus;
const cases = corpus.cases as readonly CorpusCase[];
const withoutTable = (): undefined => undefined;

const topics = new Map<string, CorpusCase[]>();
for (const item of cases) {
  const topic = `${item.topic ?? ''} (${item.kind})`;
  topics.set(topic, [...(topics.get(topic) ?? []), item]);
}

describe('the corpus recorded from the ancestor', () => {
  it.each([...topics.keys()])('%s', async (topic) => {
    for (const item of topics.get(topic) ?? []) {
      const { outcome, failures } = await checkCase(item, directory);
      expect.soft({ id: item.id, spec: item.spec, failures }).toEqual({ id: item.id, spec: item.spec, failures: [] });
      expect.soft(outcome).toBe('passed');
    }
  });
});

describe('the verdict table', () => {
  it('has lines for cases of this corpus only', () => {
    const specs = new Map(cases.map(({ id, spec }) => [id, spec]));
    for (const [id, { spec }] of verdictTable) expect.soft(specs.get(id), id).toBe(spec);
  });

  it('says what the rules find without it', async () => {
    for (const item of cases.filter(({ id }) => verdictTable.has(id))) {
      const { failures } = await checkCase(item, directory, withoutTable);
      expect.soft({ id: item.id, failures }).toEqual({ id: item.id, failures: [] });
    }
  });

  it('has a line for every case that the rules answer otherwise than it was recorded', () => {
    const overriding = ['Q03', 'Q04', 'Q05', 'Q06', 'Q07', 'Q08', 'Q09', 'Q11', 'Q15', 'Q17', 'Q18', 'Q26'];
    for (const item of cases.filter(({ kind }) => !kind.startsWith('h2-'))) {
      if (!isReadable(item)) continue;
      const { decisions } = expectationOf(item, directory);
      const crashed = item.messages?.some(({ error }) => error?.type.startsWith('crash:')) && !item.ideal_messages;
      const overridden = crashed || decisions.some((decision) => overriding.includes(decision));
      if (overridden) expect.soft(verdictTable.has(item.id), `${item.id} ${decisions.join(' ')}`).toBe(true);
    }
  });

  it('does not matter to a case of the same id with another spec', async () => {
    const item = cases.find(({ id }) => id === 'v-r-109');
    const other = cases.find(({ id }) => id === 'v-r-073');
    const { outcome } = await checkCase({ ...other, id: item?.id }, directory);
    expect(outcome).toBe('passed');
  });
});
