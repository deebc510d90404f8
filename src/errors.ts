/**
 * Every error of this package, classed by who must act, and the one table of their codes.
 *
 * `docs/errors.md` is held equal to {@link errorCodes} by a test, both ways.
 */

import { inspect, types } from 'node:util';

/** What each code means and what to do about it: `[what it says, what to do]`. */
export const errorCodes = {
  ERR_SPEC_SYNTAX: ['The spec is not valid in the specification language.', 'Mend it at the caret.'],
  ERR_SPEC_ASCII: ['The spec holds a character outside ASCII.', 'Write it as an escape: \\xHH inside quotes.'],
  ERR_SPEC_DUPLICATE: ['A clause that may stand once stands twice.', 'Remove one of them.'],
  ERR_SPEC_RANGE: ['A number of the spec is too large for what it means.', 'Use a number in the range named.'],
  ERR_SPEC_LIMIT: [
    'The spec is longer or holds more clauses than is accepted.',
    'Split it, or load values from files.',
  ],
  ERR_RENDER: ['A valid spec cannot be turned into bytes here.', 'Give the setting that the message names.'],
  ERR_FILE_ACCESS: [
    'A spec refers to a file that may not be read.',
    'Start with a static directory that holds the file.',
  ],
  ERR_OPTION: ['An option or argument is not valid.', 'See --help.'],
  ERR_PATTERN: [
    'A regular expression is not valid, or uses what is not supported.',
    'Mend it at the place named; it is in the syntax of Python.',
  ],
  ERR_FILTER: ['A filter expression is not valid.', 'Mend it at the caret; docs/filters.md has the operators.'],
  ERR_CONTENT: [
    'A body is not what its headers say, or cannot be written as they say.',
    'Mend the headers, or take the body without strictness.',
  ],
  ERR_FLOW_FILE: [
    'A file of flows is damaged, or of a version that is not known.',
    'Use the flows before the offset named; write the file anew with its own program.',
  ],
  ERR_ADDON: [
    'A function of an addon threw an error, or was rejected.',
    'Mend the addon at the place named; the traffic went on without it.',
  ],
  ERR_SCRIPT: [
    'A script cannot be loaded.',
    'Mend it at the place named; a version that was loaded before goes on meanwhile.',
  ],
  ERR_PROTOCOL: [
    'The peer sent something that its protocol does not allow.',
    'Look at the bytes named in the message.',
  ],
  ERR_CONNECTION: ['The network refused, closed or lost a connection.', 'See that the peer listens at that address.'],
  ERR_TIMEOUT: ['What was waited for did not happen in time.', 'Give it more time, or look at why it stalls.'],
} as const satisfies Record<string, readonly [summary: string, remedy: string]>;

/** A key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** The codes of {@link SpecError}. */
export type SpecErrorCode = Extract<ErrorCode, `ERR_SPEC_${string}`>;

/** Where a spec is wrong, and what would have been right there. */
export interface SpecErrorPlace {
  /** The whole text that was parsed. */
  readonly spec: string;
  /** Offset of the mistake in `spec`, in UTF-16 code units, from 0. */
  readonly offset: number;
  /** What could have stood there, in plain words, one entry an alternative. */
  readonly expected?: readonly string[];
  /** A near spelling that would have been accepted. */
  readonly suggestion?: string;
  /** Where the spec came from when it was loaded: the name of a file. */
  readonly source?: string;
}

/** For the author of a spec: it does not follow the language. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  readonly spec: string;
  readonly offset: number;
  readonly expected: readonly string[];
  readonly suggestion: string | undefined;
  readonly source: string | undefined;

  constructor(
    message: string,
    place: SpecErrorPlace,
    readonly code: SpecErrorCode = 'ERR_SPEC_SYNTAX',
  ) {
    super(message);
    this.spec = place.spec;
    this.offset = place.offset;
    this.expected = place.expected ?? [];
    this.suggestion = place.suggestion;
    this.source = place.source;
  }

  /** Line of the mistake, from 1. Lines end at LF. */
  get line(): number {
    return this.spec.slice(0, this.offset).split('\n').length;
  }

  /** Column of the mistake in its line, from 1. */
  get column(): number {
    return this.offset - this.lineStart + 1;
  }

  /**
   * The line that holds the mistake and, under it, a caret at the mistake.
   * Tabs are kept under tabs, and a long line is cut to about 120 characters around the caret.
   */
  marked(): string {
    return markPlace(this.spec, this.offset);
  }

  private get lineStart(): number {
    return startOfLine(this.spec, this.offset);
  }
}

function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function markPlace(text: string, offset: number): string {
  const start = startOfLine(text, offset);
  const end = text.indexOf('\n', offset);
  const line = text.slice(start, end === -1 ? undefined : end);
  const at = offset - start;
  const from = at > 80 ? at - 60 : 0;
  const lead = from > 0 ? '...' : '';
  const tail = line.length > from + 120 ? '...' : '';
  const shown = lead + line.slice(from, from + 120) + tail;
  const indent = (lead + line.slice(from, at)).replace(/[^\t]/g, ' ');
  return `${shown}\n${indent}^`;
}

/** For the caller: a valid spec cannot be turned into bytes with these settings. */
export class RenderError extends Error {
  override readonly name: string = 'RenderError';
  readonly code: ErrorCode = 'ERR_RENDER';
}

