/** The language under test, as a corpus case calls it. */
import { resolve } from 'node:path';
import { FileAccessDenied, RenderError, SpecError } from '../../src/errors.js';
import {
  parseFrames,
  parseHttp2Requests,
  parseHttp2Response,
  parseRequests,
  parseResponse,
} from '../../src/language/index.js';
import type { Http2Message, Message, Settings } from '../../src/language/index.js';
import { steps } from '../../src/language/plan.js';
import type { Plan } from '../../src/language/plan.js';
import { Random } from '../../src/language/random.js';
import { staticFiles } from '../../src/net/static-files.js';
import type { CorpusCase } from './corpus.js';
import type { Entry } from './reference/parse.js';

/** Where the files of a case are. */
export type CaseFiles = ReturnType<typeof staticFiles>;

/** Parses with the parser that a case names. @throws {SpecError} */
export function parseWith(entry: Entry, spec: string, files: CaseFiles): readonly Message[] {
  switch (entry) {
    case 'parse_pathod':
      return parseResponse(spec, { files });
    case 'parse_pathoc':
      return parseRequests(spec, { files });
    case 'parse_websocket_frame':
      return parseFrames(spec, { client: false });
  }
}

/** Parses with the parser for HTTP/2 that a case names. @throws {SpecError} */
export function parseHttp2With(entry: Entry, spec: string, files: CaseFiles): readonly Http2Message[] {
  return entry === 'parse_pathoc' ? parseHttp2Requests(spec, { files }) : parseHttp2Response(spec, { files });
}

/** The files of a case: none without a directory, even when access is not constrained. */
export function filesOf({ settings }: CorpusCase, directory: string): CaseFiles {
  if (settings.staticdir == null) return staticFiles(undefined);
  return staticFiles(resolve(directory, settings.staticdir), {
    unconstrained: settings.unconstrained_file_access === true,
  });
}

/** The settings of a case with one of many sources of chance. */
export function settingsOf({ settings }: CorpusCase, files: CaseFiles, seed: number): Settings {
  return {
    random: Random.fromSeed(seed),
    files,
    requestHost: settings.request_host ?? undefined,
    requestPort: settings.port ?? undefined,
    websocketKey: settings.websocket_key ?? undefined,
  };
}

/** What kind of error was thrown: one of the three declared, or anything else with its message. */
export function kindOf(error: unknown): string {
  if (error instanceof SpecError) return 'SpecError';
  if (error instanceof FileAccessDenied) return 'FileAccessDenied';
  if (error instanceof RenderError) return 'RenderError';
  return `undeclared ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** What a function gives, or throws. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

export function outcomeOf<T>(action: () => T): Outcome<T> {
  try {
    return { value: action() };
  } catch (error) {
    return { error };
  }
}

/** More bytes than this are not gathered: a plan may promise terabytes. */
const gatherLimit = 8 * 1024 * 1024;

/** A plan performed in thought. */
export interface Played {
  readonly bytes: Buffer;
  /** Whether `bytes` are all of them. */
  readonly whole: boolean;
  /** `[bytes sent before, seconds]`. */
  readonly pauses: readonly (readonly [at: number, seconds: number | 'f'])[];
  readonly disconnect: boolean;
  /** Steps behind a disconnect, which there must not be. */
  readonly afterDisconnect: number;
}

export function playThrough(plan: Plan): Played {
  const chunks: Buffer[] = [];
  const pauses: [number, number | 'f'][] = [];
  let sent = 0;
  let disconnect = false;
  let afterDisconnect = 0;
  for (const step of steps(plan)) {
    if (disconnect) afterDisconnect++;
    if (step.do === 'write') {
      chunks.push(Buffer.from(step.bytes));
      sent += step.bytes.length;
    } else if (step.do === 'pause') pauses.push([sent, step.seconds === 'forever' ? 'f' : step.seconds]);
    else if (step.do === 'disconnect') disconnect = true;
    if (sent > gatherLimit) return { bytes: Buffer.concat(chunks), whole: false, pauses, disconnect, afterDisconnect };
  }
  return { bytes: Buffer.concat(chunks), whole: true, pauses, disconnect, afterDisconnect };
}
