/** The operators of filter expressions: the one place where each is declared. */
import type { FilterOperator } from './operator.js';
import { bytesOfText, inAddress, inBodies, inContentTypes, inHeaders, notesOf, urlOf } from './subjects.js';
import type { Side } from './subjects.js';

const both: readonly Side[] = ['request', 'response'];

/** Bodies may span lines; of headers, every line begins with a name. */
const body = { over: 'bytes', dotAll: true } as const;
const header = { over: 'bytes', multiline: true } as const;
const bytes = { over: 'bytes' } as const;
const text = { over: 'text' } as const;
const lines = { over: 'text', multiline: true } as const;

const assets = /text\/javascript|application\/(?:x-)?javascript|text\/css|image\/|font\/|application\/font/;

/** In the order of the help. */
export const filterOperators: readonly FilterOperator[] = [
  {
    code: 'a',
    kind: 'flag',
    isDear: true,
    help: 'Response with an asset: a style sheet, a script, an image or a font.',
    matches: inContentTypes(['response'], (type) => assets.test(type)),
  },
  { code: 'all', kind: 'flag', help: 'Every flow.', matches: () => true },
  {
    code: 'b',
    kind: 'regular expression',
    isDear: true,
    help: 'Body of request or response, decoded; messages of WebSocket, TCP and UDP; names and data of DNS.',
    pattern: body,
    matching: (search, rules) => inBodies(both, search, rules),
  },
  {
    code: 'bq',
    kind: 'regular expression',
    isDear: true,
    help: 'As `~b`, of what the client sent.',
    pattern: body,
    matching: (search, rules) => inBodies(['request'], search, rules),
  },
  {
    code: 'bs',
    kind: 'regular expression',
    isDear: true,
    help: 'As `~b`, of what the server sent.',
    pattern: body,
    matching: (search, rules) => inBodies(['response'], search, rules),
  },
  {
    code: 'c',
    kind: 'integer',
    help: 'Status code of the response.',
    matching: (code) => (flow) => flow.type === 'http' && flow.response?.statusCode === code,
  },
  {
    code: 'comment',
    kind: 'regular expression',
    help: 'Comment of the flow.',
    pattern: lines,
    matching: (search) => (flow) => search(flow.comment),
  },
  {
    code: 'd',
    kind: 'regular expression',
    isDear: true,
    help: 'Host, where the request goes or as it names it itself; case does not count.',
    pattern: { ...text, caseless: true },
    matching: (search) => (flow) =>
      flow.type === 'http' && (search(flow.request.host) || search(flow.request.prettyHost)),
  },
  { code: 'dns', kind: 'flag', help: 'DNS flow.', matches: ({ type }) => type === 'dns' },
  {
    code: 'dst',
    kind: 'regular expression',
    help: 'Address of the server, `host:port`.',
    pattern: text,
    matching: (search) => inAddress((flow) => flow.serverConn.address, search),
  },
  { code: 'e', kind: 'flag', help: 'Flow with an error.', matches: ({ error }) => error !== undefined },
  {
    code: 'h',
    kind: 'regular expression',
    isDear: true,
    help: 'Header lines of request or response, `Name: value`, each ended by CRLF.',
    pattern: header,
    matching: (search) => inHeaders(both, search),
  },
  {
    code: 'hq',
    kind: 'regular expression',
    isDear: true,
    help: 'As `~h`, of the request.',
    pattern: header,
    matching: (search) => inHeaders(['request'], search),
  },
  {
    code: 'hs',
    kind: 'regular expression',
    isDear: true,
    help: 'As `~h`, of the response.',
    pattern: header,
    matching: (search) => inHeaders(['response'], search),
  },
  { code: 'http', kind: 'flag', help: 'HTTP flow; with WebSocket or without.', matches: ({ type }) => type === 'http' },
  {
    code: 'm',
    kind: 'regular expression',
    help: 'Method of the request; case does not count.',
    pattern: { ...bytes, caseless: true },
    matching: (search) => (flow) => flow.type === 'http' && search(bytesOfText(flow.request.rawMethod)),
  },
  { code: 'marked', kind: 'flag', help: 'Flow with a mark.', matches: ({ marked }) => marked !== '' },
  {
    code: 'marker',
    kind: 'regular expression',
    help: 'Mark of the flow.',
    pattern: text,
    matching: (search) => (flow) => search(flow.marked),
  },
  {
    code: 'meta',
    kind: 'regular expression',
    isDear: true,
    help: 'What addons noted, a line each: `name: value`.',
    pattern: lines,
    matching: (search) => (flow) => search(notesOf(flow)),
  },
  {
    code: 'q',
    kind: 'flag',
    help: 'Request without a response, of HTTP or DNS.',
    matches: (flow) => (flow.type === 'http' || flow.type === 'dns') && flow.response === undefined,
  },
  {
    code: 'replay',
    kind: 'flag',
    help: 'Flow that was sent again, as request or response.',
    matches: ({ isReplay }) => isReplay !== undefined,
  },
  {
    code: 'replayq',
    kind: 'flag',
    help: 'Flow of which the request was sent again.',
    matches: ({ isReplay }) => isReplay === 'request',
  },
  {
    code: 'replays',
    kind: 'flag',
    help: 'Flow of which the response was given again.',
    matches: ({ isReplay }) => isReplay === 'response',
  },
  {
    code: 's',
    kind: 'flag',
    help: 'Flow with a response, of HTTP or DNS.',
    matches: (flow) => (flow.type === 'http' || flow.type === 'dns') && flow.response !== undefined,
  },
  {
    code: 'src',
    kind: 'regular expression',
    help: 'Address of the client, `host:port`.',
    pattern: text,
    matching: (search) => inAddress((flow) => flow.clientConn.peername, search),
  },
  {
    code: 't',
    kind: 'regular expression',
    isDear: true,
    help: 'Content-Type of request or response.',
    pattern: bytes,
    matching: (search) => inContentTypes(both, search),
  },
  { code: 'tcp', kind: 'flag', help: 'TCP flow.', matches: ({ type }) => type === 'tcp' },
  {
    code: 'tq',
    kind: 'regular expression',
    isDear: true,
    help: 'Content-Type of the request.',
    pattern: bytes,
    matching: (search) => inContentTypes(['request'], search),
  },
  {
    code: 'ts',
    kind: 'regular expression',
    isDear: true,
    help: 'Content-Type of the response.',
    pattern: bytes,
    matching: (search) => inContentTypes(['response'], search),
  },
  {
    code: 'u',
    kind: 'regular expression',
    isDear: true,
    help: 'URL with the host that the request names; of DNS, the first name asked for. May be left out.',
    pattern: text,
    matching: (search) => (flow) => {
      const url = urlOf(flow);
      return url !== undefined && search(url);
    },
  },
  { code: 'udp', kind: 'flag', isAddition: true, help: 'UDP flow.', matches: ({ type }) => type === 'udp' },
  {
    code: 'websocket',
    kind: 'flag',
    help: 'HTTP flow with WebSocket messages.',
    matches: (flow) => flow.type === 'http' && flow.websocket !== undefined,
  },
];

const byCode = new Map(filterOperators.map((operator) => [operator.code, operator]));

/** The operator behind a tilde. */
export function operatorOf(code: string): FilterOperator | undefined {
  return byCode.get(code);
}
