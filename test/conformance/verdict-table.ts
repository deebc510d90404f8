/**
 * The cases of `fixtures/language/corpus.json` whose recorded result a decision overrides, and what
 * is expected instead: one line each, with the decision's number. `verdicts.ts` finds the same by
 * rule; a line holds only for the case with that id and that spec. Cases with Q01 and Q02 carry
 * their expected result themselves (`ideal_*`); those with Q10 only have to survive freezing.
 */
import type { CorpusCase } from './corpus.js';
import type { WireFacts } from './expectation.js';

export type TableEntry = RejectedEntry | AcceptedEntry;

interface RejectedEntry {
  readonly decision: string;
  readonly spec: string;
  readonly outcome: 'rejected';
}

interface AcceptedEntry {
  readonly decision: string;
  readonly spec: string;
  readonly outcome: 'accepted';
  readonly messages: readonly TableMessage[];
}

/** What is said of a message; the rest stays as it was recorded. */
export interface TableMessage {
  readonly canonical?: string;
  readonly resolved?: string | RegExp;
  readonly wire?: WireFacts;
}

/** Bytes as ISO 8859-1 text, or as a pattern of hexadecimal digits and dots. */
type Bytes = string | RegExp;

function rejected(decision: string, spec: string): RejectedEntry {
  return { decision, spec, outcome: 'rejected' };
}

/** In `resolved`, `****` is a key that was made up, `####` the rest of the canonical text. */
function served(decision: string, spec: string, canonical: string, resolved: string, bytes?: Bytes): AcceptedEntry {
  return { decision, spec, outcome: 'accepted', messages: [message(canonical, resolved, bytes)] };
}

function message(canonical: string, resolved: string, bytes?: Bytes): TableMessage {
  return {
    canonical,
    resolved: pattern(resolved.replace('####', canonical)),
    ...(bytes !== undefined && { wire: wire(bytes) }),
  };
}

function pattern(resolved: string): string | RegExp {
  if (!resolved.includes('****')) return resolved;
  const escaped = resolved.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace('\\*\\*\\*\\*', '[A-Za-z0-9]{4}');
  return new RegExp(`^${escaped}$`);
}

function wire(bytes: Bytes): WireFacts {
  return typeof bytes === 'string'
    ? { wire_hex: Buffer.from(bytes, 'latin1').toString('hex') }
    : { wire_pattern: bytes.source, wire_length: bytes.source.length / 2 };
}

const r = String.raw;

/** The response that carries a body and nothing else of its own. */
function ok(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
}

/** A request for / with a User-Agent, or other fields. */
function get(...fields: readonly string[]): string {
  return ['GET / HTTP/1.1', ...fields, '', ''].join('\r\n');
}

const android = 'User-Agent: Mozilla/5.0 (Linux; U; Android 4.1.1; en-gb; Nexus 7 Build/JRO03D) AFL/01.04.02';
const firefox = 'User-Agent: Mozilla/5.0 (Windows NT 6.1; Win64; x64; rv:14.0) Gecko/20120405 Firefox/14.0a1';
const safari =
  'User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_3) AppleWebKit/534.55.3 (KHTML, like Gecko) Version/5.1.3 Safari/534.53.10';
const ie9 = 'User-Agent: Mozilla/5.0 (Windows; U; MSIE 9.0; WIndows NT 9.0; en-US)';

