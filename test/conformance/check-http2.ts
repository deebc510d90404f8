/** Checks a case of HTTP/2: canonical text, fields, body and frames. */
import { HpackDecoder } from '../../src/wire/hpack-decoder.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import { flagNames, frameTypeName, frameTypes } from '../../src/wire/http2-registry.js';
import { Http2FrameMessage } from '../../src/language/index.js';
import type { Http2Message } from '../../src/language/index.js';
import { isReadable, readingOf, referenceSettings } from './expectation.js';
import type { ReadableCase } from './expectation.js';
import type { CorpusCase, RecordedHttp2Message } from './corpus.js';
import { furtherLanguage } from './extensions.js';
import { checkExtended } from './check-extended.js';
import { http2Parts, isHttp2 } from './reference/http2.js';
import type { Http2Parts } from './reference/http2.js';
import { Denial } from './reference/files.js';
import type { Message as Model } from './reference/model.js';
import { print } from './reference/print.js';
import { mismatch } from './reference/wire.js';
import { acceptedAfterAll, rejectedAfterAll } from './verdicts.js';
import type { Report } from './report.js';
import { filesOf, kindOf, outcomeOf, parseHttp2With, playThrough, settingsOf } from './subject.js';
import type { CaseFiles, Outcome } from './subject.js';

/** Decisions that give a text another meaning than was recorded. */
const meanings = ['Q03', 'Q04', 'Q06', 'Q07'];

/** Whether a case is one of HTTP/2. */
export function isHttp2Case({ kind }: CorpusCase): boolean {
  return kind.startsWith('h2-');
}

interface Context {
  readonly item: ReadableCase;
  readonly directory: string;
  readonly files: CaseFiles;
  readonly report: Report;
}

/** Checks a case. Gives the decisions that overrode what was recorded. */
export function checkHttp2Case(item: CorpusCase, directory: string, report: Report): readonly string[] {
  if (!isReadable(item)) {
    report.fail('entry', 'a known parser', item.entry);
    return [];
  }
  const context: Context = { item, directory, files: filesOf(item, directory), report };
  const reading = readingOf(item);
  const parsed = outcomeOf(() => parseHttp2With(item.entry, item.spec, context.files));
  if (item.error) {
    const models = 'messages' in reading ? reading.messages : [];
    const isShared = models.every((model) => isHttp2(model, item.spec));
    const decision = isShared ? acceptedAfterAll(item.error, reading) : undefined;
    if (decision === undefined) checkRejected(parsed, context);
    else checkAccepted(models.map(asRecorded), models, parsed, context);
    return decision === undefined ? [] : [decision];
  }
  const narrowed = rejectedAfterAll(reading);
  if (narrowed !== undefined) {
    checkRejected(parsed, context);
    return [narrowed];
  }
  const recorded = item.messages ?? [];
  const count = item.message_count ?? recorded.length;
  const read = 'messages' in reading && reading.messages.length === count ? reading.messages : [];
  checkAccepted(recorded, read, parsed, context, count);
  return [...new Set(read.flatMap((model) => [...model.touchedBy]))];
}

type Parsed = Outcome<readonly Http2Message[]>;

/** What is known of a message that was not recorded. */
function asRecorded(model: Model): RecordedHttp2Message {
  return { canonical: print(model) };
}

function checkRejected(parsed: Parsed, context: Context): void {
  const { item, report } = context;
  if ('error' in parsed) report.equal('parse', 'SpecError', kindOf(parsed.error));
  else if (item.error && furtherLanguage(item, parsed.value).length > 0) checkExtended(parsed.value, context);
  else report.fail('parse', 'SpecError', parsed.value.map(({ spec }) => spec).join(' ') || 'no messages');
}

/** @param models what the reference reads, when it reads as many messages */
function checkAccepted(
  recorded: readonly RecordedHttp2Message[],
  models: readonly Model[],
  parsed: Parsed,
  context: Context,
  count = recorded.length,
): void {
  const { report } = context;
  if ('error' in parsed) {
    report.fail('parse', recorded.map(({ canonical }) => canonical).join(' '), kindOf(parsed.error));
    return;
  }
  if (!report.equal('message count', count, parsed.value.length)) return;
  recorded.forEach((facts, i) => {
    const message = parsed.value[i];
    report.about(recorded.length > 1 ? `message ${String(i + 1)}: ` : '');
    if (message) checkMessage(message, facts, models[i], context);
  });
  report.about('');
}

/** How serving a message fails, when it does. */
function refusal({ error }: RecordedHttp2Message, parts: Outcome<Http2Parts> | undefined): string | undefined {
  if (error && !error.type.startsWith('crash:')) return error.type;
  return parts && 'error' in parts && parts.error instanceof Denial ? parts.error.type : undefined;
}

