/**
 * The decisions as rules: which recorded facts each of them overrides, and when.
 *
 * A rule looks at what was recorded and at how the reference reads the spec, never at ids or at
 * particular specs, so it holds for any corpus. What a rule overrides is answered by the reference
 * (`reference/`), a second reading of the language that shares no code with the first. Decisions
 * that are not named here keep what was recorded. `verdict-table.ts` answers the cases of our own
 * corpus once more, in plain sight; a test holds the two to each other.
 */
import type { RecordedError, RecordedMessage } from './corpus.js';
import type { ExpectedMessage, Reading } from './expectation.js';
import { difference } from './reference/compare.js';
import { Denial } from './reference/files.js';
import { find } from './reference/model.js';
import type { Message } from './reference/model.js';
import { parse } from './reference/parse.js';
import { print } from './reference/print.js';
import { Rejection } from './reference/rejection.js';
import { resolveMessage } from './reference/resolve.js';
import type { ReferenceSettings } from './reference/resolve.js';
import { actsOf, runsOf } from './reference/wire.js';

/** A group of recorded facts. `error`: that serving failed at all, and so all that follows from serving. */
export type Fact = 'canonical' | 'resolved' | 'wire' | 'length' | 'actions' | 'error';

/** What a rule looks at: a recorded message and how the reference reads it. */
export interface Situation {
  readonly quirks: readonly string[];
  readonly facts: RecordedMessage;
  readonly model: Message;
  readonly settings: ReferenceSettings;
}

export interface Rule {
  readonly decision: string;
  readonly says: string;
  readonly overrides: readonly Fact[];
  readonly applies: (situation: Situation) => boolean;
}

/** How serving a message fails, in the terms of a corpus. No stage: resolving or serving. */
export interface Denied {
  readonly type: 'FileAccessDenied' | 'RenderError';
  readonly stage?: 'resolve' | 'serve';
}

const touchedBy =
  (decision: string) =>
  ({ model }: Situation): boolean =>
    model.touchedBy.has(decision);

/** Rules for messages that were read. Freezing needs none: every message must survive it (Q03, Q07, Q10, Q11, Q27). */
export const rules: readonly Rule[] = [
  {
    decision: 'Q01',
    says: 'offsets are exact however many actions fall into one value, drawn ones too',
    overrides: ['wire'],
    // Where the bytes are fixed and wrong, what is right was recorded with them.
    applies: ({ facts, quirks }) =>
      actionsWithin(facts) > 1 &&
      facts.ideal_wire_length === undefined &&
      (typeof facts.wire_hex !== 'string' || quirks.includes('Q01')),
  },
  {
    decision: 'Q02 Q12 Q13 Q14 Q22',
    says: 'what fell over when it was served is served: embedded responses, files and drawn values anywhere, empty files',
    overrides: ['error'],
    applies: ({ facts }) => facts.error?.type.startsWith('crash:') === true,
  },
  {
    decision: 'Q03',
    says: 'a backslash pair is one backslash, whatever letter follows',
    overrides: ['canonical', 'resolved', 'wire', 'length', 'actions'],
    applies: touchedBy('Q03'),
  },
  {
    decision: 'Q04',
    says: 'a TAB inside quotes is one byte',
    overrides: ['canonical', 'resolved', 'wire', 'length', 'actions'],
    applies: touchedBy('Q04'),
  },
  {
    decision: 'Q06',
    says: 'a backslash keeps a quote from ending the text',
    overrides: ['canonical', 'resolved', 'wire', 'length', 'actions'],
    applies: touchedBy('Q06'),
  },
  {
    decision: 'Q07',
    says: "the literal u'c' is not the shortcut uc",
    overrides: ['canonical', 'resolved'],
    applies: touchedBy('Q07'),
  },
  {
    decision: 'Q08',
    says: 'resolving a masked frame makes up its key',
    overrides: ['resolved'],
    applies: ({ model }) => lacksKey(model),
  },
  {
    decision: 'Q09',
    says: 'offsets are resolved against the frame with its key',
    overrides: ['resolved', 'wire', 'actions'],
    applies: ({ model }) =>
      lacksKey(model) && model.clauses.some((clause) => 'offset' in clause && typeof clause.offset === 'string'),
  },
  {
    decision: 'Q11',
    says: 'canonical text parses back, naked values quoted where they must be',
    overrides: ['canonical', 'resolved'],
    applies: ({ facts, model }) => model.touchedBy.has('Q11') || !facts.canonical_reparses,
  },
  {
    decision: 'Q15',
    says: 'files are confined by path component',
    overrides: ['error'],
    applies: ({ model, settings }) => denial(model, settings)?.decision === 'Q15',
  },
];