// prettier-ignore
export const verdictTable: ReadonlyMap<string, TableEntry> = new Map<string, TableEntry>([
  ['v-r-109', served('Q03', r`200:b'a\\tb'`, r`200:b'a\\tb'`, "####:h'Content-Length'='4'", ok('a\\tb'))],
  ['v-r-110', served('Q03', r`200:b'a\\fb'`, r`200:b'a\\fb'`, "####:h'Content-Length'='4'", ok('a\\fb'))],
  ['v-r-112', served('Q03', r`200:b'\\\\n'`, r`200:b'\\\\n'`, "####:h'Content-Length'='3'", ok('\\\\n'))],
  ['v-r-123', served('Q04', "200:b'tab\there'", r`200:b'tab\there'`, "####:h'Content-Length'='8'", ok('tab\there'))],
  ['v-r-124', served('Q04', "200:b'\t'", r`200:b'\t'`, "####:h'Content-Length'='1'", ok('\t'))],
  ['v-r-125', served('Q04', "200:b'12345678\tx'", r`200:b'12345678\tx'`, "####:h'Content-Length'='10'", ok('12345678\tx'))],
  ['v-r-103', rejected('Q05', r`200:b'x\'`)],
  ['v-r-104', rejected('Q05', r`200:b'\x'`)],
  ['v-r-105', rejected('Q05', r`200:b'\x4g'`)],
  ['v-r-114', rejected('Q05', '200:btrail\\ ')],
  ['v-q-033', rejected('Q05', 'get:/\\')],
  ['v-q-082', served('Q07', "get:/:u'c'", "'GET':/:u'c'", '####', get('User-Agent: c'))],
  ['v-q-085', served('Q07', 'get:/:uandroid', "'GET':/:ua", '####', get(android))],
  ['v-q-086', served('Q07', 'get:/:ufirefox', "'GET':/:uf", '####', get(firefox))],
  ['v-q-087', served('Q07', 'get:/:usafari', "'GET':/:us", '####', get(safari))],
  ['v-q-088', served('Q07', 'get:/:uie9', "'GET':/:ui", '####', get(ie9))],
  ['v-q-157', { decision: 'Q08', spec: 'wf wf:fin', outcome: 'accepted', messages: [message('wf', "wf:mask:k'****'", /0180......../), message('wf:fin', "wf:fin:mask:k'****'", /8180......../)] }],
  ['v-q-158', { decision: 'Q08', spec: "wf:b'a'\nwf:b'b'", outcome: 'accepted', messages: [message("wf:b'a'", "wf:b'a':mask:k'****'", /0181........../), message("wf:b'b'", "wf:b'b':mask:k'****'", /0181........../)] }],
  ['v-cf-001', served('Q08', 'wf', 'wf', "####:mask:k'****'", /0180......../)],
  ['v-cf-002', served('Q08', "wf:b'hello'", "wf:b'hello'", "####:mask:k'****'", /0185................../)],
  ['v-cf-009', served('Q08', "wf:r'raw'", "wf:r'raw'", "####:mask:k'****'", /0183........726177/)],
  ['v-cf-010', served('Q09', "wf:b'hello':da", "wf:b'hello':da", "wf:b'hello':d12:mask:k'****'", /0185................../)],
  ['v-cf-016', served('Q08', "wf:b'hello':d2", "wf:b'hello':d2", "####:mask:k'****'", '\x01\x85')],
  ['v-cf-018', served('Q08', "wf:f'wf'", "wf:f'wf'", "####:mask:k'****'", /0189........................../)],
  ['v-r-116', served('Q11', r`200:b\x3a`, "200:b':'", "####:h'Content-Length'='1'", ok(':'))],
  ['v-r-117', served('Q11', r`200:b\x20x`, "200:b' x'", "####:h'Content-Length'='2'", ok(' x'))],
  ['v-f-077', served('Q11', "wf:k none:b'abc'", "wf:k'none':b'abc'", '####', '\x01\x83none\x0f\r\r')],
  ['v-q-183', served('Q12', 'get:<path ', "'GET':<'path'", "####:h'Host'='proxy.example'", 'GET /from/file HTTP/1.1\r\nHost: proxy.example\r\n\r\n')],
  ['v-q-184', served('Q12', "get:/:h<'name'='x' ", "'GET':/:h<'name'='x'", "####:h'Host'='proxy.example'", get('X-From-File: x', 'Host: proxy.example'))],
  ['v-q-089', served('Q14', 'get:/:u@5', "'GET':/:u@5", '####', /474554202f20485454502f312e310d0a557365722d4167656e743a20..........0d0a0d0a/)],
  ['v-q-094', served('Q14', 'get:/:u<name', "'GET':/:u<'name'", '####', get('User-Agent: X-From-File'))],
  ['v-f-048', rejected('Q17', 'wf:l18446744073709551616')],
  ['v-f-069', rejected('Q18', "wf:k'abc'")],
  ['v-f-070', rejected('Q18', "wf:k'abcde'")],
  ['v-f-071', rejected('Q18', "wf:k''")],
  ['v-f-072', rejected('Q18', 'wf:k@5')],
  ['v-q-143', rejected('Q26', r`get:/p/:s'\xff'`)],
]);

/** The line for a case, if there is one: by its id, and only for the same spec. */
export function tableEntryFor({ id, spec }: CorpusCase): TableEntry | undefined {
  const entry = verdictTable.get(id);
  return entry?.spec === spec ? entry : undefined;
}