function checkMessage(
  message: Http2Message,
  facts: RecordedHttp2Message,
  model: Model | undefined,
  context: Context,
): void {
  const { item, directory, files, report } = context;
  if (message instanceof Http2FrameMessage) {
    report.fail('kind', 'a request or a response', message.kind);
    return;
  }
  const touched = [...(model?.touchedBy ?? [])];
  const texts = [facts.canonical, ...(model && touched.length > 0 ? [print(model)] : [])];
  report.holds('canonical', texts.includes(message.spec), texts.join(' or '), message.spec);
  checkReparses(message.spec, context);
  const reference = { ...referenceSettings(item, directory), port: item.settings.port ?? null };
  const parts = model && outcomeOf(() => http2Parts(model, reference));
  const refused = refusal(facts, parts);
  const settings = settingsOf(item, files, 1);
  const sent = outcomeOf(() => sentAs(playThrough(message.plan(settings)).bytes));
  if ('error' in sent || refused !== undefined) {
    report.equal('plan', refused ?? 'no error', 'error' in sent ? kindOf(sent.error) : 'no error');
    return;
  }
  const { fields, body, frames } = sent.value;
  const list = message.headerList(settings).map((field) => field.map((part) => part.toString('latin1')));
  report.equal('fields, as they are told', list, fields);
  const isAsRecorded = !touched.some((decision) => meanings.includes(decision)) && facts.error === undefined;
  if (isAsRecorded) checkRecorded(facts, sent.value, report);
  if (parts && 'value' in parts) checkParts(parts.value, sent.value, report);
  report.equal('frames', expectedFrames(message.kind === 'http2-request' ? 1 : 2, body.length), frames);
  checkFreeze(message, context);
}

/** What was seen of one message. */
interface Sent {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly frames: readonly object[];
}

function sentAs(bytes: Buffer): Sent {
  const reader = new Http2FrameReader();
  const decoder = new HpackDecoder();
  reader.receive(bytes);
  const block: Buffer[] = [];
  const data: Buffer[] = [];
  const frames: object[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) {
    const isData = frame.type === frameTypes.data;
    (isData ? data : block).push(frame.payload);
    const flags = flagNames(frame.type, frame.flags)
      .map((name) => name.toUpperCase())
      .sort();
    const type = frameTypeName(frame.type)?.toUpperCase();
    frames.push({ type, flags, stream_id: frame.streamId, ...(isData && { length: frame.payload.length }) });
  }
  const fields = decoder.decode(Buffer.concat(block)).map(({ name, value }) => [name, value] as const);
  return { fields, body: Buffer.concat(data), frames };
}

/** HEADERS, and DATA of 16384 bytes each; our header blocks fit one frame in a corpus. */
function expectedFrames(streamId: number, length: number): readonly object[] {
  const headers = {
    type: 'HEADERS',
    flags: length === 0 ? ['END_HEADERS', 'END_STREAM'] : ['END_HEADERS'],
    stream_id: streamId,
  };
  const frames: object[] = [headers];
  for (let at = 0; at < length; at += 16384) {
    const size = Math.min(16384, length - at);
    frames.push({ type: 'DATA', flags: at + size === length ? ['END_STREAM'] : [], stream_id: streamId, length: size });
  }
  return frames;
}

function checkRecorded(facts: RecordedHttp2Message, { fields, body, frames }: Sent, report: Report): void {
  const { headers, wire_headers, body_length, body_hex } = facts;
  if (wire_headers) report.equal('fields', wire_headers, fields);
  if (headers)
    report.equal('fields behind those added ahead', headers, headers.length === 0 ? [] : fields.slice(-headers.length));
  if (typeof body_length === 'number') report.equal('body length', body_length, body.length);
  if (typeof body_hex === 'string') report.equal('body', body_hex, body.toString('hex'));
  if (facts.frames)
    report.equal(
      'recorded frames',
      facts.frames.map(({ flags, ...rest }) => ({ ...rest, flags: [...flags].sort() })).map(ordered),
      frames.map(ordered),
    );
}

/** The same members in one order. */
function ordered(frame: object): object {
  return Object.fromEntries(Object.entries(frame).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkParts({ fields, body }: Http2Parts, sent: Sent, report: Report): void {
  if (!report.equal('number of fields', fields.length, sent.fields.length)) return;
  fields.forEach(([name, value], i) => {
    const found = sent.fields[i] ?? ['', ''];
    const wrong = mismatch(Buffer.from(found[0], 'latin1'), name) ?? mismatch(Buffer.from(found[1], 'latin1'), value);
    report.holds(
      `field ${String(i + 1)}`,
      wrong === undefined,
      'as the reference says',
      `${found.join(': ')} (${wrong ?? ''})`,
    );
  });
  const wrong = mismatch(sent.body, [body]);
  report.holds('body', wrong === undefined, 'as the reference says', wrong ?? '');
}

function checkReparses(spec: string, { item, files, report }: Context): void {
  const again = outcomeOf(() => parseHttp2With(item.entry, spec, files).map((message) => message.spec));
  report.equal('canonical parses back', [spec], 'value' in again ? again.value : kindOf(again.error));
}

/** A frozen message is a fixed point that leaves nothing to chance and sends what the message sends. */
function checkFreeze(message: Http2Message, context: Context): void {
  const { item, files, report } = context;
  const frozen = outcomeOf(() => message.freeze(settingsOf(item, files, 1)));
  if ('error' in frozen) {
    report.fail('freeze', 'no error', kindOf(frozen.error));
    return;
  }
  const { spec } = frozen.value;
  checkReparses(spec, context);
  report.equal('frozen again', spec, frozen.value.freeze(settingsOf(item, files, 2)).spec);
  if (message.has('nestedresponse')) return;
  const bytes = (one: Http2Message, seed: number): string =>
    playThrough(one.plan(settingsOf(item, files, seed))).bytes.toString('hex');
  report.equal('frozen bytes', bytes(message, 1), bytes(frozen.value, 3));
}
