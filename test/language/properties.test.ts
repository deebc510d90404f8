import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileAccessDenied, RenderError, SpecError } from '../../src/errors.js';
import { isEdit } from '../../src/language/clause.js';
import type { EditClause } from '../../src/language/clause.js';
import {
  maximumLength,
  parseFrames,
  parseHttp2Requests,
  parseHttp2Response,
  parseRequests,
  parseResponse,
  Random,
  readAll,
  render,
  steps,
} from '../kit/language.js';
import type { Message, Plan, Settings } from '../kit/language.js';
import * as specs from '../kit/spec-arbitraries.js';

const kinds: readonly [string, fc.Arbitrary<string>, (spec: string) => Message[]][] = [
  ['response', specs.response, parseResponse],
  ['request', specs.request, parseRequests],
  ['server frame', specs.serverFrame, (spec) => parseFrames(spec)],
  ['client frame', specs.clientFrame, (spec) => parseFrames(spec, { client: true })],
  ['response over HTTP/2', specs.http2Response, parseHttp2Response],
  ['request over HTTP/2', specs.http2Request, parseHttp2Requests],
  ['response of the further language', specs.furtherResponse, parseResponse],
  ['request of the further language', specs.furtherRequest, parseRequests],
  ['frame of the further language', specs.furtherFrame, (spec) => parseFrames(spec)],
  ['raw HTTP/2 frame of a server', specs.rawFrame, parseHttp2Response],
  ['raw HTTP/2 frame of a client', specs.rawFrame, parseHttp2Requests],
];

const seed = fc.integer({ min: 0, max: 2 ** 31 });

function only(messages: Message[]): Message {
  const [message] = messages;
  if (!message || messages.length > 1) throw new Error(`${String(messages.length)} messages`);
  return message;
}

function settings(value: number): Settings {
  return { random: Random.fromSeed(value), requestHost: 'example.com', websocketKey: 'dGhlIHNhbXBsZSBub25jZQ==' };
}

