import { describe, expect, it } from 'vitest';
import { FilterError } from '../../src/errors.js';
import { filterText } from '../../src/proxy/filter/expression.js';
import { compileFilter, parseFilter } from '../../src/proxy/filter/filter.js';
import { blocksOf } from './pages.js';

const blocks = blocksOf('docs/filters.md');

/** An expression, and the canonical text that the page says it has. */
const examples = blocks.flatMap(({ kind, text }) => {
  if (kind !== 'filter') return [];
  return [...text.matchAll(/^(.+)\n=> (.+)$/gm)].map(([, filter = '', canonical = '']) => [filter, canonical] as const);
});

describe('the filters in the documentation', () => {
  it.each(examples)('%s', (filter, canonical) => {
    expect(filterText(parseFilter(filter))).toBe(canonical);
  });

  it('show an error as it is', () => {
    const [message = '', filter = '', caret = ''] = blocks.find(({ kind }) => kind === '')?.text.split('\n') ?? [];
    let error: unknown;
    try {
      compileFilter(filter);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FilterError);
    expect(error).toMatchObject({ message });
    expect((error as FilterError).marked()).toBe(`${filter}\n${caret}`);
  });
});
