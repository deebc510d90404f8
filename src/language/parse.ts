/** The ways into the language: from text to messages. */
import { SpecError } from '../errors.js';
import { maximumMessages } from './clauses/times.js';
import type { Files } from './files.js';
import { parseRule } from './grammar.js';
import type { Http2Message } from './http2.js';
import { parseSequence } from './http2-grammar.js';
import type { Http2Sequence } from './http2-sequence.js';
import type { Message } from './message.js';
import { specOfFault } from './named-fault.js';
import type { OwnFaults } from './named-fault.js';
import { scanNaked, scanQuoted, skipSpace } from './scan.js';
import { noFiles } from './settings.js';

/** How a spec is parsed. */
export interface ParseOptions {
  /** Where `+PATH` loads a whole spec from. Default: no file may be read. */
  readonly files?: Files | undefined;
  /**
   * Faults of your own, name to spec, for `fault:NAME`. They come before those that everybody has, and may stand
   * for one another.
   */
  readonly faults?: OwnFaults | undefined;
}

/**
 * Responses to one request, or one WebSocket frame as a server sends it: what follows `/p/`. `x` is expanded.
 * @param spec ASCII; `+PATH` stands for the content of a file, `fault:NAME` for a named spec
 * @throws {SpecError} when the spec is not valid
 * @throws {FileAccessDenied} when `+PATH` may not be read
 * @example parseResponse("200:b'hello'")[0]?.spec // "200:b'hello'"
 */
export function parseResponse(spec: string, options: ParseOptions = {}): Message[] {
  const parse = (text: string): Message[] => parseRule(ascii(text), 'response start', 'pathod');
  const named = specOfFault(checkText(spec), 'http1', options.faults);
  return named === undefined ? load(spec, options, parse) : located(spec.trim(), () => expand(named, parse(named)));
}

/**
 * Requests and WebSocket frames as a client sends them, in order, with nothing but white space between.
 * @throws as {@link parseResponse}
 */
export function parseRequests(spec: string, options: ParseOptions = {}): Message[] {
  return load(spec, options, (text) => parseRule(ascii(text), 'item', 'pathoc'));
}

/**
 * WebSocket frames only. Those of a server may hold text outside ASCII, sent as UTF-8.
 * @param options.client whether they are frames of a client: masked by default, `f` allowed
 * @throws {SpecError} when the spec is not valid
 */
export function parseFrames(spec: string, options: { readonly client?: boolean } = {}): Message[] {
  checkText(spec);
  return expand(
    spec,
    options.client ? parseRule(ascii(spec), 'item', 'clientFrames') : parseRule(spec, 'frame start', 'serverFrames'),
  );
}

/**
 * What a server answers to one request over HTTP/2: what follows `/p/`. Responses and raw frames (`h2f`) in
 * written order; groups and `x` are counted, see {@link Http2Sequence}.
 * @throws as {@link parseResponse}
 * @example parseHttp2ResponseSequence("(h2f:tping):x1000").length // 1000
 */
export function parseHttp2ResponseSequence(spec: string, options: ParseOptions = {}): Http2Sequence {
  const parse = (text: string): Http2Sequence => parseSequence(ascii(text), 'server');
  const named = specOfFault(checkText(spec), 'http2', options.faults);
  return named === undefined ? read(spec, options, parse) : located(spec.trim(), () => parse(named));
}

/** {@link parseHttp2ResponseSequence} written out: repeated messages are one and the same object. */
export function parseHttp2Response(spec: string, options: ParseOptions = {}): Http2Message[] {
  return [...parseHttp2ResponseSequence(spec, options)];
}

/**
 * What a client sends over one HTTP/2 connection: requests and raw frames (`h2f`) in written order.
 * @throws as {@link parseResponse}
 */
export function parseHttp2RequestSequence(spec: string, options: ParseOptions = {}): Http2Sequence {
  return read(spec, options, (text) => parseSequence(ascii(text), 'client'));
}

/** {@link parseHttp2RequestSequence} written out: repeated messages are one and the same object. */
export function parseHttp2Requests(spec: string, options: ParseOptions = {}): Http2Message[] {
  return [...parseHttp2RequestSequence(spec, options)];
}

function load(spec: string, options: ParseOptions, parse: (text: string) => Message[]): Message[] {
  return read(spec, options, (text) => expand(text, parse(text)));
}

/** Parses a spec, or what the file holds that `+PATH` names. */
function read<T>(spec: string, { files = noFiles }: ParseOptions, parse: (text: string) => T): T {
  checkText(spec);
  const path = pathOfSpec(spec);
  return path === undefined ? parse(spec) : located(path, () => parse(files.text(path)));
}

/** @param origin where the text comes from, for errors */
function located<T>(origin: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { offset, expected, suggestion, code } = error;
    const place = { spec: error.spec, offset, expected, source: origin };
    throw new SpecError(error.message, suggestion === undefined ? place : { ...place, suggestion }, code);
  }
}

function checkText(spec: string): string {
  // As those give it who have no types.
  const given: unknown = spec;
  if (typeof given === 'string') return given;
  throw new TypeError(`a spec is text, not ${typeof given}`);
}

/** The path of `+PATH`, when the spec is nothing else. */
function pathOfSpec(spec: string): string | undefined {
  const at = skipSpace(spec, 0);
  if (spec[at] !== '+') return undefined;
  const path = scanQuoted(spec, at + 1, false) ?? scanNaked(spec, at + 1);
  return path && skipSpace(spec, path.end) === spec.length ? path.value : undefined;
}

function ascii(spec: string): string {
  const offset = spec.search(/[^\0-\x7f]/);
  if (offset === -1) return spec;
  throw new SpecError('Spec must be valid ASCII.', { spec, offset, expected: ['an escape: \\xHH'] }, 'ERR_SPEC_ASCII');
}

/** Repeats each message as often as its `x` says. The copies are one and the same object. */
function expand(spec: string, messages: readonly Message[]): Message[] {
  const total = messages.reduce((sum, message) => sum + message.times, 0);
  if (total > maximumMessages) {
    throw new SpecError(
      `the spec stands for more than ${String(maximumMessages)} messages`,
      { spec, offset: 0 },
      'ERR_SPEC_LIMIT',
    );
  }
  return messages.flatMap((message) => (message.times === 1 ? [message.single()] : repeated(message)));
}

function repeated(message: Message): Message[] {
  return new Array<Message>(message.times).fill(message.single());
}
