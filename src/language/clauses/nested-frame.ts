import { declareClause, PlainClause } from '../clause.js';
import type { Clause, MakeContext } from '../clause.js';
import { encodeEscapes } from '../escapes.js';
import type { Message } from '../message.js';
import type { FullSettings } from '../settings.js';
import { literal } from '../values.js';
import type { Literal } from '../values.js';
import { embeddedText } from './nested-response.js';

/** What a payload begins with that pathod answers with the frames which the rest describes. */
export const reflectPrefix = 'pathod!';

/** A frame spec as payload, to be sent back by the pathod that it reaches. */
export class NestedFrame extends PlainClause {
  readonly name = 'nestedframe';

  constructor(
    readonly frame: Message,
    private readonly written: string,
  ) {
    super();
  }

  static parse(text: Literal, context: MakeContext): NestedFrame {
    const written = embeddedText(text, context);
    return new NestedFrame(context.parseFrame(written), written);
  }

  get spec(): string {
    return `f'${encodeEscapes(Buffer.from(this.written, 'latin1'))}'`;
  }

  /** The payload that pathod recognises. */
  get payload(): Buffer {
    return Buffer.from(reflectPrefix + this.frame.spec, 'latin1');
  }

  freezeEmbedded(settings: FullSettings): Clause {
    const frozen = this.frame.freezeForElsewhere(settings);
    return new NestedFrame(frozen, frozen.spec);
  }
}

export const nestedFrame = declareClause({
  name: 'nestedframe',
  unique: 'nestedframe',
  syntax: ['f', literal],
  help: 'A frame spec as payload, for the pathod at the other end to send back.',
  make: ([text], context) => NestedFrame.parse(text, context),
});
