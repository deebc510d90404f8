import { SpecError } from '../../errors.js';
import { declareClause, PlainClause } from '../clause.js';
import type { Clause, MakeContext } from '../clause.js';
import { encodeEscapes } from '../escapes.js';
import type { Message } from '../message.js';
import { isFault } from '../named-fault.js';
import type { FullSettings } from '../settings.js';
import { literal } from '../values.js';
import type { Literal } from '../values.js';

/** The text of a spec held in a literal. @throws {SpecError} when it is not ASCII */
export function embeddedText(text: Literal, context: MakeContext): string {
  const spec = text.bytes.toString('latin1');
  if (/^[\0-\x7f]*$/.test(spec)) return spec;
  throw new SpecError('an embedded spec must be ASCII', { spec: context.spec, offset: context.at }, 'ERR_SPEC_ASCII');
}

/** Responses that are appended to the request target, to be crafted by the pathod that it reaches. */
export class NestedResponse extends PlainClause {
  readonly name = 'nestedresponse';

  constructor(
    /** `x` not expanded. */
    readonly responses: readonly Message[],
    /** As written, so that the canonical text shows what was asked for. */
    private readonly written: string,
  ) {
    super();
  }

  static parse(text: Literal, context: MakeContext): NestedResponse {
    const written = embeddedText(text, context);
    return new NestedResponse(context.parseResponses(written), written);
  }

  get spec(): string {
    return `s'${encodeEscapes(Buffer.from(this.written, 'latin1'))}'`;
  }

  /**
   * What is appended: the canonical text. That of one response goes as it is, for the ancestor sent it so. Several,
   * and faults, are encoded: a request line has no room for the white space between them.
   */
  get embedded(): string {
    const text = this.responses.map(({ spec }) => spec).join(' ');
    if (this.responses.length === 1 && !isFault(this.written)) return text;
    return text.replaceAll('%', '%25').replaceAll(' ', '%20');
  }

  freezeEmbedded(settings: FullSettings): Clause {
    const [only, ...more] = this.responses;
    const frozen =
      only && more.length === 0
        ? [only.freezeForElsewhere(settings)]
        : this.responses.map((response, index) =>
            response.freezeForElsewhere({ ...settings, random: settings.random.fork(index) }),
          );
    return new NestedResponse(frozen, frozen.map(({ spec }) => spec).join(' '));
  }
}

export const nestedResponse = declareClause({
  name: 'nestedresponse',
  unique: 'nestedresponse',
  syntax: ['s', literal],
  help: 'Append a spec of responses, or fault:NAME, to the path, for the pathod at the other end.',
  make: ([text], context) => NestedResponse.parse(text, context),
});
