/** Checks what the further language makes of a spec that was rejected: there is no record of it to compare with. */
import type { Message } from '../../src/language/index.js';
import type { ReadableCase } from './expectation.js';
import type { Report } from './report.js';
import { kindOf, outcomeOf, parseHttp2With, parseWith } from './subject.js';
import type { CaseFiles } from './subject.js';

/** Each message prints a canonical text that is read back as that message. */
export function checkExtended(
  messages: readonly Message[],
  { item, files, report }: { readonly item: ReadableCase; readonly files: CaseFiles; readonly report: Report },
): void {
  const parse = item.kind.startsWith('h2-') ? parseHttp2With : parseWith;
  for (const spec of new Set(messages.map((message) => message.spec))) {
    const again = outcomeOf(() => parse(item.entry, spec, files).map((message) => message.spec));
    report.equal('further language, read back', [spec], 'value' in again ? again.value : kindOf(again.error));
  }
}
