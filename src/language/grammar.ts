/** The grammar over clauses, and the three ways into it. */
import { EmbeddedActionsParser, Lexer } from 'chevrotain';
import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import type { Clause } from './clause.js';
import { afterWebsocket, Path } from './clauses/path.js';
import { Websocket } from './clauses/websocket.js';
import { explain, explainToken } from './explain.js';
import { hintOverHttp1 } from './hints.js';
import { RequestMessage, ResponseMessage } from './http.js';
import type { Message } from './message.js';
import { apart, checkedClauses } from './message-tokens.js';
import { specOfFault } from './named-fault.js';
import { FrameClause, makeVocabulary, Method, RequestClause, ResponseClause, Separator } from './tokens.js';
import type { Mode } from './tokens.js';
import { clientFrameClauses, requestClauses, responseClauses } from './vocabulary.js';
import { FrameMessage } from './websocket.js';

const vocabulary = makeVocabulary({
  parseResponses: (spec) => parseRule(specOfFault(spec, 'http1') ?? spec, 'response start', 'responses'),
  parseFrame: (spec) => parseOne(spec, 'frame start', 'serverFrame'),
  parseSequence() {
    throw new TypeError('no clause of HTTP/1 holds a spec for HTTP/2');
  },
});

/** How an error names what is being read in each mode. */
const subjects: Readonly<Record<Mode, string>> = {
  'response start': 'response',
  response: 'response',
  'frame start': 'frame',
  frame: 'frame',
  item: 'request or frame',
  method: 'request',
  path: 'request',
  request: 'request',
  'client frame': 'frame',
};

const lexer = new Lexer(vocabulary.definition, {
  positionTracking: 'onlyOffset',
  recoveryEnabled: false,
  ensureOptimizations: true,
});

type Rule = ParserMethod<[], Message>;
type ListRule = ParserMethod<[], Message[]>;

class Parser extends EmbeddedActionsParser {
  readonly response: Rule;
  readonly responses: ListRule;
  readonly serverFrame: Rule;
  /** Responses, or one server frame: what pathod serves. */
  readonly pathod: ListRule;
  readonly serverFrames: ListRule;
  readonly clientFrames: ListRule;
  /** Requests and client frames: what pathoc sends. */
  readonly pathoc: ListRule;

  constructor() {
    super([...vocabulary.all], { maxLookahead: 3, recoveryEnabled: false });
    this.response = this.responseRule();
    this.serverFrame = this.frameRule('serverFrame', vocabulary.ServerFrame, false);
    const clientFrame = this.frameRule('clientFrame', vocabulary.ClientFrame, true);
    const request = this.requestRule();
    this.responses = this.RULE('responses', (): Message[] => {
      const messages: Message[] = [];
      this.AT_LEAST_ONE(() => messages.push(this.SUBRULE(this.response)));
      return messages;
    });
    this.pathod = this.RULE('pathod', (): Message[] => {
      const messages: Message[] = [];
      this.OR([
        { ALT: () => this.AT_LEAST_ONE(() => messages.push(this.SUBRULE1(this.response))) },
        { ALT: () => messages.push(this.SUBRULE2(this.serverFrame)) },
      ]);
      return messages;
    });
    this.serverFrames = this.RULE('serverFrames', (): Message[] => {
      const messages: Message[] = [];
      this.AT_LEAST_ONE(() => messages.push(this.SUBRULE(this.serverFrame)));
      return messages;
    });
    this.clientFrames = this.RULE('clientFrames', (): Message[] => {
      const messages: Message[] = [];
      this.AT_LEAST_ONE(() => messages.push(this.SUBRULE(clientFrame)));
      return messages;
    });
    this.pathoc = this.RULE('pathoc', (): Message[] => {
      const messages: Message[] = [];
      this.AT_LEAST_ONE(() => {
        messages.push(this.OR([{ ALT: () => this.SUBRULE1(clientFrame) }, { ALT: () => this.SUBRULE2(request) }]));
      });
      return messages;
    });
    this.performSelfAnalysis();
  }

  private responseRule(): Rule {
    const { StatusCode, WebsocketResponse } = vocabulary;
    return this.RULE('response', (): Message => {
      const tokens = this.websocketOr(WebsocketResponse, StatusCode);
      this.clausesOf(tokens, ResponseClause);
      return this.ACTION(() => new ResponseMessage(checkedClauses(apart(tokens, source), source, vocabulary.typeOf)));
    });
  }

