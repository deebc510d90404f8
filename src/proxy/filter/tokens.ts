/**
 * The chevrotain vocabulary. What may follow decides the lexer mode, so that `&` is an operator, a part of
 * a regular expression or one of its own by where it stands.
 *
 *     operand --word, ~q, )--> infix --&, |, (--> operand
 *     operand --~u--> pattern --word--> infix          operand --~c--> integer --digits--> infix
 */
import { createToken, Lexer } from 'chevrotain';
import type { IMultiModeLexerDefinition, IToken, TokenType } from 'chevrotain';
import type { FilterOperator } from './operator.js';
import { filterOperators } from './operators.js';

/** Where the lexer stands; the names of its modes. */
export type Mode = 'operand' | 'infix' | 'pattern' | 'integer';

const Space = createToken({ name: 'Space', pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED, line_breaks: true });

/** A sign is one only where an operand can follow; a last one is a regular expression. */
const operandFollows = '(?=[ \\t\\r\\n]*[^ \\t\\r\\n)])';

function sign(name: string, character: string): TokenType {
  const pattern = new RegExp(`\\${character}${operandFollows}`);
  return createToken({ name, pattern, start_chars_hint: [character], line_breaks: false, push_mode: 'operand' });
}

export const Not = sign('Not', '!');
export const And = sign('And', '&');
export const Or = sign('Or', '|');
export const Open = createToken({ name: 'Open', pattern: '(', push_mode: 'operand' });
export const Close = createToken({ name: 'Close', pattern: ')', push_mode: 'infix' });

/** Text in quotes. */
export const Quoted = createToken({
  name: 'Quoted',
  pattern: /"(?:[^"\\\r\n]|\\[^\n])*"|'(?:[^'\\\r\n]|\\[^\n])*'/,
  line_breaks: false,
  push_mode: 'infix',
});

/** Text without quotes, which may hold any sign but a few. */
export const Word = createToken({
  name: 'Word',
  pattern: /[^ \t\r\n()~'"]+/,
  line_breaks: false,
  push_mode: 'infix',
});

export const Digits = createToken({ name: 'Digits', pattern: /[0-9]+/, line_breaks: false, push_mode: 'infix' });

/** Categories: what kind of argument an operator token needs. */
export const Flag = createToken({ name: 'Flag', pattern: Lexer.NA });
export const PatternOperator = createToken({ name: 'PatternOperator', pattern: Lexer.NA });
export const IntegerOperator = createToken({ name: 'IntegerOperator', pattern: Lexer.NA });

const kinds: Readonly<Record<FilterOperator['kind'], { category: TokenType; next: Mode }>> = {
  flag: { category: Flag, next: 'infix' },
  'regular expression': { category: PatternOperator, next: 'pattern' },
  integer: { category: IntegerOperator, next: 'integer' },
};

const operatorTokens = new Map<TokenType, FilterOperator>(
  filterOperators.map((operator) => {
    const { category, next } = kinds[operator.kind];
    const token = createToken({
      name: `~${operator.code}`,
      // The name ends at white space; controls and all that is not ASCII end it too.
      pattern: new RegExp(`~${operator.code}(?![!-~])`),
      start_chars_hint: ['~'],
      line_breaks: false,
      categories: [category],
      push_mode: next,
    });
    return [token, operator];
  }),
);

const operand = [Open, Not, ...operatorTokens.keys(), Quoted, Word];

export const definition: IMultiModeLexerDefinition = {
  modes: {
    operand: [Space, Close, ...operand],
    infix: [Space, And, Or, Close, ...operand],
    pattern: [Space, Quoted, Word],
    integer: [Space, Digits],
  } satisfies Record<Mode, TokenType[]>,
  defaultMode: 'operand' satisfies Mode,
};

export const allTokens: readonly TokenType[] = [
  ...[Space, And, Or, Close, Digits, Flag, PatternOperator, IntegerOperator],
  ...operand,
];

/** The operator that a token of one of the categories names. */
export function operatorOfToken({ tokenType }: IToken): FilterOperator {
  const operator = operatorTokens.get(tokenType);
  if (operator === undefined) throw new TypeError(`${tokenType.name} is no operator`);
  return operator;
}