/** The rules that have a say in a message. */
export function rulesFor(situation: Situation): readonly Rule[] {
  return rules.filter(({ applies }) => applies(situation));
}

/** Q01: how many actions happen between the first byte and the last; only such can be moved by others. */
function actionsWithin({ actions = [], maximum_length = 0 }: RecordedMessage): number {
  const injected = actions.map(([, , argument]) => {
    if (typeof argument !== 'object') return 0;
    return 'hex' in argument ? argument.hex.length / 2 : argument.random_or_file_length;
  });
  const length = maximum_length - injected.reduce((sum, bytes) => sum + bytes, 0);
  return actions.filter(([at]) => at === null || (at > 0 && at < length)).length;
}

/** Q08 Q09: a client's frame that says nothing of mask or key is masked with a key that is made up. */
function lacksKey(model: Message): boolean {
  const named = find(model, 'mask') ?? find(model, 'key') ?? find(model, 'knone');
  return model.kind === 'frame' && model.client && named === undefined;
}

/**
 * The decision by which a spec that was not read is in the language: it was a crash (Q05, Q06, Q26),
 * or is accepted now (`\'` inside quotes, Q06; long user agent names, Q07).
 */
export function acceptedAfterAll(error: RecordedError, reading: Reading): string | undefined {
  if (!('messages' in reading)) return undefined;
  const widened = ['Q06', 'Q07'].find((decision) => reading.messages.some((model) => model.touchedBy.has(decision)));
  return widened ?? (error.type.startsWith('crash:') ? 'no crash' : undefined);
}

/** The decision by which a spec that was read is not in the language: unfinished escapes, lengths and keys out of range. */
export function rejectedAfterAll(reading: Reading): string | undefined {
  const decision = 'rejectedBy' in reading ? reading.rejectedBy : undefined;
  return ['Q05', 'Q17', 'Q18', 'Q26'].find((narrowing) => narrowing === decision);
}

/** Whether the reference reads a text as a message of the same meaning. */
export function readsAlike(text: string, model: Message): boolean {
  const entry = model.client ? 'parse_pathoc' : 'parse_pathod';
  try {
    const [message, ...more] = parse(text, entry);
    return (
      message !== undefined && more.length === 0 && difference(model, message, { sameMeaning: true }) === undefined
    );
  } catch (error) {
    if (error instanceof Rejection) return false;
    throw error;
  }
}

/** How the reference fails to serve a message, when it does. */
function denial(model: Message, settings: ReferenceSettings): Denial | undefined {
  try {
    const resolved = resolveMessage(model, settings);
    runsOf(resolved, settings.files);
    actsOf(resolved, settings.files);
    return undefined;
  } catch (error) {
    if (error instanceof Denial) return error;
    throw error;
  }
}

/** {@link denial} in the terms of a corpus. */
export function failureOf(model: Message, settings: ReferenceSettings): Denied | undefined {
  const failure = denial(model, settings);
  return failure && { type: failure.type };
}

/** A message of which all is as the reference says. */
export function expectedOf(model: Message, settings: ReferenceSettings): ExpectedMessage {
  const error = failureOf(model, settings);
  return {
    canonical: [print(model)],
    model,
    ...(error && { error }),
    wire: {},
    wireByModel: true,
    facts: {},
    freeze: error ? 'not looked at' : freezeOf(model, settings),
    resolvedVaries: false,
  };
}

/**
 * Q27: an embedded response is resolved when it is frozen, and cannot be when it wants a handshake
 * or a file that only the other end has. Freezing then fails with a typed error.
 */
export function freezeOf(model: Message, settings: ReferenceSettings): ExpectedMessage['freeze'] {
  const embedded = find(model, 'nestedresponse') ?? find(model, 'nestedframe');
  return embedded && denial(embedded.inner, settings) ? 'typed error' : 'round trip';
}
