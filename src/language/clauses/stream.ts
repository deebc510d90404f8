import { declareClause, PlainClause } from '../clause.js';
import type { ClauseType } from '../clause.js';
import { streamReference } from '../stream-reference.js';
import type { StreamReference } from '../stream-reference.js';

/** The roles that a stream may have in a frame, each with its word. */
const words = { stream: 's', promised: 'promise', last: 'last', dependency: 'depends' } as const;

/** A key of {@link words}. */
export type StreamRole = keyof typeof words;

/** A stream that a frame names. */
export class Stream extends PlainClause {
  constructor(
    readonly name: StreamRole,
    readonly reference: StreamReference,
  ) {
    super();
  }

  get spec(): string {
    return words[this.name] + String(this.reference);
  }
}

function declareStream(role: StreamRole, help: string): ClauseType {
  return declareClause({
    name: role,
    unique: role,
    syntax: [words[role], streamReference],
    help,
    make: ([reference]) => new Stream(role, reference),
  });
}

export const streamId = declareStream(
  'stream',
  'Stream id: a number, +2 or -2 from the stream in hand, or new. Default: the stream in hand; 0 for settings, ping, goaway.',
);

/** The clauses for streams that a payload names. */
export const payloadStreams: readonly ClauseType[] = [
  declareStream('promised', 'Promised stream (push_promise). Default: new.'),
  declareStream('last', 'Last stream (goaway). Default: the stream in hand; from a client, 0.'),
  declareStream('dependency', 'The stream that this one depends on (priority, headers). Default: 0.'),
];
