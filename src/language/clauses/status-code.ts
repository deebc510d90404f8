import { declareClause, PlainClause } from '../clause.js';
import { digits, scanDigits } from '../scan.js';
import type { Part } from '../scan.js';

/** The status code, any run of digits, sent as written. */
export class StatusCode extends PlainClause {
  readonly name = 'statuscode';

  constructor(readonly spec: string) {
    super();
  }
}

const code: Part<string> = { label: 'CODE', expected: 'a status code', starts: digits, scan: scanDigits };

export const statusCode = declareClause({
  name: 'statuscode',
  unique: 'statuscode',
  syntax: [code],
  help: 'Status code of the response: any whole number.',
  make: ([text]) => new StatusCode(text),
});
