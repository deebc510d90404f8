/** A corpus file: what it holds, and how it is read. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemReason } from '../../src/net/system-error.js';

/** Facts recorded of one message; which of them are there depends on what happened. */
export interface RecordedMessage {
  readonly canonical: string;
  readonly canonical_reparses: boolean;
  /** Null when chance decides it. */
  readonly resolved?: string | null;
  readonly resolved_random?: boolean;
  readonly wire_length?: number | null;
  readonly wire_hex?: string | null;
  readonly wire_sha256?: string;
  readonly wire_prefix_hex?: string;
  /** Two characters a byte, `..` for one that varies. */
  readonly wire_pattern?: string;
  readonly charset?: readonly string[];
  readonly ideal_wire_hex?: string | null;
  readonly ideal_wire_length?: number | null;
  readonly disconnect?: boolean;
  readonly pauses?: readonly (number | 'f')[];
  readonly maximum_length?: number;
  readonly actions?: readonly RecordedAction[];
  readonly freeze_roundtrip?: boolean | null;
  readonly freeze_error?: RecordedError;
  readonly freeze_skipped?: string;
  readonly freeze_changes_bytes?: boolean;
  readonly error?: RecordedError;
}

/** Facts recorded of one message over HTTP/2. */
export interface RecordedHttp2Message {
  readonly canonical: string;
  /** Without the pseudo header fields that are added. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly wire_headers?: readonly (readonly [name: string, value: string])[];
  readonly body_length?: number | null;
  /** Null when chance decides it. */
  readonly body_hex?: string | null;
  readonly frames?: readonly {
    readonly type: string;
    readonly flags: readonly string[];
    readonly stream_id: number;
    readonly length?: number;
  }[];
  readonly error?: RecordedError;
}

/** `[offset, kind, argument]`; the offset is null when chance decides it. */
export type RecordedAction = readonly [
  at: number | null,
  kind: 'inject' | 'pause' | 'disconnect',
  argument?: number | 'f' | { readonly hex: string } | { readonly random_or_file_length: number },
];

/** A failure of the recorded program. `crash:*` types are those that it did not mean to raise. */
export interface RecordedError {
  readonly type: string;
  readonly stage: 'parse' | 'resolve' | 'serve' | 'freeze';
  readonly msg?: string;
  readonly col?: number | null;
}

export interface CorpusCase {
  readonly id: string;
  readonly topic?: string;
  readonly kind: string;
  readonly entry: string;
  readonly spec: string;
  readonly settings: {
    readonly request_host?: string | null;
    readonly staticdir?: string | null;
    readonly unconstrained_file_access?: boolean;
    readonly websocket_key?: string | null;
    /** HTTP/2 alone: the port of the other end. */
    readonly port?: number | null;
  };
  readonly quirks: readonly string[];
  readonly error?: RecordedError;
  readonly messages?: readonly RecordedMessage[];
  readonly message_count?: number;
  readonly ideal_messages?: readonly RecordedMessage[];
}

/** A corpus and the directory that its `static` folders lie in. */
export interface Corpus {
  readonly directory: string;
  /** As they stand in the file; {@link asCase} tells whether one is a case at all. */
  readonly cases: readonly unknown[];
}

/** A file that is no corpus. The message is one line, for the user. */
export class CorpusError extends Error {
  override readonly name = 'CorpusError';
}

/** @throws {CorpusError} */
export function readCorpus(path: string): Corpus {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CorpusError(`${path}: cannot be read: ${systemReason(error).reason}`, { cause: error });
  }
  const cases = parseJson(text, path);
  if (!Array.isArray(cases)) throw new CorpusError(`${path}: is not a JSON array of cases`);
  if (cases.length === 0) throw new CorpusError(`${path}: holds no cases`);
  return { directory: resolve(dirname(path)), cases };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
    throw new CorpusError(`${path}: is not JSON: ${reason}`, { cause: error });
  }
}

/** A case, when it is one; else what it lacks, in words. */
export function asCase(candidate: unknown): CorpusCase | string {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) return 'a case is an object';
  for (const field of ['id', 'kind', 'entry', 'spec'] as const) {
    if (!(field in candidate) || typeof (candidate as Record<string, unknown>)[field] !== 'string')
      return `a case has the text "${field}"`;
  }
  const { quirks, settings, messages, error } = candidate as Partial<CorpusCase>;
  if (quirks !== undefined && !Array.isArray(quirks)) return '"quirks" is an array';
  if (error === undefined && !Array.isArray(messages)) return 'a case has "error" or "messages"';
  // All that is read without a further look has been looked at.
  return { ...(candidate as CorpusCase), quirks: quirks ?? [], settings: settings ?? {} };
}
