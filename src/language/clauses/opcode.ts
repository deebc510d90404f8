import { SpecError } from '../../errors.js';
import { opcodeNames } from '../../wire/websocket-frames.js';
import { declareClause, PlainClause } from '../clause.js';
import { digits, oneOf, skipSpace, wholeNumber } from '../scan.js';
import type { Part, WholeNumber } from '../scan.js';

/** The opcode of a frame: a name, or a number from 0 to 15 (RFC 6455, section 5.2). */
export class Opcode extends PlainClause {
  readonly name = 'opcode';
  readonly spec: string;

  constructor(
    readonly number: number,
    written: string,
  ) {
    super();
    this.spec = `c${written}`;
  }
}

const numbers = new Map([...opcodeNames].map(([number, name]) => [name, number]));
const names = oneOf([...numbers.keys()], { caseless: true, label: 'NAME' });

const opcodeWord: Part<string | WholeNumber> = {
  label: 'OPCODE',
  expected: `an opcode: ${[...numbers.keys()].join(', ')} or a number from 0 to 15`,
  starts: names.starts + digits,
  words: [...numbers.keys()],
  scan: (text, at) => names.scan(text, at) ?? wholeNumber.scan(text, at),
};

export const opcode = declareClause({
  name: 'opcode',
  unique: 'opcode',
  syntax: ['c', opcodeWord],
  help: `Opcode: ${[...numbers.keys()].join(', ')} or a number from 0 to 15. Default: text.`,
  make: ([written], { spec, at }) => {
    const number = typeof written === 'string' ? numbers.get(written) : Number(written);
    if (number === undefined || number > 15) {
      throw new SpecError(
        "an opcode can't exceed 15",
        { spec, offset: skipSpace(spec, at), expected: [opcodeWord.expected] },
        'ERR_SPEC_RANGE',
      );
    }
    return new Opcode(number, String(written));
  },
});
