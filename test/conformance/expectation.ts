/** What a case demands of the language: what was recorded, put right by the decisions. */
import { resolve } from 'node:path';
import type { CorpusCase, RecordedMessage } from './corpus.js';
import { filesIn } from './reference/files.js';
import type { Message } from './reference/model.js';
import { entries, parse } from './reference/parse.js';
import type { Entry } from './reference/parse.js';
import { print } from './reference/print.js';
import { Rejection } from './reference/rejection.js';
import type { ReferenceSettings } from './reference/resolve.js';
import {
  acceptedAfterAll,
  expectedOf,
  failureOf,
  freezeOf,
  readsAlike,
  rejectedAfterAll,
  rulesFor,
} from './verdicts.js';
import type { Denied, Fact } from './verdicts.js';
import type { TableEntry } from './verdict-table.js';

export type Expectation = Rejected | Accepted;

/** The spec is not in the language. */
export interface Rejected {
  readonly outcome: 'rejected';
  /** Any typed error will do, not just SpecError. */
  readonly anyType: boolean;
  /** The mistake has a place, though none was recorded (Q21). */
  readonly placed: boolean;
  readonly decisions: readonly string[];
}

export interface Accepted {
  readonly outcome: 'accepted';
  readonly count: number;
  /** One an expected message; of more than six only the first. */
  readonly messages: readonly ExpectedMessage[];
  /** Canonical text of the messages behind those, as far as it is known. */
  readonly further: readonly string[];
  readonly decisions: readonly string[];
}

/** What one message must be. A fact that is absent is not known. */
export interface ExpectedMessage {
  /** Any of these texts. */
  readonly canonical: readonly string[];
  /** The text, or how it looks; absent: as the reference resolves `model`. */
  readonly resolved?: string | RegExp;
  /** What the reference reads in the spec; absent when it does not read it as recorded. */
  readonly model?: Message;
  /** Resolving or planning fails. No stage: one of them. */
  readonly error?: Denied;
  /** Facts of the bytes. */
  readonly wire: WireFacts;
  /** The bytes are those that the reference makes of the resolved text. */
  readonly wireByModel: boolean;
  readonly facts: Pick<RecordedMessage, 'disconnect' | 'pauses' | 'maximum_length' | 'actions'>;
  /** `typed error`: what it embeds cannot be resolved here, so either it stays as it is or freezing fails. */
  readonly freeze: 'round trip' | 'typed error' | 'not looked at';
  /** Chance decides the resolved text. */
  readonly resolvedVaries: boolean;
}

export type WireFacts = Pick<
  RecordedMessage,
  'wire_length' | 'wire_hex' | 'wire_sha256' | 'wire_prefix_hex' | 'wire_pattern' | 'charset'
>;

/** A case whose entry is one of the language's. */
export type ReadableCase = CorpusCase & { readonly entry: Entry };

export function isReadable(item: CorpusCase): item is ReadableCase {
  return (entries as readonly string[]).includes(item.entry);
}

/** The settings of a case for the reference. @param directory where `static` lies */
export function referenceSettings({ settings }: CorpusCase, directory: string): ReferenceSettings {
  const root = settings.staticdir == null ? undefined : resolve(directory, settings.staticdir);
  return {
    files: filesIn(root, settings.unconstrained_file_access === true),
    requestHost: settings.request_host ?? null,
    websocketKey: settings.websocket_key ?? null,
  };
}

/** What reading a spec with the reference gave: messages, or the decision that rejects it, if it is one. */
export type Reading = { readonly messages: readonly Message[] } | { readonly rejectedBy: string | undefined };

/** Reads a spec with the reference. */
export function readingOf(item: ReadableCase): Reading {
  try {
    return { messages: parse(item.spec, item.entry) };
  } catch (error) {
    if (error instanceof Rejection) return { rejectedBy: error.decision };
    throw error;
  }
}

/**
 * What is demanded of a case.
 * @param directory where `static` lies
 * @param entry the line of the verdict table for this very case
 */
export function expectationOf(item: ReadableCase, directory: string, entry?: TableEntry): Expectation {
  const expectation = byRules(item, referenceSettings(item, directory));
  return entry ? overlaid(item, expectation, entry) : expectation;
}

function byRules(item: ReadableCase, settings: ReferenceSettings): Expectation {
  const reading = readingOf(item);
  if (item.error) {
    const decision = acceptedAfterAll(item.error, reading);
    return decision === undefined || !('messages' in reading)
      ? rejection(item, 'rejectedBy' in reading ? reading.rejectedBy : undefined)
      : accepted(
          reading.messages.map((model) => expectedOf(model, settings)),
          [decision],
        );
  }
  const narrowed = rejectedAfterAll(reading);
  if (narrowed !== undefined) return rejection(item, narrowed);
  const recorded = item.ideal_messages ?? item.messages ?? [];
  const models = 'messages' in reading ? reading.messages : [];
  const count = item.message_count ?? recorded.length;
  const decisions = new Set<string>(item.ideal_messages ? ['Q02'] : []);
  const messages = recorded.map((facts, i) => {
    const model = models.length === count ? models[i] : undefined;
    return expectedMessage(item, facts, model, settings, decisions);
  });
  const further = models.length === count ? models.slice(recorded.length).map(print) : [];
  return { ...accepted(messages, [...decisions]), count, further };
}

function accepted(messages: readonly ExpectedMessage[], decisions: readonly string[]): Accepted {
  return { outcome: 'accepted', count: messages.length, messages, further: [], decisions };
}

