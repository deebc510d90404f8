/** Checks that a frozen message is a fixed point that sends what the message sends. */
import type { Message } from '../../src/language/index.js';
import { checkReparses } from './check-message.js';
import type { Context } from './check-message.js';
import type { Run } from './check-wire.js';
import type { ExpectedMessage } from './expectation.js';
import { difference } from './reference/compare.js';
import { parse } from './reference/parse.js';
import { print } from './reference/print.js';
import { resolveMessage } from './reference/resolve.js';
import { actsOf, mismatch, perform, runsOf } from './reference/wire.js';
import { kindOf, outcomeOf, playThrough, settingsOf } from './subject.js';

/** Messages longer than this are not written out. */
const freezeLimit = 256 * 1024;

/** @param runs what was seen of the message, by seed from 1 */
export function checkFreeze(message: Message, expected: ExpectedMessage, runs: readonly Run[], context: Context): void {
  const { item, files, report } = context;
  for (const [i, run] of runs.slice(0, 3).entries()) {
    if (run.plan.length > freezeLimit) return;
    const frozen = outcomeOf(() => message.freeze(settingsOf(item, files, i + 1)));
    if ('error' in frozen) {
      const kind = kindOf(frozen.error);
      const allowed = expected.freeze === 'typed error' && (kind === 'RenderError' || kind === 'FileAccessDenied');
      report.holds('freeze', allowed, expected.freeze, kind);
      return;
    }
    const before = report.failures.length;
    checkFrozen(frozen.value, expected, run, context);
    if (report.failures.length > before) return;
  }
}

function checkFrozen(frozen: Message, expected: ExpectedMessage, run: Run, context: Context): void {
  const { item, files, report } = context;
  const bytes = (message: Message, seed: number): Buffer =>
    playThrough(message.plan(settingsOf(item, files, seed))).bytes;
  const again = checkReparses('frozen text', frozen.spec, context);
  if (!again) return;
  report.equal('frozen again', frozen.spec, frozen.freeze(settingsOf(item, files, 101)).spec);
  report.equal('parsed and frozen again', frozen.spec, again.freeze(settingsOf(item, files, 102)).spec);
  const sent = bytes(frozen, 103);
  report.holds('frozen, sent twice', bytes(again, 104).equals(sent), 'the same bytes', 'other bytes');
  if (!embeds(frozen)) {
    const same = run.played.bytes.equals(sent);
    report.holds('frozen bytes', same, run.played.bytes.toString('hex'), `${sent.toString('hex')} of ${frozen.spec}`);
  }
  if (expected.model && expected.freeze === 'round trip') checkFrozenText(frozen.spec, sent, expected, context);
}

/** Embedded messages are frozen too, so what is sent is not what was sent before (Q27). */
function embeds(message: Message): boolean {
  return message.has('nestedresponse') || message.has('nestedframe');
}

/** The frozen text is that of the message with its values written out, and its bytes are what the text says. */
function checkFrozenText(text: string, sent: Buffer, expected: ExpectedMessage, context: Context): void {
  const { item, reference, report } = context;
  const read = outcomeOf(() => parse(text, item.entry));
  const model = 'value' in read ? read.value[0] : undefined;
  if (!model || !expected.model) {
    report.fail('frozen text', 'the text of one message', text);
    return;
  }
  const wanted = resolveMessage(expected.model, reference);
  const sameMeaning = expected.model.touchedBy.has('Q11');
  const unlike = difference(wanted, model, { frozen: reference, sameMeaning });
  report.holds('frozen text', unlike === undefined, `${print(wanted)}, frozen`, `${text} (${unlike ?? ''})`);
  if (!sameMeaning) report.equal('frozen text, in canonical form', print(model), text);
  const performed = perform(runsOf(model, reference.files), actsOf(model, reference.files));
  const wrong = mismatch(sent, performed.output);
  report.holds('frozen bytes', wrong === undefined, 'those of the frozen text', wrong ?? '');
}
