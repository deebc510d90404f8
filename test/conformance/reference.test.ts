/**
 * The reference may only speak where the record is silent or overridden if it agrees with the record
 * everywhere else. So it is held to every fact of the corpus that no decision touches.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asCase, readCorpus } from './corpus.js';
import type { RecordedMessage } from './corpus.js';
import { isReadable, referenceSettings } from './expectation.js';
import type { ReadableCase } from './expectation.js';
import { Denial } from './reference/files.js';
import type { Message } from './reference/model.js';
import { parse } from './reference/parse.js';
import { print } from './reference/print.js';
import { Rejection } from './reference/rejection.js';
import { resolveMessage } from './reference/resolve.js';
import type { ReferenceSettings } from './reference/resolve.js';
import { actsOf, lengthOf, perform, runsOf } from './reference/wire.js';
import type { Run } from './reference/wire.js';
import { acceptedAfterAll, rejectedAfterAll, rulesFor } from './verdicts.js';
import type { Fact } from './verdicts.js';

const corpus = readCorpus('fixtures/language/corpus.json');

const cases = corpus.cases.flatMap((candidate): ReadableCase[] => {
  const item = asCase(candidate);
  if (typeof item === 'string') throw new TypeError(item);
  return isReadable(item) && !item.kind.startsWith('h2-') ? [item] : [];
});

function read(item: ReadableCase): readonly Message[] | string {
  try {
    return parse(item.spec, item.entry);
  } catch (error) {
    if (error instanceof Rejection) return error.decision ?? 'grammar';
    throw error;
  }
}

describe('the reference', () => {
  it('rejects what was rejected, but for two decisions', () => {
    const accepted = cases.flatMap((item) => {
      const messages = read(item);
      if (!item.error || typeof messages === 'string') return [];
      return [[item.spec, acceptedAfterAll(item.error, { messages })]];
    });
    expect(accepted).toEqual([
      ['get:/:uandroid', 'Q07'],
      ['get:/:ufirefox', 'Q07'],
      ['get:/:usafari', 'Q07'],
      ['get:/:uie9', 'Q07'],
    ]);
  });

  it('accepts what was accepted, but for one decision', () => {
    const rejected = cases.flatMap((item) => {
      const messages = read(item);
      return item.messages && typeof messages === 'string' ? [[item.spec, messages]] : [];
    });
    expect(rejected).toEqual([['wf:l18446744073709551616', 'Q17']]);
    expect(rejectedAfterAll({ rejectedBy: 'Q17' })).toBe('Q17');
  });

  it('finds every recorded fact that no decision touches', () => {
    const wrong: unknown[] = [];
    let compared = 0;
    for (const item of cases) {
      const models = read(item);
      if (typeof models === 'string') continue;
      const settings = referenceSettings(item, corpus.directory);
      const recorded = item.ideal_messages ?? item.messages ?? [];
      recorded.forEach((facts, i) => {
        const model = models[i];
        if (!model) throw new TypeError(`${item.id}: no message ${String(i)}`);
        const overridden = rulesFor({ quirks: item.quirks, facts, model, settings }).flatMap(
          ({ overrides }) => overrides,
        );
        for (const [fact, expected, actual] of compare(facts, model, settings, new Set(overridden))) {
          compared++;
          if (JSON.stringify(expected) !== JSON.stringify(actual)) wrong.push([item.id, fact, expected, actual]);
        }
      });
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(3000);
  });
});

type Comparison = readonly [fact: string, expected: unknown, actual: unknown];

function* compare(
  facts: RecordedMessage,
  model: Message,
  settings: ReferenceSettings,
  overridden: ReadonlySet<Fact>,
): Generator<Comparison> {
  if (!overridden.has('canonical')) yield ['canonical', facts.canonical, print(model)];
  if (overridden.has('error')) return;
  let resolved: Message;
  let runs: readonly Run[];
  try {
    resolved = resolveMessage(model, settings);
    if (typeof facts.resolved === 'string' && !overridden.has('resolved'))
      yield ['resolved', facts.resolved, print(resolved)];
    runs = runsOf(resolved, settings.files);
    actsOf(resolved, settings.files);
  } catch (error) {
    if (!(error instanceof Denial)) throw error;
    yield ['error', facts.error?.type, error.type];
    return;
  }
  yield ['error', facts.error?.type, undefined];
  const acts = actsOf(resolved, settings.files);
  const injected = lengthOf(acts.flatMap((act) => (act.kind === 'inject' ? [act.data] : [])));
  if (!overridden.has('length')) yield ['maximum length', facts.maximum_length, lengthOf(runs) + injected];
  // Offsets that chance decides have no number yet, and order and bytes depend on them.
  if (facts.actions?.some(([at]) => at === null)) return;
  if (!overridden.has('actions'))
    yield ['actions', facts.actions?.map(([at, kind]) => [at, kind]), acts.map(({ at, kind }) => [Number(at), kind])];
  const performed = perform(runs, acts);
  yield ['pauses', facts.pauses, performed.pauses.map(([, seconds]) => seconds)];
  yield ['disconnect', facts.disconnect, performed.disconnect];
  if (!overridden.has('wire')) yield* compareBytes(facts, performed.output);
}

function* compareBytes(facts: RecordedMessage, output: readonly Run[]): Generator<Comparison> {
  if (typeof facts.ideal_wire_hex === 'string') {
    yield ['bytes', facts.ideal_wire_hex, pattern(output)];
    return;
  }
  yield ['number of bytes', facts.wire_length, lengthOf(output)];
  if (typeof facts.wire_hex === 'string') yield ['bytes', facts.wire_hex, pattern(output)];
  else if (facts.wire_pattern !== undefined) {
    // A drawn handshake key ends in == always, as any 16 bytes in base64 do.
    yield [
      'bytes',
      facts.wire_pattern.replace(/3d3d0d0a/, '....0d0a'),
      pattern(output).replace(/3d3d0d0a/, '....0d0a'),
    ];
  } else if (facts.wire_sha256 !== undefined) {
    const bytes = Buffer.from(pattern(output), 'hex');
    yield ['SHA-256', facts.wire_sha256, createHash('sha256').update(bytes).digest('hex')];
  }
}

/** Bytes as a corpus writes them, `..` for one that is drawn. */
function pattern(output: readonly Run[]): string {
  return output.map((run) => ('bytes' in run ? run.bytes.toString('hex') : '..'.repeat(run.length))).join('');
}
