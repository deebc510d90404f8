import { describe, expect, it } from 'vitest';
import { checkCase } from './check.js';

/** A spec that a corpus records as a parse error. */
function rejected(spec: string, entry = 'parse_pathod', kind = 'response'): unknown {
  const settings = { request_host: null };
  return {
    id: 'x',
    kind,
    entry,
    spec,
    settings,
    quirks: [],
    error: { type: 'ParseException', stage: 'parse', col: 1 },
  };
}

async function outcomeOf(candidate: unknown): Promise<string> {
  return (await checkCase(candidate, '.')).outcome;
}

describe('a spec that was rejected', () => {
  it.each([
    '200 404',
    '200:x2',
    '200:b"x":x1',
    '200:x0',
    '200:p5,1.5',
    '200:ib,"x"',
    '200:dhr',
    '200:d5,rst',
    '200:w0,10',
    '200:o0,"x"',
    '200:e0,1',
    '200:~5',
    '200:vHTTP/1.0',
    '200:k5',
    '200:t"a"="b"',
    '200:zgzip',
    'fault:empty_response',
    'wf:~0',
  ])('passes when the further language makes sense of it: %s', async (spec) => {
    expect(await outcomeOf(rejected(spec))).toBe('passed');
  });

  it.each([
    ['get:/:p0,0.5', 'request'],
    ["get:/p/:s'200:k5'", 'request'],
    ['wf:pb,1 get:/', 'client-frame'],
    ["wf:f'wf:~0'", 'client-frame'],
  ])('passes as pathoc reads it: %s', async (spec, kind) => {
    expect(await outcomeOf(rejected(spec, 'parse_pathoc', kind))).toBe('passed');
  });

  it.each([
    ['h2f:tping', 'parse_pathod', 'h2-response'],
    ['200:t"a"="b"', 'parse_pathod', 'h2-response'],
    ['103 200', 'parse_pathod', 'h2-response'],
    ['200:x3', 'parse_pathod', 'h2-response'],
    ['(get:/ h2f:trst_stream):x2', 'parse_pathoc', 'h2-request'],
    ["get:/:s'103 200'", 'parse_pathoc', 'h2-request'],
    ['get:/:uandroid', 'parse_pathoc', 'h2-request'],
    ["200:b'\\''", 'parse_pathod', 'h2-response'],
  ])('passes over HTTP/2: %s', async (spec, entry, kind) => {
    expect(await outcomeOf(rejected(spec, entry, kind))).toBe('passed');
  });

  it.each([
    ['200', 'parse_pathod', 'response'],
    ['200:p5,1', 'parse_pathod', 'response'],
    ['200:da:ir,"x"', 'parse_pathod', 'response'],
    ['wf:x2', 'parse_pathod', 'frame'],
    ['get:/ get:/', 'parse_pathoc', 'request'],
    ['get:/:x2', 'parse_pathoc', 'request'],
    ["get:/p/:s'200:da'", 'parse_pathoc', 'request'],
    ['200:b"x"', 'parse_pathod', 'h2-response'],
    ['get:/ get:/', 'parse_pathoc', 'h2-request'],
    ["get:/:s'200'", 'parse_pathoc', 'h2-request'],
  ])('fails when it is read for no reason: %s', async (spec, entry, kind) => {
    expect(await outcomeOf(rejected(spec, entry, kind))).toBe('failed');
  });

  it('passes as long as it is rejected', async () => {
    expect(await outcomeOf(rejected('200:d0', 'parse_pathod', 'h2-response'))).toBe('passed');
    expect(await outcomeOf(rejected('200:zz'))).toBe('passed');
  });
});
