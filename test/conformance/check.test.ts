import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCase } from './check.js';
import { readCorpus } from './corpus.js';
import type { CorpusCase, RecordedAction, RecordedHttp2Message, RecordedMessage } from './corpus.js';
import { expectationOf, isReadable } from './expectation.js';

// The corpus is ours; that its elements are cases is what the first test finds.
const corpus = readCorpus(resolve('fixtures/language/corpus.json'));
const { directory } = corpus;
const cases = corpus.cases as readonly CorpusCase[];

/** Facts to put in the place of recorded ones. */
type Lie = Partial<Record<keyof RecordedMessage, unknown>>;

/** Changes that make a recorded fact wrong, one a name; each gives the message changed, or nothing to change. */
const lies: Record<string, (facts: RecordedMessage) => Lie | undefined> = {
  canonical: ({ canonical }) => ({ canonical: `${canonical}:p0,1` }),
  resolved: ({ resolved }) => (resolved == null ? undefined : { resolved: `${resolved}:p0,1` }),
  'resolved, said to vary': ({ resolved, error }) =>
    resolved == null || error ? undefined : { resolved: null, resolved_random: true },
  'a byte': ({ wire_hex }) => (wire_hex ? { wire_hex: flipped(wire_hex, wire_hex.length - 2) } : undefined),
  'a byte more': ({ wire_hex }) => (typeof wire_hex === 'string' ? { wire_hex: `${wire_hex}00` } : undefined),
  // With several actions what was recorded of drawn bytes may be wrong (Q01), so nothing is made of it.
  'bytes, said to vary': ({ wire_hex, wire_length, actions = [] }) =>
    wire_hex && wire_length && actions.length < 2
      ? { wire_hex: null, wire_pattern: `${wire_hex.slice(2)}..` }
      : undefined,
  'number of bytes': ({ wire_length }) => (wire_length == null ? undefined : { wire_length: wire_length + 1 }),
  'a byte of the pattern': ({ wire_pattern }) => {
    const at = wire_pattern?.match(/../g)?.findIndex((byte) => byte !== '..') ?? -1;
    return wire_pattern === undefined || at < 0 ? undefined : { wire_pattern: flipped(wire_pattern, 2 * at) };
  },
  'a fixed byte, said to vary': ({ wire_pattern }) => {
    const at = wire_pattern?.match(/../g)?.findIndex((byte) => byte !== '..') ?? -1;
    if (wire_pattern === undefined || at < 0) return undefined;
    return { wire_pattern: `${wire_pattern.slice(0, 2 * at)}..${wire_pattern.slice(2 * at + 2)}` };
  },
  'a byte that varies, said to be fixed': ({ wire_pattern }) =>
    wire_pattern?.includes('..') ? { wire_pattern: wire_pattern.replace('..', '41') } : undefined,
  'SHA-256': ({ wire_sha256 }) => (wire_sha256 === undefined ? undefined : { wire_sha256: flipped(wire_sha256, 0) }),
  'first bytes': ({ wire_prefix_hex }) =>
    wire_prefix_hex === undefined ? undefined : { wire_prefix_hex: flipped(wire_prefix_hex, 0) },
  charset: ({ charset }) => (charset ? { charset: [charset[0] === 'digits' ? 'punctuation' : 'digits'] } : undefined),
  disconnect: ({ disconnect }) => (disconnect === undefined ? undefined : { disconnect: !disconnect }),
  'a pause more': ({ pauses }) => (pauses ? { pauses: [...pauses, 7] } : undefined),
  'length of a pause': ({ pauses }) => (pauses?.length ? { pauses: [77, ...pauses.slice(1)] } : undefined),
  'maximum length': ({ maximum_length }) =>
    maximum_length === undefined ? undefined : { maximum_length: maximum_length + 1 },
  'an action more': ({ actions }) => (actions ? { actions: [...actions, [1e6, 'pause', 1]] } : undefined),
  'an action less': ({ actions }) => (actions?.length ? { actions: actions.slice(1) } : undefined),
  'offset of an action': ({ actions }) =>
    changedAction(actions, ([at, ...rest]) => (at === null ? undefined : [at + 1, ...rest])),
  'kind of an action': ({ actions }) =>
    changedAction(actions, ([at, kind]) => (kind === 'pause' ? [at, 'disconnect'] : [at, 'pause', 1])),
  'argument of an action': ({ actions }) =>
    changedAction(actions, ([at, kind, argument]) => {
      if (kind === 'disconnect') return undefined;
      if (kind === 'pause') return [at, kind, argument === 'f' ? 1 : 'f'];
      return typeof argument === 'object' && 'hex' in argument
        ? [at, kind, { hex: `${argument.hex}00` }]
        : [at, kind, { random_or_file_length: 99 }];
    }),
  'type of an error': ({ error }) =>
    error && { error: { ...error, type: error.type === 'FileAccessDenied' ? 'RenderError' : 'FileAccessDenied' } },
  'stage of an error': ({ error }) =>
    error && { error: { ...error, stage: error.stage === 'serve' ? 'resolve' : 'serve' } },
  'no error': ({ error }) => error && { error: undefined },
  'an error': ({ error }) => (error ? undefined : { error: { type: 'RenderError', stage: 'serve' } }),
};

function flipped(hex: string, at: number): string {
  const digit = (parseInt(hex.charAt(at), 16) ^ 1).toString(16);
  return hex.slice(0, at) + digit + hex.slice(at + 1);
}

function changedAction(
  actions: readonly RecordedAction[] | undefined,
  change: (action: RecordedAction) => RecordedAction | undefined,
): Lie | undefined {
  const last = actions?.at(-1);
  const changed = last && change(last);
  return actions && changed && { actions: [...actions.slice(0, -1), changed] };
}

