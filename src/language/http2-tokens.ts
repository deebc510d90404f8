/**
 * The chevrotain vocabulary of specs for HTTP/2, made like that of HTTP/1 (tokens.ts). Parentheses hold
 * messages that are repeated together; what stands before them decides, as for any message, what follows.
 */
import { createToken, Lexer } from 'chevrotain';
import type { IMultiModeLexerDefinition, TokenType } from 'chevrotain';
import type { ClauseType } from './clause.js';
import { http2NamedMethod, methodValue } from './clauses/method.js';
import { path } from './clauses/path.js';
import { rawFrame } from './clauses/raw-frame.js';
import { statusCode } from './clauses/status-code.js';
import { times } from './clauses/times.js';
import { http2RequestClauses, http2ResponseClauses, rawFrameClauses } from './http2-vocabulary.js';
import { mapModes, Separator, Space, TokenMaker } from './tokens.js';
import type { Embedded } from './tokens.js';

/** Where in a spec the lexer stands; the names of its modes. */
export type Http2Mode =
  | 'server start'
  | 'response'
  | 'server frame'
  | 'server group end'
  | 'client start'
  | 'path'
  | 'request'
  | 'client frame'
  | 'client group end';

/** Categories: what a clause token may be in the grammar. */
export const Http2ResponseClause = createToken({ name: 'Http2ResponseClause', pattern: Lexer.NA });
export const Http2RequestClause = createToken({ name: 'Http2RequestClause', pattern: Lexer.NA });
export const RawFrameClause = createToken({ name: 'RawFrameClause', pattern: Lexer.NA });
export const Http2Method = createToken({ name: 'Http2Method', pattern: Lexer.NA, label: 'a method' });

/** What tells the messages of one side from those of the other. */
export interface SideTokens {
  readonly RawFrame: TokenType;
  readonly Open: TokenType;
  readonly Close: TokenType;
}

/** The lexer's tokens, made for one grammar. */
export interface Http2Vocabulary {
  readonly definition: IMultiModeLexerDefinition;
  readonly all: readonly TokenType[];
  readonly server: SideTokens;
  readonly client: SideTokens;
  readonly StatusCode: TokenType;
  readonly Path: TokenType;
  readonly GroupTimes: TokenType;
  /** The clauses tried in each mode, for explaining why none matched. */
  readonly tried: Readonly<Record<Http2Mode, readonly ClauseType[]>>;
  /** The declaration behind a token type. */
  readonly typeOf: ReadonlyMap<TokenType, ClauseType>;
}

/** Makes the vocabulary. */
export function makeHttp2Vocabulary(embedded: Embedded): Http2Vocabulary {
  const maker = new TokenMaker(embedded);
  const side = (name: 'server' | 'client'): SideTokens => ({
    RawFrame: maker.token(`${name} RawFrame`, rawFrame, { push_mode: `${name} frame` }),
    Open: createToken({ name: `${name} Open`, pattern: '(', label: '"("', push_mode: `${name} start` }),
    Close: createToken({ name: `${name} Close`, pattern: ')', label: '")"', push_mode: `${name} group end` }),
  });
  const server = side('server');
  const client = side('client');
  const StatusCode = maker.token('Http2StatusCode', statusCode, { push_mode: 'response' });
  const toPath = { push_mode: 'path', categories: [Http2Method] };
  const NamedMethod = maker.token('Http2NamedMethod', http2NamedMethod, toPath);
  const MethodValue = maker.token('Http2MethodValue', methodValue, toPath);
  const Path = maker.token('Http2Path', path, { push_mode: 'request' });
  const GroupTimes = maker.token('GroupTimes', times);
  const responses = [StatusCode, server.RawFrame, server.Open];
  const requests = [client.RawFrame, NamedMethod, MethodValue, client.Open];
  const frameClauses = maker.clauses('raw frame', rawFrameClauses, RawFrameClause);

  const modes: Record<Http2Mode, readonly TokenType[]> = {
    // A parenthesis that closes nothing is read, to be told of by the grammar.
    'server start': [...responses, server.Close],
    response: [
      ...maker.clauses('http2 response', http2ResponseClauses, Http2ResponseClause),
      ...responses,
      server.Close,
    ],
    'server frame': [...frameClauses, ...responses, server.Close],
    'server group end': [GroupTimes, ...responses, server.Close],
    'client start': [...requests, client.Close],
    path: [Path],
    request: [...maker.clauses('http2 request', http2RequestClauses, Http2RequestClause), ...requests, client.Close],
    'client frame': [...frameClauses, ...requests, client.Close],
    'client group end': [GroupTimes, ...requests, client.Close],
  };
  const own = [...new Set(Object.values(modes).flat())];
  const categories = [Http2ResponseClause, Http2RequestClause, RawFrameClause, Http2Method];
  return {
    definition: {
      modes: mapModes(modes, (types) => [Space, Separator, ...types]),
      defaultMode: 'server start',
    },
    all: [Space, Separator, ...categories, ...own],
    server,
    client,
    StatusCode,
    Path,
    GroupTimes,
    tried: mapModes(modes, (types) => types.flatMap((type) => maker.typeOf.get(type) ?? [])),
    typeOf: maker.typeOf,
  };
}