  private requestRule(): Rule {
    return this.RULE('request', (): Message => {
      const tokens = this.websocketOr(vocabulary.WebsocketRequest, Method);
      this.OPTION5(() => this.CONSUME5(Separator));
      tokens.push(this.CONSUME6(vocabulary.Path));
      this.clausesOf(tokens, RequestClause);
      return this.ACTION(() => new RequestMessage(barePath(checkedClauses(tokens, source, vocabulary.typeOf))));
    });
  }

  private frameRule(name: string, lead: TokenType, client: boolean): Rule {
    return this.RULE(name, (): Message => {
      const tokens = [this.CONSUME1(lead)];
      this.OPTION1(() => this.CONSUME2(Separator));
      this.clausesOf(tokens, FrameClause);
      return this.ACTION(() => new FrameMessage(checkedClauses(tokens, source, vocabulary.typeOf), client));
    });
  }

  /** `( ws [ [":"] plain ] | plain )` */
  private websocketOr(websocket: TokenType, plain: TokenType): IToken[] {
    const tokens: IToken[] = [];
    this.OR([
      {
        ALT: () => {
          tokens.push(this.CONSUME1(websocket));
          this.OPTION1(() => {
            this.OPTION2(() => this.CONSUME2(Separator));
            tokens.push(this.CONSUME3(plain));
          });
        },
      },
      { ALT: () => tokens.push(this.CONSUME4(plain)) },
    ]);
    return tokens;
  }

  /** `{ [":"] clause }` */
  private clausesOf(tokens: IToken[], category: TokenType): void {
    this.MANY(() => {
      this.OPTION8(() => this.CONSUME8(Separator));
      tokens.push(this.CONSUME9(category));
    });
  }
}

const parser = new Parser();

/** Marks a path that stands behind `ws` without a method between them. */
function barePath(clauses: readonly Clause[]): readonly Clause[] {
  const bare = clauses[0] instanceof Websocket && clauses[1] instanceof Path;
  return bare ? clauses.map((clause) => (clause instanceof Path ? afterWebsocket(clause) : clause)) : clauses;
}

/** The spec whose tokens are being parsed, for errors. Parsing is synchronous and not nested. */
let source = '';

/** The clauses of each kind of message, for saying where one belongs. */
const kinds = new Map([
  ['a response', responseClauses],
  ['a request', requestClauses],
  ['a frame', clientFrameClauses],
]);

type RuleName = 'responses' | 'serverFrame' | 'pathod' | 'serverFrames' | 'clientFrames' | 'pathoc';

/** Runs one rule over a whole spec. @throws {SpecError} */
export function parseRule(spec: string, mode: Mode, rule: RuleName): Message[] {
  const { tokens, errors } = lexer.tokenize(spec, mode);
  const modeAt = (end: number): Mode => modeAfter(tokens.slice(0, end), mode);
  const unread = errors[0];
  if (unread) {
    const now = modeAt(tokens.length);
    const { tried, typeOf } = vocabulary;
    throw explain({
      spec,
      offset: unread.offset,
      subject: subjects[now],
      tokens,
      tried: tried[now],
      typeOf: (token) => typeOf.get(token.tokenType),
      hint: hintOverHttp1,
      others: kinds,
    });
  }
  source = spec;
  parser.input = tokens;
  const parsed = parser[rule]();
  const mistake = parser.errors[0];
  if (mistake) {
    const bad = tokens.includes(mistake.token) ? mistake.token : undefined;
    throw explainToken(spec, tokens, bad, subjects[modeAt(bad ? tokens.indexOf(bad) : tokens.length)]);
  }
  return Array.isArray(parsed) ? parsed : [parsed];
}

function parseOne(spec: string, mode: Mode, rule: RuleName): Message {
  const [message] = parseRule(spec, mode, rule);
  if (!message) throw new TypeError(`rule ${rule} gave no message`);
  return message;
}

/** The lexer's mode behind these tokens. */
function modeAfter(tokens: readonly IToken[], initial: Mode): Mode {
  const last = tokens.findLast((token) => token.tokenType.PUSH_MODE !== undefined)?.tokenType.PUSH_MODE;
  return last !== undefined && isMode(last) ? last : initial;
}

function isMode(name: string): name is Mode {
  return Object.hasOwn(vocabulary.tried, name);
}