/** A file value outside the static directory, unreadable, or with no directory given at all. */
export class FileAccessDenied extends RenderError {
  override readonly name = 'FileAccessDenied';
  override readonly code = 'ERR_FILE_ACCESS';
}

/** For the caller of a program or a fixture: an option has a wrong name or value. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly code = 'ERR_OPTION';

  constructor(
    message: string,
    /** Further lines that show the place, a caret among them. */
    readonly marked?: string,
  ) {
    super(message);
  }
}

/** For the author of a regular expression in the syntax of Python. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'ERR_PATTERN';

  constructor(
    message: string,
    readonly pattern: string,
    /** Offset of the mistake in `pattern`, in UTF-16 code units, from 0. */
    readonly offset: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The pattern and, under it, a caret at the mistake. */
  marked(): string {
    return markPlace(this.pattern, this.offset);
  }
}

/** Where a filter expression is wrong, and what would have been right there. */
export interface FilterErrorPlace {
  /** The whole expression. */
  readonly filter: string;
  /** Offset of the mistake in `filter`, in UTF-16 code units, from 0. */
  readonly offset: number;
  /** What could have stood there, in plain words, one entry an alternative. */
  readonly expected?: readonly string[] | undefined;
  /** A near spelling that would have been accepted. */
  readonly suggestion?: string | undefined;
}

/** For the author of a filter expression. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly code = 'ERR_FILTER';
  readonly filter: string;
  readonly offset: number;
  readonly expected: readonly string[];
  readonly suggestion: string | undefined;

  constructor(message: string, place: FilterErrorPlace, options?: ErrorOptions) {
    super(message, options);
    this.filter = place.filter;
    this.offset = place.offset;
    this.expected = place.expected ?? [];
    this.suggestion = place.suggestion;
  }

  /** The line that holds the mistake and, under it, a caret at the mistake. */
  marked(): string {
    return markPlace(this.filter, this.offset);
  }
}

/** A body is not what its headers say: another coding, another charset, no form. */
export class ContentError extends Error {
  override readonly name = 'ContentError';
  readonly code = 'ERR_CONTENT';
}

/** For the owner of a file: it does not hold flows from `offset` on. The flows before it were given. */
export class FlowFileError extends Error {
  override readonly name = 'FlowFileError';
  readonly code = 'ERR_FLOW_FILE';

  constructor(
    message: string,
    /** Bytes before the flow that cannot be read. */
    readonly offset: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** For the author of an addon: a function of it threw. The message names the place in the author's file. */
export class AddonError extends Error {
  override readonly name = 'AddonError';
  readonly code = 'ERR_ADDON';

  constructor(
    readonly addon: string,
    readonly hook: string,
    cause: unknown,
  ) {
    super(`addon ${addon} failed in ${hook}: ${reasonOf(cause)}${placeOf(cause)}`, { cause });
  }
}

/** For the author of a script: it cannot be read, or throws while it is loaded. The message names the place. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly code = 'ERR_SCRIPT';

  /** @param script as it was given */
  constructor(
    readonly script: string,
    cause: unknown,
  ) {
    super(`script ${script} cannot be loaded: ${reasonOf(cause)}${placeOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (isError(cause)) return cause.message;
  if (typeof cause === 'string') return cause;
  return `${inspect(cause, { breakLength: Infinity })} was thrown, which is no Error and has no place`;
}

/**
 * The line of the stack that threw, where it is one of a file: ` (at /home/me/addon.ts:3:9)`. What threw may be of this
 * package, when it was asked for what it does not take: then it is the line that asked.
 */
function placeOf(cause: unknown): string {
  const places = isError(cause) ? placesIn(cause.stack) : [];
  const [here = ''] = placesIn(new Error().stack);
  const own = here.replace(/[^/\\]*$/, '');
  const place = places.find((found) => !found.startsWith(own)) ?? places[0];
  return place === undefined ? '' : ` (at ${place})`;
}

/** A line of a stack about a module of Node itself, which is no file: `node:internal/process/task_queues:95:5`. */
const frameOfNode = /^\s+at (?:.*\()?(?:async )?node:/;

/** The lines of files in a stack, the one that threw first. */
function placesIn(stack = ''): string[] {
  return stack.split('\n').flatMap((line) => {
    if (frameOfNode.test(line)) return [];
    const place = /^\s+at .*?\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1];
    return place === undefined ? [] : [place.replace(/^file:\/\//, '')];
  });
}

/** The peer did not keep to its protocol; caught at the connection, never above it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code = 'ERR_PROTOCOL';
}

/** The network: what was being done, with which address. The cause holds Node's own error. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code = 'ERR_CONNECTION';

  constructor(
    message: string,
    readonly phase: 'listen' | 'connect' | 'proxy' | 'tls' | 'read' | 'write',
    readonly address: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something waited for did not come in time. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ERR_TIMEOUT';
}

/** Whether an error is one of this package's own, whose message is meant for the user as it is. */
export function isOwnError(error: unknown): error is Error & { readonly code: ErrorCode } {
  return isError(error) && 'code' in error && typeof error.code === 'string' && error.code in errorCodes;
}

/**
 * Whether a value is an error, of whatever realm: what Node throws is no instance of the `Error` of a test that Jest
 * runs in a context of its own.
 */
export function isError(value: unknown): value is Error {
  // eslint-disable-next-line no-restricted-syntax -- for what is an error by its prototype alone
  return types.isNativeError(value) || value instanceof Error;
}
