/**
 * Nothing that the ancestor accepted has changed its meaning: its grammar, read by a parser of its own, and
 * ours, side by side. What the ancestor rejects is free to mean something.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCase, readCorpus } from '../conformance/corpus.js';
import { isReadable } from '../conformance/expectation.js';
import type { Message as AncestorsMessage } from '../conformance/reference/model.js';
import { parse as parseAsAncestor } from '../conformance/reference/parse.js';
import type { Entry } from '../conformance/reference/parse.js';
import { print } from '../conformance/reference/print.js';
import { Rejection } from '../conformance/reference/rejection.js';
import { parseFrames, parseRequests, parseResponse } from '../kit/language.js';
import type { Message } from '../kit/language.js';
import * as specs from '../kit/spec-arbitraries.js';

const ours: Readonly<Record<Entry, (spec: string) => Message[]>> = {
  parse_pathod: parseResponse,
  parse_pathoc: parseRequests,
  parse_websocket_frame: parseFrames,
};

/** Names of clauses where the two differ: the ancestor's to ours. */
const names: Readonly<Record<string, string>> = { shortcut: 'useragent', knone: 'key', rawbody: 'body' };

function read(spec: string, entry: Entry): readonly AncestorsMessage[] | undefined {
  try {
    return parseAsAncestor(spec, entry);
  } catch (error) {
    if (error instanceof Rejection) return undefined;
    throw error;
  }
}

/** Compares the two readings. Whether the ancestor accepts the spec at all. */
function agree(spec: string, entry: Entry): boolean {
  const expected = read(spec, entry);
  if (expected === undefined) return false;
  const found = ours[entry](spec);
  expect(found.map((message) => message.spec)).toEqual(expected.map(print));
  expect(found.map((message) => message.clauses.map(({ name }) => name))).toEqual(
    expected.map((message) => message.clauses.map(({ name }) => names[name] ?? name)),
  );
  return true;
}

const kinds: readonly [Entry, fc.Arbitrary<string>][] = [
  ['parse_pathod', fc.oneof(specs.response, specs.serverFrame)],
  [
    'parse_pathoc',
    fc.oneof(
      specs.request,
      specs.clientFrame,
      fc.tuple(specs.request, specs.request).map((two) => two.join(' ')),
    ),
  ],
  ['parse_websocket_frame', specs.serverFrame],
];

/** What the further clauses are made of, and what might be taken for it. */
const piece = fc.constantFrom(
  ...['h', 'b', 'hr', 'br', 'b+1', '+', ',', ',rst', ',fin', '.5', '.', 'w', 'o', 'e', '~', 'v', 'k', 't', 'z'],
  ...[
    'wb,1',
    "o1,'x'",
    'e1,1',
    '~r',
    'vx',
    'k1',
    "t'a'='b'",
    'zgzip',
    ' 200',
    '200',
    ' ',
    'ws',
    'fault:',
    'd1',
    'p1,1',
  ],
);

describe.each(kinds)('what the ancestor accepts by %s', (entry, arbitrary) => {
  it('means the same here', () => {
    fc.assert(
      fc.property(arbitrary, (spec) => {
        expect(agree(spec, entry)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('means the same without the colons between clauses', () => {
    let accepted = 0;
    fc.assert(
      fc.property(arbitrary, fc.infiniteStream(fc.constantFrom('', '', ' ', '\n', ':', ' :')), (spec, separators) => {
        if (
          agree(
            spec.replaceAll(':', () => String(separators.next().value)),
            entry,
          )
        )
          accepted++;
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  it('means the same with pieces of the further language put in, where the ancestor accepts them', () => {
    let accepted = 0;
    fc.assert(
      fc.property(arbitrary, fc.nat(), piece, (spec, at, inserted) => {
        const place = at % (spec.length + 1);
        if (agree(spec.slice(0, place) + inserted + spec.slice(place), entry)) accepted++;
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});

/** Clauses behind which a suffix could be thought to stand. */
const endings = "p5,2 p5,f pr,2 pa,2 d5 dr da i5,'x' i5,@4 i5,@4k i5,@4,digits ir,@4 h'a'='b' h'a'=@4 b'x' b@4 r x2";
/** What may stand behind them without a colon: a clause with a naked value that begins with anything at all. */
const beginnings = [
  ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)),
  ...['st', 'in', 'ms', 'fin', 'rst', 'hr', 'br', 'b+1', 'h+1', '+1', '.5', '0.5', 'k2', 'k,2', '2k', 'zip', 'gzip'],
];
const followers: Readonly<Record<Entry, readonly [string, string]>> = {
  parse_pathod: ['200:', 'b m c l'],
  parse_pathoc: ['get:/:', 'b c u'],
  parse_websocket_frame: ['wf:', 'b r c l k'],
};
const flagsOfFrames = ['fin', '-fin', 'rsv1', '-mask', 'mask', 'knone', 'cping', 'l5'];

it.each(kinds.map(([entry]) => entry))('means the same to %s wherever two clauses meet without a colon', (entry) => {
  const [start, leads] = followers[entry];
  const others = entry === 'parse_websocket_frame' ? flagsOfFrames : ['r', 'p5,2', 'dr', "i5,'x'", "h'a'='b'", 'x2'];
  const second = [...leads.split(' ').flatMap((lead) => beginnings.map((value) => lead + value)), ...others];
  let accepted = 0;
  for (const first of endings.split(' ')) {
    for (const gap of ['', ' ']) {
      for (const clause of second) if (agree(`${start}${first}${gap}${clause}`, entry)) accepted++;
    }
  }
  expect(accepted).toBeGreaterThan(2000);
});

it('every spec of the corpus that the ancestor accepts means the same here', () => {
  const readable = readCorpus('fixtures/language/corpus.json').cases.flatMap((candidate) => {
    const item = asCase(candidate);
    return typeof item !== 'string' && isReadable(item) && !item.kind.startsWith('h2-') ? [item] : [];
  });
  expect(readable.filter(({ spec, entry }) => agree(spec, entry)).length).toBeGreaterThan(500);
});

it.each([
  ["200drb'x'", "200:dr:b'x'"],
  ["200:drb'x'", "200:dr:b'x'"],
  ['200:p5,2ms', '200:p5,2:ms'],
  ["200:i0,@4b'x'", undefined],
  ["200:dah'a'='b'", "200:da:h'a'='b'"],
  ["200:drh'a'='b'", "200:dr:h'a'='b'"],
  ["200:d5b'x'", "200:d5:b'x'"],
])('%j reads as %j', (spec, canonical) => {
  expect(agree(spec, 'parse_pathod')).toBe(canonical !== undefined);
  if (canonical !== undefined) expect(parseResponse(spec)[0]?.spec).toBe(canonical);
});