describe('checkCase', () => {
  /** Cases in which no decision overrides anything, from all over the corpus. */
  const honest = cases.filter((item) => {
    if (item.kind.startsWith('h2-') || !isReadable(item)) return false;
    return expectationOf(item, directory).decisions.length === 0;
  });

  it.each(Object.keys(lies))('finds a wrong fact: %s', async (name) => {
    const lie = lies[name];
    const tampered = honest.flatMap((item): unknown[] => {
      const [first, ...rest] = item.messages ?? [];
      const change = first && lie?.(first);
      return change ? [{ ...item, messages: [{ ...first, ...change }, ...rest] }] : [];
    });
    expect(tampered.length).toBeGreaterThan(0);
    const step = Math.max(1, Math.floor(tampered.length / 20));
    for (const item of tampered.filter((_, i) => i % step === 0)) {
      const { outcome } = await checkCase(item, directory);
      expect.soft(outcome, JSON.stringify(item)).toBe('failed');
    }
  });

  it('finds specs that are read though they were rejected, and the other way round', async () => {
    for (const item of honest.filter((_, i) => i % 20 === 0)) {
      const { error, messages, ...rest } = item;
      const lie = error
        ? { ...rest, messages: [{ canonical: rest.spec, canonical_reparses: true }] }
        : { ...rest, error: { type: 'ParseException', stage: 'parse', col: 1 } };
      expect
        .soft((await checkCase(lie, directory)).outcome, `${item.id} ${item.spec} ${String(messages?.length)}`)
        .toBe('failed');
    }
  });

  it('finds a wrong number of messages', async () => {
    const many = honest.filter(({ messages }) => (messages?.length ?? 0) > 1);
    expect(many.length).toBeGreaterThan(5);
    for (const item of many) {
      const lie = { ...item, messages: item.messages?.slice(1) };
      expect.soft((await checkCase(lie, directory)).outcome, item.id).toBe('failed');
    }
    const counted = honest.find(({ message_count }) => message_count !== undefined);
    const lie = { ...counted, message_count: (counted?.message_count ?? 0) + 1 };
    expect((await checkCase(lie, directory)).outcome).toBe('failed');
  });

  it('finds a place that an error does not have', async () => {
    const item = cases.find(({ spec }) => spec === '200:z');
    expect((await checkCase({ ...item, spec: '\u0662\u0660\u0660' }, directory)).outcome).toBe('passed');
    expect(
      (await checkCase({ ...item, spec: ':', error: { type: 'ParseException', stage: 'parse', col: 0 } }, directory))
        .outcome,
    ).toBe('failed');
  });

  it.each([
    ['null', null],
    ['an array', []],
    ['an object that is no case', { id: 'x' }],
    ['a case without facts', { id: 'x', kind: 'response', entry: 'parse_pathod', spec: '200' }],
    ['a case for an unknown parser', { id: 'x', kind: 'response', entry: 'parse', spec: '200', messages: [] }],
  ])('counts %s as failed', async (_, candidate) => {
    expect((await checkCase(candidate, directory)).outcome).toBe('failed');
  });
});

/** The same for HTTP/2. */
const http2Lies: Record<string, (facts: RecordedHttp2Message) => Partial<RecordedHttp2Message> | undefined> = {
  canonical: ({ canonical }) => ({ canonical: `${canonical}:t'a'='b'` }),
  'a field': ({ headers }) => (headers?.length ? { headers: [['x', 'y'], ...headers.slice(1)] } : undefined),
  'a field of all': ({ wire_headers }) =>
    wire_headers?.length ? { wire_headers: [...wire_headers.slice(1), ['x', 'y']] } : undefined,
  'a field more': ({ wire_headers }) => (wire_headers ? { wire_headers: [...wire_headers, ['x', 'y']] } : undefined),
  'body length': ({ body_length }) => (typeof body_length === 'number' ? { body_length: body_length + 1 } : undefined),
  'a byte of the body': ({ body_hex }) => (body_hex ? { body_hex: flipped(body_hex, 0) } : undefined),
  'a frame more': ({ frames }) =>
    frames && { frames: [...frames, { type: 'DATA', flags: [], stream_id: 1, length: 0 }] },
  'a flag': ({ frames }) => frames && { frames: frames.map((frame) => ({ ...frame, flags: [] })) },
  'a stream': ({ frames }) => frames && { frames: frames.map((frame) => ({ ...frame, stream_id: 7 })) },
  'an error': ({ error }) => (error ? undefined : { error: { type: 'FileAccessDenied', stage: 'serve' } }),
};

describe('checkCase, over HTTP/2', () => {
  const recorded = cases.filter(({ kind, messages }) => kind.startsWith('h2-') && messages?.length);

  it.each(Object.keys(http2Lies))('finds a wrong fact: %s', async (name) => {
    const tampered = recorded.flatMap((item): unknown[] => {
      const [first, ...rest] = item.messages ?? [];
      const change = first && http2Lies[name]?.(first);
      return change ? [{ ...item, messages: [{ ...first, ...change }, ...rest] }] : [];
    });
    expect(tampered.length).toBeGreaterThan(2);
    for (const item of tampered)
      expect.soft((await checkCase(item, directory)).outcome, JSON.stringify(item)).toBe('failed');
  });

  it('finds a wrong number of messages, and specs that are not read as recorded', async () => {
    for (const { messages = [], ...item } of recorded) {
      const more = { ...item, messages: [...messages, ...messages] };
      expect.soft((await checkCase(more, directory)).outcome, item.id).toBe('failed');
      const none = { ...item, error: { type: 'ParseException', stage: 'parse', col: 1 } };
      expect.soft((await checkCase(none, directory)).outcome, item.id).toBe('failed');
    }
  });
});
