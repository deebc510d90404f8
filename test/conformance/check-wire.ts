/** Compares the bytes of a message, and what is done between them. */
import { createHash } from 'node:crypto';
import { maximumLength } from '../../src/language/plan.js';
import type { Action, Plan } from '../../src/language/plan.js';
import type { Context } from './check-message.js';
import type { RecordedAction } from './corpus.js';
import type { ExpectedMessage, WireFacts } from './expectation.js';
import type { Message as Model, Value } from './reference/model.js';
import { sizeOf } from './reference/model.js';
import { datatypes } from './reference/tables.js';
import { actsOf, mismatch, perform, runsOf, tallyDrawn } from './reference/wire.js';
import type { Act, Run as ModelRun } from './reference/wire.js';
import type { Report } from './report.js';
import type { Played } from './subject.js';

/** What was seen of a message with one source of chance. */
export interface Run {
  readonly resolved: string;
  readonly plan: Plan;
  readonly played: Played;
  /** What the reference reads in the resolved text. */
  readonly model: Model | undefined;
  /** What the reference says of the bytes sent, where it has a say. */
  readonly output?: readonly ModelRun[];
}

/** Checks the bytes and actions of one run. Gives what the reference says of the bytes, where it has a say. */
export function checkWire(
  run: Run,
  expected: ExpectedMessage,
  { reference, report }: Context,
): readonly ModelRun[] | undefined {
  const { plan, played, model } = run;
  checkBytes(played, expected.wire, report);
  checkEnding(run, expected, report);
  if (!model) return undefined;
  if (expected.wire.charset) checkCharset(model, expected.wire.charset, report);
  const acts = actsOf(model, reference.files);
  checkActions(plan, acts, expected.facts.actions, report);
  // Where the bytes are recorded, the reference has no say in them but for their number.
  const runs = expected.wireByModel ? runsOf(model, reference.files) : [{ length: plan.length, from: anyByte }];
  const performed = perform(runs, acts);
  report.equal('pauses and the bytes sent before them', performed.pauses, played.pauses);
  report.equal('disconnect', performed.disconnect, played.disconnect);
  if (!expected.wireByModel) return undefined;
  const wrong = mismatch(played.bytes, performed.output, !played.whole);
  report.holds(
    'bytes',
    wrong === undefined,
    'those of the resolved text',
    `${wrong ?? ''}: ${played.bytes.toString('hex')}`,
  );
  return performed.output;
}

const anyByte: ReadonlySet<number> = datatypes.get('bytes') ?? new Set();

function checkBytes({ bytes, whole }: Played, wire: WireFacts, report: Report): void {
  if (!whole) return;
  const hex = bytes.toString('hex');
  if (typeof wire.wire_hex === 'string') report.equal('bytes', wire.wire_hex, hex);
  if (typeof wire.wire_length === 'number') report.equal('number of bytes', wire.wire_length, bytes.length);
  if (wire.wire_prefix_hex !== undefined)
    report.equal('first bytes', wire.wire_prefix_hex, hex.slice(0, wire.wire_prefix_hex.length));
  if (wire.wire_sha256 !== undefined)
    report.equal('SHA-256 of the bytes', wire.wire_sha256, createHash('sha256').update(bytes).digest('hex'));
  if (wire.wire_pattern !== undefined) {
    const pattern = new RegExp(`^${wire.wire_pattern}$`);
    report.holds('bytes', pattern.test(hex), wire.wire_pattern, hex);
  }
}

function checkEnding({ plan, played }: Run, { facts }: ExpectedMessage, report: Report): void {
  if (facts.pauses)
    report.equal(
      'pauses',
      facts.pauses,
      played.pauses.map(([, seconds]) => seconds),
    );
  if (facts.disconnect !== undefined) report.equal('disconnect', facts.disconnect, played.disconnect);
  if (facts.maximum_length !== undefined) report.equal('maximum length', facts.maximum_length, maximumLength(plan));
  report.equal('steps behind a disconnect', 0, played.afterDisconnect);
}

/** The datatypes recorded are those that the spec draws from; one of which nothing is drawn need not be there. */
function checkCharset(model: Model, charset: readonly string[], report: Report): void {
  const values = model.clauses.flatMap((clause): Value[] => [
    ...('field' in clause ? [clause.field] : []),
    ...('value' in clause ? [clause.value] : []),
  ]);
  const drawn = values.flatMap((value) => (value.type === 'generated' ? [value] : []));
  const needed = drawn.filter((value) => sizeOf(value) > 0).map(({ datatype }) => datatype);
  const known = drawn.map(({ datatype }) => datatype);
  const fits = charset.every((name) => known.includes(name)) && needed.every((name) => charset.includes(name));
  report.holds('charset', fits, charset.join(' '), [...new Set(known)].join(' '));
}

