import { declareClause, PlainClause } from '../clause.js';
import type { Clause, MakeContext } from '../clause.js';
import { encodeEscapes } from '../escapes.js';
import type { Http2Sequence } from '../http2-sequence.js';
import type { FullSettings } from '../settings.js';
import { literal } from '../values.js';
import type { Literal } from '../values.js';
import { embeddedText } from './nested-response.js';

/** What a server is to answer over HTTP/2, appended to the path for the pathod that it reaches. */
export class NestedSequence extends PlainClause {
  readonly name = 'nestedresponse';

  constructor(
    readonly sequence: Http2Sequence,
    /** As written, so that the canonical text shows what was asked for. */
    private readonly written: string,
  ) {
    super();
  }

  static parse(text: Literal, context: MakeContext): NestedSequence {
    const written = embeddedText(text, context);
    return new NestedSequence(context.parseSequence(written), written);
  }

  get spec(): string {
    return `s'${encodeEscapes(Buffer.from(this.written, 'latin1'))}'`;
  }

  /** What is appended: the canonical text. No path has a space between its messages. */
  get embedded(): string {
    return this.sequence.specWith('%20');
  }

  freezeEmbedded(settings: FullSettings): Clause {
    const frozen = this.sequence.freezeForElsewhere(settings);
    return new NestedSequence(frozen, frozen.spec);
  }
}

export const nestedSequence = declareClause({
  name: 'nestedresponse',
  unique: 'nestedresponse',
  syntax: ['s', literal],
  help: 'Append a spec of responses and raw frames, or fault:NAME, to the path, for the pathod at the other end.',
  make: ([text], context) => NestedSequence.parse(text, context),
});