function rejection({ spec, error }: CorpusCase, decision: string | undefined): Rejected {
  return {
    outcome: 'rejected',
    // `+path` loads a spec from a file, which may be denied (further decisions).
    anyType: /^\s*\+/.test(spec),
    placed: error?.col === 0,
    decisions: decision === undefined ? [] : [decision],
  };
}

/** What is demanded of a message of which facts were recorded. Adds the decisions that have a say to `decisions`. */
function expectedMessage(
  { quirks }: CorpusCase,
  facts: RecordedMessage,
  reading: Message | undefined,
  settings: ReferenceSettings,
  decisions: Set<string>,
): ExpectedMessage {
  const rules = reading ? rulesFor({ quirks, facts, model: reading, settings }) : [];
  const overridden = new Set<Fact>(rules.flatMap(({ overrides }) => overrides));
  // A reference that reads the spec otherwise than it was recorded, without a reason, has no say.
  const model = reading && (overridden.has('canonical') || print(reading) === facts.canonical) ? reading : undefined;
  for (const { decision } of model ? rules : []) decisions.add(decision);
  if (!model) return recordedMessage(facts, undefined, new Set(), settings);
  if (overridden.has('error')) {
    const error = failureOf(model, settings);
    return { ...expectedOf(model, settings), ...(error && { error }), canonical: canonicals(facts, model, overridden) };
  }
  return { ...recordedMessage(facts, model, overridden, settings), canonical: canonicals(facts, model, overridden) };
}

/** The texts that may be canonical: the recorded one as long as it means the same, and that of the reference. */
function canonicals(facts: RecordedMessage, model: Message, overridden: ReadonlySet<Fact>): readonly string[] {
  if (!overridden.has('canonical')) return [facts.canonical];
  const recorded = readsAlike(facts.canonical, model) ? [facts.canonical] : [];
  return [...new Set([print(model), ...recorded])];
}

function recordedMessage(
  facts: RecordedMessage,
  model: Message | undefined,
  overridden: ReadonlySet<Fact>,
  settings: ReferenceSettings,
): ExpectedMessage {
  const { disconnect, pauses, maximum_length, actions, error } = facts;
  const wire = overridden.has('wire') ? {} : wireFacts(facts);
  const byText = typeof facts.resolved === 'string' && !overridden.has('resolved');
  const denied = error && !error.type.startsWith('crash:') ? deniedAs(error) : undefined;
  return {
    canonical: [facts.canonical],
    ...(byText && typeof facts.resolved === 'string' && { resolved: facts.resolved }),
    ...(model && { model }),
    ...(denied && { error: denied }),
    wire,
    wireByModel: model !== undefined && typeof wire.wire_hex !== 'string' && wire.wire_sha256 === undefined,
    facts: {
      ...(disconnect !== undefined && { disconnect }),
      ...(pauses && { pauses }),
      ...(maximum_length !== undefined && !overridden.has('length') && { maximum_length }),
      ...(actions && !overridden.has('actions') && { actions }),
    },
    freeze:
      error !== undefined || facts.freeze_skipped !== undefined
        ? 'not looked at'
        : model
          ? freezeOf(model, settings)
          : 'round trip',
    resolvedVaries: facts.resolved_random === true,
  };
}

function deniedAs({ type, stage }: NonNullable<RecordedMessage['error']>): Denied {
  const known = type === 'FileAccessDenied' ? type : 'RenderError';
  return stage === 'resolve' || stage === 'serve' ? { type: known, stage } : { type: known };
}

/** The recorded bytes, or those that an exact writer sends (Q01). */
function wireFacts(facts: RecordedMessage): WireFacts {
  if (typeof facts.ideal_wire_hex === 'string') return { wire_hex: facts.ideal_wire_hex };
  if (typeof facts.ideal_wire_length === 'number') return { wire_length: facts.ideal_wire_length };
  const { wire_length, wire_hex, wire_sha256, wire_prefix_hex, wire_pattern, charset } = facts;
  return {
    ...(wire_length !== undefined && { wire_length }),
    ...(wire_hex !== undefined && { wire_hex }),
    ...(wire_sha256 !== undefined && { wire_sha256 }),
    ...(wire_prefix_hex !== undefined && { wire_prefix_hex }),
    ...(wire_pattern !== undefined && { wire_pattern }),
    ...(charset && { charset }),
  };
}

/** The expectation with what the verdict table says in place of what the rules found. */
function overlaid(item: CorpusCase, expectation: Expectation, entry: TableEntry): Expectation {
  const decisions = [...new Set([...expectation.decisions, entry.decision])];
  if (entry.outcome === 'rejected') return { ...rejection(item, undefined), decisions };
  const found = expectation.outcome === 'accepted' ? expectation.messages : [];
  const messages = entry.messages.map((line, i): ExpectedMessage => {
    const base = found[i] ?? plainMessage;
    return {
      ...base,
      ...(line.canonical !== undefined && { canonical: [line.canonical] }),
      ...(line.resolved !== undefined && { resolved: line.resolved }),
      ...(line.wire !== undefined && { wire: line.wire }),
    };
  });
  return { ...accepted(messages, decisions) };
}

const plainMessage: ExpectedMessage = {
  canonical: [],
  wire: {},
  wireByModel: false,
  facts: {},
  freeze: 'round trip',
  resolvedVaries: false,
};