/** Compares the actions that the resolved text names with those of the plan and with those recorded. */
function checkActions(
  plan: Plan,
  acts: readonly Act[],
  recorded: readonly RecordedAction[] | undefined,
  report: Report,
): void {
  const clamp = (at: bigint | number): number => (at < plan.length ? Number(at) : plan.length);
  report.equal(
    'actions of the plan',
    acts.map((act) => [clamp(act.at), ...kindOfAct(act)]),
    plan.actions.map((action) => [clamp(action.at), ...kindOfAction(action)]),
  );
  if (!recorded) return;
  const found = acts.map((act) => [Number(act.at), ...describeAct(act)]);
  report.holds('actions', areRecorded(recorded, acts), JSON.stringify(recorded), JSON.stringify(found));
}

function describeAct(act: Act): readonly unknown[] {
  if (act.kind === 'inject') return ['inject', 'bytes' in act.data ? act.data.bytes.toString('hex') : act.data.length];
  return act.kind === 'pause' ? ['pause', act.seconds] : ['disconnect'];
}

function kindOfAct(act: Act): readonly unknown[] {
  return act.kind === 'inject' ? ['inject', act.data.length] : describeAct(act);
}

function kindOfAction(action: Action): readonly unknown[] {
  if (action.do === 'inject') return ['inject', action.data.length];
  return action.do === 'pause' ? ['pause', action.seconds === 'forever' ? 'f' : action.seconds] : ['disconnect'];
}

/** Actions with an offset come in the order recorded; those that chance places may be anywhere among them. */
function areRecorded(recorded: readonly RecordedAction[], acts: readonly Act[]): boolean {
  const left = [...acts];
  let from = 0;
  for (const fact of recorded.filter(([at]) => at !== null)) {
    const at = left.findIndex((act, i) => i >= from && isRecorded(fact, act));
    if (at < 0) return false;
    left.splice(at, 1);
    from = at;
  }
  for (const fact of recorded.filter(([at]) => at === null)) {
    const at = left.findIndex((act) => isRecorded(fact, act));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

function isRecorded([at, kind, argument]: RecordedAction, act: Act): boolean {
  if (act.kind !== kind || (at !== null && at !== Number(act.at))) return false;
  if (act.kind === 'pause') return argument === act.seconds;
  if (act.kind === 'disconnect') return argument === undefined;
  if (typeof argument !== 'object') return false;
  if ('random_or_file_length' in argument) return argument.random_or_file_length === act.data.length;
  return 'bytes' in act.data && act.data.bytes.toString('hex') === argument.hex;
}

/** What chance decides differs from run to run, and nothing else does. */
export function checkVariation(runs: readonly Run[], { wire, resolvedVaries }: ExpectedMessage, report: Report): void {
  const resolved = new Set(runs.map((run) => run.resolved));
  if (resolvedVaries) report.holds('resolved, over many seeds', resolved.size > 1, 'various', [...resolved].join(' '));
  const hexes = runs.map(({ played }) => played.bytes.toString('hex'));
  const recordedVaries = wire.wire_hex === null && wire.wire_sha256 === undefined;
  if (recordedVaries) report.holds('bytes, over many seeds', new Set(hexes).size > 1, 'various', hexes[0] ?? '');
  const constant = (wire.wire_pattern?.match(/../g) ?? []).findIndex(
    (byte, i) => byte === '..' && new Set(hexes.map((hex) => hex.slice(2 * i, 2 * i + 2))).size === 1,
  );
  report.holds(
    'bytes, over many seeds',
    constant < 0,
    wire.wire_pattern ?? '',
    `byte ${String(constant)} never varies`,
  );
  checkAlphabets(runs, report);
}

/** So many draws for each character leave none of them out but once in 2^28. */
const enough = 20;

/** Where much is drawn, every character of the datatype turns up. */
function checkAlphabets(runs: readonly Run[], report: Report): void {
  const tally = new Map<ReadonlySet<number>, { draws: number; readonly seen: Set<number> }>();
  for (const { played, output } of runs) if (output) tallyDrawn(played.bytes, output, tally);
  for (const [alphabet, { draws, seen }] of tally) {
    const complete = draws < enough * alphabet.size || seen.size === alphabet.size;
    report.holds('characters drawn', complete, `all ${String(alphabet.size)}`, `${String(seen.size)} of them`);
  }
}
