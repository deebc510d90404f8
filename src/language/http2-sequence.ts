import type { Http2Message } from './http2.js';
import type { FullSettings } from './settings.js';

/** Messages in written order, sent so many times one round after the other: a group, or a single message. */
export interface Http2Run {
  /** Those that `x` repeats within a group stand here as often as it says, one and the same object. */
  readonly messages: readonly Http2Message[];
  readonly times: number;
}

/**
 * What one spec stands for over HTTP/2. Repetition is counted, not written out: a storm of a million frames
 * is one run. Iterating gives every message as often as it is sent.
 */
export class Http2Sequence implements Iterable<Http2Message> {
  /** Messages, repetitions counted. */
  readonly length: number;

  constructor(readonly runs: readonly Http2Run[]) {
    this.length = runs.reduce((sum, { messages, times }) => sum + messages.length * times, 0);
  }

  /** The canonical text; it parses back to an equal sequence. */
  get spec(): string {
    return this.specWith(' ');
  }

  /** The canonical text with something else than a space between messages. */
  specWith(space: string): string {
    return this.runs.map((run) => specOf(run, space)).join(space);
  }

  /** Every message frozen as far as it can be on this side of the network. */
  freezeForElsewhere(settings: FullSettings): Http2Sequence {
    const frozen = new Map<Http2Message, Http2Message>();
    const freeze = (message: Http2Message): Http2Message => {
      const known = frozen.get(message);
      if (known) return known;
      const made = message.freezeForElsewhere({ ...settings, random: settings.random.fork(frozen.size) });
      frozen.set(message, made);
      return made;
    };
    return new Http2Sequence(this.runs.map(({ messages, times }) => ({ messages: messages.map(freeze), times })));
  }

  *[Symbol.iterator](): Generator<Http2Message, void, undefined> {
    for (const { messages, times } of this.runs) for (let i = 0; i < times; i++) yield* messages;
  }
}

function specOf({ messages, times }: Http2Run, space: string): string {
  const texts: string[] = [];
  for (let at = 0; at < messages.length;) {
    const message = messages[at];
    let end = at + 1;
    while (messages[end] === message) end++;
    texts.push((message?.spec ?? '') + repetition(end - at));
    at = end;
  }
  if (texts.length === 1 && messages.length === 1) return texts.join('') + repetition(times);
  return `(${texts.join(space)}${endsNaked(messages) ? space : ''})${repetition(times)}`;
}

function repetition(times: number): string {
  return times === 1 ? '' : `:x${String(times)}`;
}

/** Whether a parenthesis right behind the last message would be read as a part of its last word. */
function endsNaked(messages: readonly Http2Message[]): boolean {
  const last = messages.at(-1)?.clauses.at(-1);
  return last !== undefined && last.values.length > 0 && !last.spec.endsWith("'");
}
