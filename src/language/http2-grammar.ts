/** The grammar of specs for HTTP/2, and the two ways into it. */
import { EmbeddedActionsParser, Lexer } from 'chevrotain';
import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import { SpecError } from '../errors.js';
import { maximumMessages, Times } from './clauses/times.js';
import { explain, explainToken } from './explain.js';
import { hintOverHttp2 } from './hints.js';
import { Http2RequestMessage, Http2ResponseMessage } from './http2.js';
import type { Http2Message } from './http2.js';
import { Http2FrameMessage } from './http2-frame.js';
import { Http2Sequence } from './http2-sequence.js';
import type { Http2Run } from './http2-sequence.js';
import {
  Http2Method,
  Http2RequestClause,
  Http2ResponseClause,
  makeHttp2Vocabulary,
  RawFrameClause,
} from './http2-tokens.js';
import type { Http2Mode, SideTokens } from './http2-tokens.js';
import { http2RequestClauses, http2ResponseClauses, rawFrameClauses } from './http2-vocabulary.js';
import { apart, checkedClauses } from './message-tokens.js';
import { specOfFault } from './named-fault.js';
import { clauseOf, Separator } from './tokens.js';
import { clientFrameClauses, requestClauses, responseClauses } from './vocabulary.js';

/** Who sends what a spec stands for. */
export type Side = 'server' | 'client';

function elsewhere(): never {
  throw new TypeError('no clause of HTTP/2 holds a spec for HTTP/1');
}

const vocabulary = makeHttp2Vocabulary({
  parseResponses: elsewhere,
  parseFrame: elsewhere,
  parseSequence: (spec) => parseSequence(specOfFault(spec, 'http2') ?? spec, 'server'),
});

type Rule<T> = ParserMethod<[], T>;

class Parser extends EmbeddedActionsParser {
  readonly server: Rule<Http2Run[]>;
  readonly client: Rule<Http2Run[]>;

  constructor() {
    super([...vocabulary.all], { maxLookahead: 3, recoveryEnabled: false });
    this.server = this.sequenceRule('server', vocabulary.server, this.responseRule());
    this.client = this.sequenceRule('client', vocabulary.client, this.requestRule());
    this.performSelfAnalysis();
  }

  private responseRule(): Rule<Http2Message> {
    return this.RULE('response', (): Http2Message => {
      const tokens = [this.CONSUME1(vocabulary.StatusCode)];
      this.clauses(tokens, Http2ResponseClause);
      return this.ACTION(
        () => new Http2ResponseMessage(checkedClauses(apart(tokens, source), source, vocabulary.typeOf)),
      );
    });
  }

  private requestRule(): Rule<Http2Message> {
    return this.RULE('request', (): Http2Message => {
      const tokens = [this.CONSUME1(Http2Method)];
      this.OPTION1(() => this.CONSUME2(Separator));
      tokens.push(this.CONSUME3(vocabulary.Path));
      this.clauses(tokens, Http2RequestClause);
      return this.ACTION(() => new Http2RequestMessage(checkedClauses(tokens, source, vocabulary.typeOf)));
    });
  }

  private frameRule(side: Side, lead: TokenType): Rule<Http2Message> {
    return this.RULE(`${side} frame`, (): Http2Message => {
      const tokens = [this.CONSUME1(lead)];
      this.OPTION1(() => this.CONSUME2(Separator));
      this.clauses(tokens, RawFrameClause);
      return this.ACTION(
        () => new Http2FrameMessage(checkedClauses(tokens, source, vocabulary.typeOf), side === 'client'),
      );
    });
  }

  /** `{ message | "(" message { message } ")" [ [":"] times ] }` */
  private sequenceRule(side: Side, { RawFrame, Open, Close }: SideTokens, http: Rule<Http2Message>): Rule<Http2Run[]> {
    const frame = this.frameRule(side, RawFrame);
    const message = this.RULE(`${side} message`, (): Http2Message =>
      this.OR([{ ALT: () => this.SUBRULE1(http) }, { ALT: () => this.SUBRULE2(frame) }]),
    );
    const group = this.RULE(`${side} group`, (): Http2Run => {
      const messages: Http2Message[] = [];
      this.CONSUME1(Open);
      this.AT_LEAST_ONE(() => {
        const one = this.SUBRULE(message);
        this.ACTION(() => {
          repeat(one, messages);
        });
      });
      this.CONSUME2(Close);
      let count: IToken | undefined;
      this.OPTION1(() => {
        this.OPTION2(() => this.CONSUME3(Separator));
        count = this.CONSUME4(vocabulary.GroupTimes);
      });
      return this.ACTION(() => ({ messages, times: count ? timesOf(count) : 1 }));
    });
    return this.RULE(`${side} sequence`, (): Http2Run[] => {
      const runs: Http2Run[] = [];
      this.AT_LEAST_ONE(() => {
        this.OR([
          {
            ALT: () => {
              const one = this.SUBRULE1(message);
              this.ACTION(() => runs.push({ messages: [one.single()], times: one.times }));
            },
          },
          { ALT: () => runs.push(this.SUBRULE2(group)) },
        ]);
      });
      return runs;
    });
  }

