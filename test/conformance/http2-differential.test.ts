import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as specs from '../kit/spec-arbitraries.js';
import { checkCase } from './check.js';
import { isHttp2 } from './reference/http2.js';
import { parse } from './reference/parse.js';
import { print } from './reference/print.js';
import { Rejection } from './reference/rejection.js';

/** A case recorded of nothing but what the reference reads; undefined when the ancestor would not have read it. */
function caseOf(spec: string, entry: 'parse_pathod' | 'parse_pathoc'): unknown {
  try {
    const models = parse(spec, entry);
    if (!models.every((model) => isHttp2(model, spec))) return undefined;
    const messages = models.map((model) => ({ canonical: print(model) }));
    const settings = { request_host: 'example.com', port: 8080 };
    return { id: 'x', kind: 'h2-x', entry, spec, settings, quirks: [], messages };
  } catch (error) {
    if (error instanceof Rejection) return undefined;
    throw error;
  }
}

describe('a spec that the ancestor read over HTTP/2', () => {
  it.each([
    ['response', specs.http2AncestorResponse, 'parse_pathod'],
    ['request', specs.http2AncestorRequest, 'parse_pathoc'],
  ] as const)('is read, sent and frozen as the reference says: a %s', async (_kind, arbitrary, entry) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.boolean(), async (spec, bare) => {
        // Without the colons it may be another spec, or none.
        const item = caseOf(bare ? spec.replaceAll(':', ' ') : spec, entry);
        if (item === undefined) return;
        compared++;
        expect((await checkCase(item, '.')).failures).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
