import { http2ErrorCodes } from '../../wire/http2-registry.js';
import { declareClause, PlainClause } from '../clause.js';
import { namedNumber } from '../named-number.js';
import type { NamedNumber } from '../named-number.js';

/** The error code of an HTTP/2 frame. */
export class ErrorCodeClause extends PlainClause {
  readonly name = 'code';
  readonly number: number;
  readonly spec: string;

  constructor({ number, spec }: NamedNumber) {
    super();
    this.number = number;
    this.spec = `c${spec}`;
  }
}

const code = namedNumber(http2ErrorCodes, { label: 'ERROR', noun: 'error code', maximum: 0xffffffff });

export const errorCode = declareClause({
  name: 'code',
  unique: 'code',
  syntax: ['c', code],
  help: 'Error code (rst_stream, goaway): cancel, enhance_your_calm... or a number. Default: cancel; no_error in goaway.',
  make: ([written]) => new ErrorCodeClause(written),
});
