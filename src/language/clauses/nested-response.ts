import { SpecError } from '../../errors.js';
import { declareClause, PlainClause } from '../clause.js';
import type { Clause, MakeContext } from '../clause.js';
import { encodeEscapes } from '../escapes.js';
import type { Message } from '../message.js';
import type { FullSettings } from '../settings.js';
import { literal } from '../values.js';
import type { Literal } from '../values.js';

/** The text of a spec held in a literal. @throws {SpecError} when it is not ASCII */
export function embeddedText(text: Literal, context: MakeContext): string {
  const spec = text.bytes.toString('latin1');
  if (/^[\0-\x7f]*$/.test(spec)) return spec;
  throw new SpecError('an embedded spec must be ASCII', { spec: context.spec, offset: context.at }, 'ERR_SPEC_ASCII');
}

/** A response spec that is appended to the request target, to be crafted by the pathod that it reaches. */
export class NestedResponse extends PlainClause {
  readonly name = 'nestedresponse';

  constructor(
    readonly response: Message,
    /** As written, so that the canonical text shows what was asked for. */
    private readonly written: string,
  ) {
    super();
  }

  static parse(text: Literal, context: MakeContext): NestedResponse {
    const written = embeddedText(text, context);
    return new NestedResponse(context.parseResponse(written), written);
  }

  get spec(): string {
    return `s'${encodeEscapes(Buffer.from(this.written, 'latin1'))}'`;
  }

  freezeEmbedded(settings: FullSettings): Clause {
    const frozen = this.response.freezeForElsewhere(settings);
    return new NestedResponse(frozen, frozen.spec);
  }
}

export const nestedResponse = declareClause({
  name: 'nestedresponse',
  unique: 'nestedresponse',
  syntax: ['s', literal],
  help: 'Append a response spec to the path, for the pathod at the other end.',
  make: ([text], context) => NestedResponse.parse(text, context),
});
