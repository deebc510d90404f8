import { RenderError, SpecError } from '../../errors.js';
import { declareClause, PlainClause, ValueClause } from '../clause.js';
import type { MakeContext } from '../clause.js';
import { readSegment } from '../plan.js';
import type { Segment } from '../plan.js';
import { skipSpace, word } from '../scan.js';
import { Generated, nakedValue } from '../values.js';
import type { Value } from '../values.js';

/** Bytes of a masking key (RFC 6455, section 5.3). */
export const keyLength = 4;

/** The masking key. */
export class Key extends ValueClause {
  readonly name = 'key';
  protected readonly lead = 'k';

  /** A naked `none` would read as {@link NoKey}. */
  override get spec(): string {
    const collides = this.value.spec.toLowerCase().startsWith('none');
    return collides ? `k'${this.value.spec}'` : super.spec;
  }

  /** The four bytes of a drawn or loaded key. @throws {RenderError} when they are not four */
  bytesOf(segment: Segment): Buffer {
    if (segment.length === keyLength) return readSegment(segment, 0, keyLength);
    throw new RenderError(wrongLength(this, segment.length));
  }

  protected with(value: Value): Key {
    return new Key(value);
  }
}

/** `knone`: the mask bit without a key behind it. */
export class NoKey extends PlainClause {
  readonly name = 'key';
  readonly spec = 'knone';
}

export const noKey = declareClause({
  name: 'knone',
  unique: 'key',
  syntax: [word('knone', { caseless: true })],
  help: 'No masking key, though the mask bit is set.',
  make: () => new NoKey(),
});

export const key = declareClause({
  name: 'key',
  unique: 'key',
  syntax: ['k', nakedValue],
  help: 'Masking key, exactly four bytes. Sets the mask bit.',
  make: ([value], context) => checked(new Key(value), context),
});

function checked(clause: Key, { spec, at }: MakeContext): Key {
  const { value } = clause;
  const length = value instanceof Generated ? value.length() : value.bytes?.length;
  if (length === undefined || length === keyLength) return clause;
  throw new SpecError(
    wrongLength(clause, length),
    { spec, offset: skipSpace(spec, at), expected: ['a value of 4 bytes'] },
    'ERR_SPEC_RANGE',
  );
}

function wrongLength(clause: Key, length: number): string {
  return `Invalid value length: '${clause.spec}' is ${String(length)} bytes, should be ${String(keyLength)}.`;
}
