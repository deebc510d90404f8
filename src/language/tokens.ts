/**
 * The chevrotain vocabulary: a token is a whole clause, read by the clause's own declaration, and
 * its payload is the clause. What may follow decides the lexer mode, so that `r` is a raw response,
 * a random offset or a raw payload by where it stands.
 *
 *     item --wf--> clientFrame    item --ws--> method --path--> request
 *     item --get--> path --path--> request --get--> path ...
 */
import { createToken, Lexer } from 'chevrotain';
import type { IMultiModeLexerDefinition, ITokenConfig, TokenType } from 'chevrotain';
import type { Clause, ClauseType, MakeContext } from './clause.js';
import { frame } from './clauses/frame.js';
import { methodValue, namedMethod } from './clauses/method.js';
import { path } from './clauses/path.js';
import { statusCode } from './clauses/status-code.js';
import { websocketRequest, websocketResponse } from './clauses/websocket.js';
import { clientFrameClauses, frameClauses, requestClauses, responseClauses } from './vocabulary.js';

/** Parses what a clause embeds; the grammar gives it, as it alone knows the whole. */
export type Embedded = Pick<MakeContext, 'parseResponses' | 'parseFrame' | 'parseSequence'>;

/** Where in a message the lexer stands; the names of its modes. */
export type Mode =
  'response start' | 'response' | 'frame start' | 'frame' | 'item' | 'method' | 'path' | 'request' | 'client frame';

/** White space between tokens (RFC 9110's OWS and line ends). */
export const Space = createToken({ name: 'Space', pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED, line_breaks: true });

/** The separator, which may be left out. */
export const Separator = createToken({ name: 'Separator', pattern: ':', label: 'a colon' });

/** Categories: what a clause token may be in the grammar. */
export const ResponseClause = createToken({
  name: 'ResponseClause',
  pattern: Lexer.NA,
  label: 'a clause of a response',
});
export const RequestClause = createToken({ name: 'RequestClause', pattern: Lexer.NA, label: 'a clause of a request' });
export const FrameClause = createToken({ name: 'FrameClause', pattern: Lexer.NA, label: 'a clause of a frame' });
export const Method = createToken({ name: 'Method', pattern: Lexer.NA, label: 'a method' });

/** The lexer's tokens, made for one grammar. */
export interface Vocabulary {
  readonly definition: IMultiModeLexerDefinition;
  readonly all: readonly TokenType[];
  readonly StatusCode: TokenType;
  readonly WebsocketResponse: TokenType;
  readonly WebsocketRequest: TokenType;
  readonly ServerFrame: TokenType;
  readonly ClientFrame: TokenType;
  readonly Path: TokenType;
  /** The clauses tried in each mode, for explaining why none matched. */
  readonly tried: Readonly<Record<Mode, readonly ClauseType[]>>;
  /** The declaration behind a token type. */
  readonly typeOf: ReadonlyMap<TokenType, ClauseType>;
}

/** Makes tokens out of declared clauses. */
export class TokenMaker {
  /** The declaration behind a token type. */
  readonly typeOf = new Map<TokenType, ClauseType>();

  constructor(private readonly embedded: Embedded) {}

  token(name: string, type: ClauseType, config: Partial<ITokenConfig> = {}): TokenType {
    const made = createToken({
      name,
      label: type.usage,
      start_chars_hint: [...type.starts],
      line_breaks: false,
      pattern: (text: string, at: number) => {
        const scanned = type.scan(text, at, this.embedded);
        // chevrotain reads the match from [0] and keeps `payload` on the token.
        if (!scanned) return null;
        const match: [string] & { payload?: Clause } = [text.slice(at, scanned.end)];
        match.payload = scanned.value;
        return match;
      },
      ...config,
    });
    this.typeOf.set(made, type);
    return made;
  }

  /** Tokens of one category. @param kind tells them from those of the same clauses elsewhere */
  clauses(kind: string, types: readonly ClauseType[], category: TokenType): TokenType[] {
    return types.map((type) => this.token(`${kind} ${type.name} ${type.usage}`, type, { categories: [category] }));
  }
}

/** Makes the vocabulary. */
export function makeVocabulary(embedded: Embedded): Vocabulary {
  const maker = new TokenMaker(embedded);
  const { typeOf } = maker;
  const token = maker.token.bind(maker);
  const clauses = maker.clauses.bind(maker);

  const StatusCode = token('StatusCode', statusCode, { push_mode: 'response' });
  const WebsocketResponse = token('WebsocketResponse', websocketResponse, { push_mode: 'response' });
  const ServerFrame = token('ServerFrame', frame, { push_mode: 'frame' });
  const ClientFrame = token('ClientFrame', frame, { push_mode: 'client frame' });
  const WebsocketRequest = token('WebsocketRequest', websocketRequest, { push_mode: 'method' });
  const NamedMethod = token('NamedMethod', namedMethod, { push_mode: 'path', categories: [Method] });
  const MethodValue = token('MethodValue', methodValue, { push_mode: 'path', categories: [Method] });
  const Path = token('Path', path, { push_mode: 'request' });
  const item = [ClientFrame, WebsocketRequest, NamedMethod, MethodValue];

  const modes: Record<Mode, readonly TokenType[]> = {
    'response start': [WebsocketResponse, StatusCode, ServerFrame],
    response: [...clauses('response', responseClauses, ResponseClause), WebsocketResponse, StatusCode],
    'frame start': [ServerFrame],
    frame: [...clauses('frame', frameClauses, FrameClause), ServerFrame],
    item,
    method: [NamedMethod, MethodValue, Path],
    path: [Path],
    request: [...clauses('request', requestClauses, RequestClause), ...item],
    'client frame': [...clauses('client frame', clientFrameClauses, FrameClause), ...item],
  };
  const isToken = (type: TokenType): boolean => typeOf.has(type);
  const own = [...new Set(Object.values(modes).flat())].filter(isToken);
  const complete = mapModes(modes, (types) => [Space, Separator, ...types]);
  return {
    definition: { modes: mapModes(complete, (types) => [...types]), defaultMode: 'response start' },
    all: [Space, Separator, ResponseClause, RequestClause, FrameClause, Method, ...own],
    StatusCode,
    WebsocketResponse,
    WebsocketRequest,
    ServerFrame,
    ClientFrame,
    Path,
    tried: mapModes(modes, (types) => types.flatMap((type) => typeOf.get(type) ?? [])),
    typeOf,
  };
}

/** The same modes with something else for each. */
export function mapModes<M extends string, A, B>(modes: Record<M, A>, change: (value: A) => B): Record<M, B> {
  // Object.entries forgets the keys' type; the entries are those of `modes`.
  return Object.fromEntries(Object.entries<A>(modes).map(([mode, value]) => [mode, change(value)])) as Record<M, B>;
}

/** The clause that a token carries. */
export function clauseOf(token: { readonly payload?: unknown }): Clause {
  // Every token but white space and the separator is made by `token` above, with a clause as payload.
  return token.payload as Clause;
}
