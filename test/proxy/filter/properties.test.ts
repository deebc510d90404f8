import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterError } from '../../../src/errors.js';
import { filterText } from '../../../src/proxy/filter/expression.js';
import { compileFilter, parseFilter } from '../../../src/proxy/filter/filter.js';
import type { FilterVersion } from '../../../src/proxy/filter/filter.js';
import { expression, sideBySide, soup } from './filter-arbitraries.js';
import { sampleFlows } from './sample-flows.js';

const flows = sampleFlows();
const version = fc.constantFrom<FilterVersion>('extended', '8.1.1', 'newest');

/** What an expression gives, or `undefined` when it is refused as it should be. */
function allowed<T>(give: () => T): T | undefined {
  try {
    return give();
  } catch (error) {
    expect(error).toBeInstanceOf(FilterError);
    return undefined;
  }
}

describe('an expression', () => {
  it('has a canonical text that is read as the same tree', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(expression, sideBySide), (filter) => {
        const tree = allowed(() => parseFilter(filter));
        if (tree === undefined) return;
        read++;
        const text = filterText(tree);
        expect(parseFilter(text)).toEqual(tree);
        expect(filterText(parseFilter(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  it('matches the same flows in its canonical text', () => {
    fc.assert(
      fc.property(fc.oneof(expression, sideBySide), version, (filter, version) => {
        const matches = allowed(() => compileFilter(filter, { version }));
        if (matches === undefined) return;
        const again = compileFilter(filterText(parseFilter(filter, { version })), { version });
        expect(flows.map(again)).toEqual(flows.map(matches));
      }),
      { numRuns: 300 },
    );
  });

  it('is a function or a typed error with a place in the text, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(soup, fc.string(), fc.string({ unit: 'binary' }), sideBySide),
        version,
        (filter, version) => {
          try {
            const matches = compileFilter(filter, { version });
            for (const flow of flows) expect(matches(flow)).toBeTypeOf('boolean');
          } catch (error) {
            if (!(error instanceof FilterError)) throw error;
            expect(error.message).toMatch(
              filter === '' ? /^Empty filter expression$/ : /^Invalid filter expression: ['"].*$/,
            );
            expect(error.offset).toBeGreaterThanOrEqual(0);
            expect(error.offset).toBeLessThanOrEqual(filter.length);
            expect(error.marked()).toContain('^');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