describe.each(kinds)('a %s', (_kind, arbitrary, parse) => {
  it('prints a canonical text that parses back to an equal message', () => {
    fc.assert(
      fc.property(arbitrary, (spec) => {
        const message = only(parse(spec));
        expect(only(parse(message.spec)).clauses).toEqual(message.clauses);
        expect(only(parse(message.spec)).spec).toBe(message.spec);
      }),
      { numRuns: 250 },
    );
  });

  it('resolves to a text that resolves to itself', () => {
    fc.assert(
      fc.property(arbitrary, seed, (spec, value) => {
        const resolved = only(parse(spec)).resolve(settings(value));
        expect(only(parse(resolved.spec)).resolve(settings(value + 1)).spec).toBe(resolved.spec);
      }),
      { numRuns: 150 },
    );
  });

  it('freezes to a fixed point that needs no chance and gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, seed, async (spec, value) => {
        const message = only(parse(spec));
        const frozen = message.freeze(settings(value));
        const again = only(parse(frozen.spec));
        expect(again.freeze(settings(value + 1)).spec).toBe(frozen.spec);
        const bytes = await render(again, settings(value + 2));
        expect(await render(again, settings(value + 3))).toEqual(bytes);
        if (!message.has('nestedresponse') && !message.has('nestedframe')) {
          expect(bytes).toEqual(await render(message, settings(value)));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('has the length and the maximum length that it says', () => {
    fc.assert(
      fc.property(arbitrary, seed, (spec, value) => {
        const message = only(parse(spec));
        const plan = message.plan(settings(value));
        expect(plan.length).toBe(message.length(settings(value)));
        expect(plan.segments.reduce((sum, segment) => sum + segment.length, 0)).toBe(plan.length);
        expect(maximumLength(plan)).toBe(message.maximumLength(settings(value)));
      }),
      { numRuns: 200 },
    );
  });

  it('performs its actions as a byte-by-byte reading does', () => {
    fc.assert(
      fc.property(arbitrary, seed, (spec, value) => {
        const plan = only(parse(spec)).plan(settings(value));
        expect(merge(steps(plan))).toEqual(merge(naive(plan)));
      }),
      { numRuns: 250 },
    );
  });
});

describe.each(kinds.slice(-5))('a %s', (_kind, arbitrary, parse) => {
  it('is edited as written before anything is done at an offset', () => {
    fc.assert(
      fc.property(arbitrary, fc.array(specs.edit, { maxLength: 6 }), seed, (spec, edits, value) => {
        const frozen = only(parse([spec, ...edits].join(':'))).freeze(settings(value));
        const isEdited = frozen.clauses.some(isEdit);
        const base = only(parse(frozen.clauses.flatMap((clause) => (isEdit(clause) ? [] : [clause.spec])).join(':')));
        const expected = naive(base.plan(settings(value)), isEdited ? frozen.clauses.filter(isEdit) : []);
        expect(merge(steps(only(parse(frozen.spec)).plan(settings(value + 1))))).toEqual(merge(expected));
      }),
      { numRuns: 250 },
    );
  });
});

type Plain = { write: number[] } | { pause: number | 'forever' } | { rate: number } | { disconnect: string };

/** Steps with neighbouring writes put together. */
function merge(parts: Iterable<ReturnType<typeof steps> extends Iterable<infer S> ? S : never>): Plain[] {
  const merged: Plain[] = [];
  for (const step of parts) {
    const last = merged.at(-1);
    if (step.do === 'pause') merged.push({ pause: step.seconds });
    else if (step.do === 'disconnect') merged.push({ disconnect: step.how ?? 'close' });
    else if (step.do === 'rate') merged.push({ rate: step.bytesPerSecond });
    else if (last !== undefined && 'write' in last) last.write.push(...step.bytes);
    else merged.push({ write: [...step.bytes] });
  }
  return merged;
}

/**
 * Before each byte, and after the last, all actions that are due, in the order written.
 * @param edits what is overwritten and erased of the bytes, which changes no offset
 */
function* naive(plan: Plan, edits: readonly EditClause[] = []): ReturnType<typeof steps> {
  const bytes = Buffer.concat(plan.segments.map(readAll));
  const erased = new Set<number>();
  for (const { edit, offset, values } of edits) {
    if (edit.do === 'erase') for (let i = 0; i < edit.count; i++) erased.add(Number(offset) + i);
    else values[0]?.bytes?.forEach((byte, i) => (bytes[Number(offset) + i] = byte));
  }
  for (let at = 0; at <= bytes.length; at++) {
    for (const action of plan.actions) {
      if (action.at !== at) continue;
      if (action.do === 'inject') {
        if (action.data.length > 0) yield { do: 'write', bytes: readAll(action.data) };
      } else if (action.do === 'disconnect') {
        yield action.how === undefined ? { do: 'disconnect' } : { do: 'disconnect', how: action.how };
        return;
      } else {
        const { at: _, ...step } = action;
        yield step;
      }
    }
    if (at < bytes.length && !erased.has(at)) yield { do: 'write', bytes: bytes.subarray(at, at + 1) };
  }
}

describe('arbitrary text', () => {
  const alphabet = fc.oneof(
    fc.constantFrom(...'200 :\'"@<=,hbcdiprmxlsukwf-\\01aknone \n\t'),
    fc.constantFrom(
      '200',
      'wf:',
      'get:/',
      'o5,',
      'db+',
      '~hr',
      'k3,',
      'zgzip',
      ',rst',
      'fault:',
      "b'x'",
      '@10k',
      'ascii',
      'fin',
      "h'a'='b'",
      "s'200'",
      "f'wf'",
      '\\x4',
      'é',
      '\0',
    ),
  );
  const text = fc.oneof(
    fc.array(alphabet, { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .oneof(specs.response, specs.request, specs.clientFrame)
      .chain((spec) =>
        fc
          .tuple(fc.nat(spec.length), fc.nat(3), alphabet)
          .map(([at, erase, piece]) => spec.slice(0, at) + piece + spec.slice(at + erase)),
      ),
  );

  it.each([
    ['parseResponse', parseResponse],
    ['parseRequests', parseRequests],
    ['parseFrames', (spec: string) => parseFrames(spec)],
    ['client parseFrames', (spec: string) => parseFrames(spec, { client: true })],
  ])('makes %s throw nothing but a SpecError that names a place', (_name, parse) => {
    fc.assert(
      fc.property(text, (spec) => {
        try {
          for (const message of parse(spec).slice(0, 3)) message.resolve(settings(1));
        } catch (error) {
          if (error instanceof FileAccessDenied || error instanceof RenderError) return;
          if (!(error instanceof SpecError)) throw error;
          expect(error.offset).toBeGreaterThanOrEqual(0);
          expect(error.offset).toBeLessThanOrEqual(error.spec.length);
          expect(error.message).not.toMatch(/undefined|\n/);
          expect(error.marked().split('\n')).toHaveLength(2);
        }
      }),
      { numRuns: 1500 },
    );
  });
});
