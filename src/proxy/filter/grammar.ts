/** The grammar of filter expressions. */
import { EmbeddedActionsParser, Lexer } from 'chevrotain';
import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import { FilterError } from '../../errors.js';
import { explainLexer, explainParser, invalid } from './explain.js';
import type { FilterExpression, OperatorExpression } from './expression.js';
import { readQuoted } from './quoted.js';
import * as tokens from './tokens.js';
import type { Mode } from './tokens.js';

/** Brackets and `!` within one another. */
const maximumDepth = 100;

const lexer = new Lexer(tokens.definition, { positionTracking: 'onlyOffset', recoveryEnabled: false });

type Rule = ParserMethod<[], FilterExpression>;

/** Where an operator stands in the text, and each character of its argument. */
export interface Place {
  readonly offset: number;
  readonly argument: readonly number[];
}

class Parser extends EmbeddedActionsParser {
  /** The text that is being parsed. Parsing is synchronous and not nested. */
  source = '';
  places = new Map<OperatorExpression, Place>();
  readonly expression: Rule;
  private depth = 0;

  constructor() {
    super([...tokens.allTokens], { maxLookahead: 1, recoveryEnabled: false });
    const operator = this.operatorRule();
    const operand: Rule = this.RULE('operand', (): FilterExpression =>
      this.OR([
        {
          ALT: () => {
            this.enter(this.CONSUME(tokens.Not));
            const negated = this.SUBRULE1(operand);
            this.leave();
            return { kind: 'not', operand: negated };
          },
        },
        {
          ALT: () => {
            this.enter(this.CONSUME(tokens.Open));
            const inner = this.SUBRULE2(or);
            this.CONSUME(tokens.Close);
            this.leave();
            return inner;
          },
        },
        { ALT: () => this.SUBRULE3(operator) },
      ]),
    );
    const and = this.listRule('and', operand, tokens.And);
    const or: Rule = this.listRule('or', and, tokens.Or);
    // What stands side by side binds least of all.
    this.expression = this.RULE('expression', (): FilterExpression => {
      const operands: FilterExpression[] = [];
      this.AT_LEAST_ONE(() => operands.push(this.SUBRULE(or)));
      return this.ACTION(() => joined('and', operands));
    });
    this.performSelfAnalysis();
  }

  /** Forgets what an earlier text left behind. */
  begin(source: string, input: IToken[]): void {
    this.source = source;
    this.places = new Map();
    this.depth = 0;
    this.input = input;
  }

  /** `A & B & C` */
  private listRule(kind: 'and' | 'or', rule: Rule, separator: TokenType): Rule {
    // A rule called `or` would hide a method of the parser.
    return this.RULE(`${kind}List`, (): FilterExpression => {
      const operands: FilterExpression[] = [];
      this.AT_LEAST_ONE_SEP({ SEP: separator, DEF: () => operands.push(this.SUBRULE(rule)) });
      return this.ACTION(() => joined(kind, operands));
    });
  }

  /** `~q`, `~c 200`, `~u REGEX` or `REGEX`. */
  private operatorRule(): Rule {
    const pattern = this.RULE('pattern', (): IToken =>
      this.OR([{ ALT: () => this.CONSUME(tokens.Quoted) }, { ALT: () => this.CONSUME(tokens.Word) }]),
    );
    return this.RULE('operator', (): FilterExpression =>
      this.OR([
        {
          ALT: () => {
            const flag = this.CONSUME(tokens.Flag);
            return this.ACTION(() => this.placed(flag, undefined));
          },
        },
        {
          ALT: () => {
            const operator = this.CONSUME(tokens.PatternOperator);
            const argument = this.SUBRULE1(pattern);
            return this.ACTION(() => this.placed(operator, argument));
          },
        },
        {
          ALT: () => {
            const operator = this.CONSUME(tokens.IntegerOperator);
            const argument = this.CONSUME(tokens.Digits);
            return this.ACTION(() => this.placed(operator, argument));
          },
        },
        {
          ALT: () => {
            const argument = this.SUBRULE2(pattern);
            return this.ACTION(() => this.placed(undefined, argument));
          },
        },
      ]),
    );
  }

  /** Notes an operator, `~u` when there is none, with its argument. */
  private placed(operator: IToken | undefined, argument: IToken | undefined): OperatorExpression {
    const code = operator === undefined ? 'u' : tokens.operatorOfToken(operator).code;
    const offset = (operator ?? argument)?.startOffset ?? 0;
    const { text, places } = argument === undefined ? { text: undefined, places: [] } : this.read(argument);
    const expression = { kind: 'operator', code, ...(text !== undefined && { argument: text }) } as const;
    this.places.set(expression, { offset, argument: places });
    return expression;
  }

  private read({ tokenType, image, startOffset }: IToken): { text: string; places: readonly number[] } {
    if (tokenType === tokens.Quoted) return readQuoted(this.source, startOffset, startOffset + image.length);
    const zeros = tokenType === tokens.Digits ? (/^0*(?=.)/.exec(image)?.[0].length ?? 0) : 0;
    const text = image.slice(zeros);
    return { text, places: Array.from({ length: text.length + 1 }, (_, i) => startOffset + zeros + i) };
  }

  private enter(token: IToken): void {
    this.ACTION(() => {
      if (++this.depth <= maximumDepth) return;
      const why = `brackets and signs of negation are more than ${String(maximumDepth)} deep`;
      throw invalid(this.source, why, { offset: token.startOffset });
    });
  }

  private leave(): void {
    this.ACTION(() => this.depth--);
  }
}

function joined(kind: 'and' | 'or', operands: readonly FilterExpression[]): FilterExpression {
  const [only] = operands;
  return only !== undefined && operands.length === 1 ? only : { kind, operands };
}

let parser: Parser | undefined;

/** An expression, and where its operators stand. */
export interface ParsedFilter {
  readonly expression: FilterExpression;
  readonly places: ReadonlyMap<OperatorExpression, Place>;
}

/** Reads an expression. What its regular expressions hold is not looked at. @throws {FilterError} */
export function parseExpression(source: string): ParsedFilter {
  if (source === '') throw new FilterError('Empty filter expression', { filter: source, offset: 0 });
  const { tokens: read, errors } = lexer.tokenize(source);
  const [unread] = errors;
  if (unread) throw explainLexer(source, unread.offset, modeAfter(read), read.at(-1));
  // Its analysis of itself takes longer than starting a proxy should that has no filter.
  parser ??= new Parser();
  parser.begin(source, read);
  const expression = parser.expression();
  const [mistake] = parser.errors;
  if (mistake) throw explainParser(source, read, mistake.token);
  return { expression, places: parser.places };
}

function modeAfter(read: readonly IToken[]): Mode {
  // Every mode that a token of ours names is one.
  return (read.at(-1)?.tokenType.PUSH_MODE ?? tokens.definition.defaultMode) as Mode;
}