  /** `{ [":"] clause }` */
  private clauses(tokens: IToken[], category: TokenType): void {
    this.MANY(() => {
      this.OPTION8(() => this.CONSUME8(Separator));
      tokens.push(this.CONSUME9(category));
    });
  }
}

/** Adds a message of a group as often as its `x` says. @throws {SpecError} for too many */
function repeat(message: Http2Message, into: Http2Message[]): void {
  if (into.length + message.times > maximumMessages) throw tooMany(source);
  const one = message.single();
  for (let i = 0; i < message.times; i++) into.push(one);
}

function tooMany(spec: string): SpecError {
  const message = `the spec stands for more than ${String(maximumMessages)} messages`;
  return new SpecError(message, { spec, offset: 0 }, 'ERR_SPEC_LIMIT');
}

function timesOf(token: IToken): number {
  const clause = clauseOf(token);
  return clause instanceof Times ? Number(clause.count) : 1;
}

/** Made when first used: it takes longer than all else that a program does before it listens. */
let machine: { readonly lexer: Lexer; readonly parser: Parser } | undefined;

function makeMachine(): NonNullable<typeof machine> {
  const lexer = new Lexer(vocabulary.definition, {
    positionTracking: 'onlyOffset',
    recoveryEnabled: false,
    ensureOptimizations: true,
  });
  return { lexer, parser: new Parser() };
}

/** The spec whose tokens are being parsed, for errors. Parsing is synchronous and not nested. */
let source = '';

/** How an error names what is being read in each mode. */
const subjects: Readonly<Record<Http2Mode, string>> = {
  'server start': 'response over HTTP/2',
  response: 'response over HTTP/2',
  'server frame': 'raw frame',
  'server group end': 'group',
  'client start': 'request over HTTP/2',
  path: 'request over HTTP/2',
  request: 'request over HTTP/2',
  'client frame': 'raw frame',
  'client group end': 'group',
};

/** The clauses of each kind of message, for saying where one belongs. */
const kinds = new Map([
  ['a response over HTTP/2', http2ResponseClauses],
  ['a request over HTTP/2', http2RequestClauses],
  ['a raw frame (h2f)', rawFrameClauses],
  ['a response over HTTP/1', responseClauses],
  ['a request over HTTP/1', requestClauses],
  ['a WebSocket frame', clientFrameClauses],
]);

/** Reads a whole spec. @throws {SpecError} */
export function parseSequence(spec: string, side: Side): Http2Sequence {
  machine ??= makeMachine();
  const { lexer, parser } = machine;
  const start: Http2Mode = `${side} start`;
  const { tokens, errors } = lexer.tokenize(spec, start);
  const unread = errors[0];
  if (unread) {
    const mode = modeAfter(tokens, start);
    throw explain({
      spec,
      offset: unread.offset,
      subject: subjects[mode],
      tokens,
      tried: vocabulary.tried[mode],
      typeOf: (token) => vocabulary.typeOf.get(token.tokenType),
      hint: hintOverHttp2,
      others: kinds,
    });
  }
  source = spec;
  parser.input = tokens;
  const runs = parser[side]();
  const mistake = parser.errors[0];
  if (mistake) {
    const bad = tokens.includes(mistake.token) ? mistake.token : undefined;
    const mode = modeAfter(bad ? tokens.slice(0, tokens.indexOf(bad)) : tokens, start);
    const inGroup = explainGroup(spec, tokens, bad, vocabulary[side]);
    if (inGroup) throw inGroup;
    throw explainToken(spec, tokens, bad, subjects[mode]);
  }
  const sequence = new Http2Sequence(runs.filter(({ messages, times }) => messages.length * times > 0));
  if (sequence.length > maximumMessages) throw tooMany(spec);
  return sequence;
}

/** What is wrong with parentheses, if it is they. */
function explainGroup(
  spec: string,
  tokens: readonly IToken[],
  bad: IToken | undefined,
  { Open, Close }: SideTokens,
): SpecError | undefined {
  const before = bad ? tokens.slice(0, tokens.indexOf(bad)) : tokens;
  const open = before.findLast(({ tokenType }) => tokenType === Open || tokenType === Close);
  const isOpen = open?.tokenType === Open;
  const mistake = (message: string, { startOffset }: IToken): SpecError =>
    new SpecError(message, { spec, offset: startOffset });
  if (!bad) return isOpen ? mistake('this group is never closed; white space ends a word before )', open) : undefined;
  if (bad.tokenType === Open && isOpen) return mistake('a group cannot hold another', bad);
  if (bad.tokenType !== Close) return undefined;
  return isOpen ? mistake('a group must hold a message', bad) : mistake('no group is open here', bad);
}

/** The lexer's mode behind these tokens. */
function modeAfter(tokens: readonly IToken[], initial: Http2Mode): Http2Mode {
  const last = tokens.findLast((token) => token.tokenType.PUSH_MODE !== undefined)?.tokenType.PUSH_MODE;
  return last !== undefined && isMode(last) ? last : initial;
}

function isMode(name: string): name is Http2Mode {
  return Object.hasOwn(vocabulary.tried, name);
}
