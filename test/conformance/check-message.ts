/** Checks one message: its canonical text, its resolved text, its bytes and actions, and that it survives freezing. */
import type { Message } from '../../src/language/index.js';
import { render } from '../../src/language/index.js';
import { checkFreeze } from './check-freeze.js';
import { checkWire, checkVariation } from './check-wire.js';
import type { Run } from './check-wire.js';
import type { ExpectedMessage, ReadableCase } from './expectation.js';
import { difference } from './reference/compare.js';
import type { Message as Model } from './reference/model.js';
import { parse } from './reference/parse.js';
import { print } from './reference/print.js';
import { resolveMessage } from './reference/resolve.js';
import type { ReferenceSettings } from './reference/resolve.js';
import type { Report } from './report.js';
import { kindOf, outcomeOf, parseWith, playThrough, settingsOf } from './subject.js';
import type { CaseFiles } from './subject.js';

/** What the checks of one case share. */
export interface Context {
  readonly item: ReadableCase;
  readonly files: CaseFiles;
  readonly reference: ReferenceSettings;
  readonly report: Report;
}

/** Sources of chance that are tried where chance has a say: as many as the record was made with. */
const manySeeds = Array.from({ length: 24 }, (_, i) => i + 1);
/** And where it must not have one, or where there is much to compare. */
const fewSeeds = 2;
const muchBytes = 64 * 1024;

export async function checkMessage(message: Message, expected: ExpectedMessage, context: Context): Promise<void> {
  const { report } = context;
  const canonical = expected.canonical.includes(message.spec);
  report.holds(
    'canonical',
    canonical || expected.canonical.length === 0,
    expected.canonical.join(' or '),
    message.spec,
  );
  checkReparses('canonical', message.spec, context);
  if (expected.error) return checkDenied(message, expected, context);
  const runs: Run[] = [];
  for (const seed of manySeeds) {
    if (seed > fewSeeds && (isFixed(expected) || runs[0] === undefined || runs[0].played.bytes.length > muchBytes))
      break;
    const before = report.failures.length;
    const run = await runOnce(message, expected, seed, context);
    if (!run || report.failures.length > before) return;
    runs.push(run);
  }
  checkVariation(runs, expected, report);
  if (expected.freeze !== 'not looked at') checkFreeze(message, expected, runs, context);
}

function isFixed({ wire, resolvedVaries }: ExpectedMessage): boolean {
  return !resolvedVaries && (typeof wire.wire_hex === 'string' || wire.wire_sha256 !== undefined);
}

/** Canonical text is read back as one message with the same canonical text. */
export function checkReparses(fact: string, spec: string, { item, files, report }: Context): Message | undefined {
  const again = outcomeOf(() => parseWith(item.entry, spec, files));
  const found = 'value' in again ? again.value.map((message) => message.spec) : [kindOf(again.error)];
  report.equal(`${fact} parses back`, JSON.stringify([spec]), JSON.stringify(found));
  return 'value' in again && again.value.length === 1 ? again.value[0] : undefined;
}

/** Everything that can be seen of a message with one source of chance. */
async function runOnce(
  message: Message,
  expected: ExpectedMessage,
  seed: number,
  context: Context,
): Promise<Run | undefined> {
  const { item, files, report } = context;
  const settings = (): ReturnType<typeof settingsOf> => settingsOf(item, files, seed);
  const resolved = outcomeOf(() => message.resolve(settings()));
  if ('error' in resolved) {
    report.fail('resolve', 'no error', kindOf(resolved.error));
    return undefined;
  }
  const model = checkResolved(resolved.value.spec, expected, context);
  checkReparses('resolved text', resolved.value.spec, context);
  const planned = outcomeOf(() => {
    const plan = message.plan(settings());
    return { plan, played: playThrough(plan) };
  });
  if ('error' in planned) {
    report.fail('plan', 'no error', kindOf(planned.error));
    return undefined;
  }
  const run: Run = { resolved: resolved.value.spec, ...planned.value, model };
  const output = checkWire(run, expected, context);
  report.equal('length()', run.plan.length, message.length(settings()));
  const again = playThrough(resolved.value.resolve(settings()).plan(settings()));
  report.holds('plan of the resolved message', again.bytes.equals(run.played.bytes), 'the same bytes', 'other bytes');
  const injected = run.plan.actions.reduce((sum, act) => sum + (act.do === 'inject' ? act.data.length : 0), 0);
  report.equal('maximumLength()', run.plan.length + injected, message.maximumLength(settings()));
  if (run.played.whole && seed === 1) {
    const rendered = await render(message, settings());
    report.holds('render()', rendered.equals(run.played.bytes), 'the bytes of plan()', rendered.toString('hex'));
  }
  return output ? { ...run, output } : run;
}

/** Compares the resolved text. Gives what the reference reads in it. */
function checkResolved(
  text: string,
  expected: ExpectedMessage,
  { item, reference, report }: Context,
): Model | undefined {
  const read = outcomeOf(() => parse(text, item.entry));
  const [model, ...more] = 'value' in read ? read.value : [];
  report.holds('resolved text', model !== undefined && more.length === 0, 'the text of one message', text);
  if (typeof expected.resolved === 'string') report.equal('resolved', expected.resolved, text);
  else if (expected.resolved) report.holds('resolved', expected.resolved.test(text), expected.resolved.source, text);
  else if (expected.model && model) {
    const wanted = resolveMessage(expected.model, reference);
    const sameMeaning = expected.model.touchedBy.has('Q11');
    const unlike = difference(wanted, model, { sameMeaning });
    report.holds('resolved', unlike === undefined, print(wanted), `${text} (${unlike ?? ''})`);
    if (!sameMeaning) report.equal('resolved text, in canonical form', print(model), text);
  }
  return model;
}

/** Resolving or planning fails as expected, and so does rendering. */
async function checkDenied(message: Message, expected: ExpectedMessage, context: Context): Promise<void> {
  const { item, files, report } = context;
  const { type, stage } = expected.error ?? { type: 'RenderError' };
  const settings = settingsOf(item, files, 1);
  const resolved = outcomeOf(() => message.resolve(settings));
  const served = outcomeOf(() => playThrough(message.plan(settings)));
  const kind = (outcome: typeof resolved | typeof served): string =>
    'error' in outcome ? kindOf(outcome.error) : 'no error';
  if (stage !== undefined) report.equal('resolve', stage === 'resolve' ? type : 'no error', kind(resolved));
  if (stage === 'serve' && 'value' in resolved) checkResolved(resolved.value.spec, expected, context);
  report.equal('plan', type, kind(served));
  const rendered = await render(message, settings).then(
    () => 'no error',
    (error: unknown) => kindOf(error),
  );
  report.equal('render()', type, rendered);
}
