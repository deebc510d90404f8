/** Cases as another corpus would hold them: what the ancestor made of specs that the decisions judge otherwise. */
import { describe, expect, it } from 'vitest';
import { checkCase } from './check.js';
import type { CorpusCase, RecordedMessage } from './corpus.js';
import { expectationOf, isReadable } from './expectation.js';

const directory = 'fixtures/language';
const r = String.raw;

type Given = Partial<CorpusCase>;

function response(spec: string, facts: Given): Given {
  return { kind: 'response', entry: 'parse_pathod', spec, ...facts };
}

function request(spec: string, facts: Given): Given {
  return { kind: 'request', entry: 'parse_pathoc', spec, ...facts };
}

function crash(stage: 'parse' | 'resolve' | 'serve', type = 'AttributeError') {
  return { type: `crash:${type}`, stage };
}

/** One recorded message. What is not given was unremarkable. */
function message(canonical: string, resolved: string | null, facts: Partial<RecordedMessage>): Given {
  const plain = { canonical_reparses: true, disconnect: false, pauses: [], actions: [], freeze_roundtrip: true };
  return { messages: [{ ...plain, canonical, resolved, ...facts }] };
}

function fellOver(canonical: string, stage: 'resolve' | 'serve', type?: string): Given {
  return { messages: [{ canonical, canonical_reparses: true, error: crash(stage, type) }] };
}

function sent(text: string): Pick<RecordedMessage, 'wire_hex' | 'wire_length' | 'maximum_length'> {
  return {
    wire_hex: Buffer.from(text, 'latin1').toString('hex'),
    wire_length: text.length,
    maximum_length: text.length,
  };
}

const rejected = (type = 'ParseException', col: number | null = 4): Given => ({ error: { type, stage: 'parse', col } });
const files = { settings: { staticdir: 'static' } };
const hosted = { settings: { request_host: 'proxy.example', staticdir: 'static' } };
const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;

/** The case, and what is demanded after all: canonical text, or that the spec is rejected, or how serving it fails. */
const unseen: readonly (readonly [decision: string, item: Given, demand: string])[] = [
  [
    'Q01',
    response("200:b@10,digits:i40,'A':i45,'B'", {
      ...message("200:b@10,digits:i40,'A':i45,'B'", "200:b@10,digits:i40,'A':i45,'B':h'Content-Length'='10'", {
        ...{ wire_hex: null, wire_length: 51, maximum_length: 51, charset: ['digits'] },
        wire_pattern: `${Buffer.from(ok('').replace('0\r', '10\r')).toString('hex')}..41......42${'..'.repeat(6)}`,
        actions: [
          [40, 'inject', { hex: '41' }],
          [45, 'inject', { hex: '42' }],
        ],
      }),
    }),
    "200:b@10,digits:i40,'A':i45,'B'",
  ],
  [
    'Q03',
    response(r`200:b'x\\ry'`, {
      quirks: ['Q03'],
      ...message(r`200:b'x\\\ry'`, r`200:b'x\\\ry':h'Content-Length'='4'`, sent(ok('x\\\ry'))),
    }),
    r`200:b'x\\ry'`,
  ],
  [
    'Q04',
    request("get:/:b'\t'", message("'GET':/:b'    '", null, sent('GET / HTTP/1.1\r\nContent-Length: 4\r\n\r\n    '))),
    r`'GET':/:b'\t'`,
  ],
  ['Q05', response(r`200:m'\x1'`, { error: crash('parse', 'ValueError') }), 'rejected'],
  [
    'Q05',
    request(
      r`get:/:b'\\x'`,
      message(
        r`'GET':/:b'\\x'`,
        r`'GET':/:b'\\x':h'Content-Length'='2'`,
        sent('GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\n\\x'),
      ),
    ),
    r`'GET':/:b'\\x'`,
  ],
  ['Q06', response(r`200:b'it\'s'`, { error: crash('parse', 'ValueError') }), r`200:b'it\x27s'`],
  ['Q06', response(r`200:b"a\"b"`, rejected()), r`200:b'a"b'`],
  ['Q07', request('get:/:uGoogleBot', rejected()), "'GET':/:ug"],
  [
    'Q07',
    request(
      'get:/:u"h"',
      message("'GET':/:uh", "'GET':/:uh", {
        ...sent('GET / HTTP/1.1\r\nUser-Agent: h\r\n\r\n'),
        freeze_roundtrip: false,
      }),
    ),
    "'GET':/:u'h'",
  ],
  [
    'Q08',
    request('wf:fin', {
      ...message('wf:fin', 'wf:fin:mask', {
        wire_hex: null,
        wire_pattern: '8180........',
        wire_length: 6,
        maximum_length: 6,
      }),
    }),
    'wf:fin',
  ],
  [
    'Q09',
    request("wf:b'abc':ia,'E'", {
      ...message("wf:b'abc':ia,'E'", "wf:b'abc':i6,'E':mask", {
        ...{ wire_hex: null, wire_length: 10, maximum_length: 10, wire_pattern: '0183........45......' },
        actions: [[6, 'inject', { hex: '45' }]],
        freeze_error: { ...crash('parse'), stage: 'freeze' },
      }),
    }),
    "wf:b'abc':ia,'E'",
  ],
  [
    'Q11',
    response(
      r`200:mx\x2cy`,
      message('200:mx,y', "200:mx,y:h'Content-Length'='0'", {
        canonical_reparses: false,
        ...sent('HTTP/1.1 200 x,y\r\nContent-Length: 0\r\n\r\n'),
      }),
    ),
    "200:m'x,y'",
  ],
  ['Q11', { ...response('wf:r sv2', message('wf:rsv2', 'wf:rsv2', sent('\x01\x03sv2'))), kind: 'frame' }, "wf:r'sv2'"],
  ['Q12', response("200:h<'name'='x'", { ...files, ...fellOver("200:h<'name'='x'", 'resolve') }), "200:h<'name'='x'"],
  ['Q13', response('200:b<empty', { ...files, ...fellOver("200:b<'empty'", 'serve', 'ValueError') }), "200:b<'empty'"],
  ['Q14', request('get:/:u@3,digits', fellOver("'GET':/:u@3,digits", 'serve')), "'GET':/:u@3,digits"],
  [
    'Q15',
    response('200:b<../static-other/secret', {
      ...files,
      ...message("200:b<'../static-other/secret'", null, sent(ok('sibling'))),
    }),
    'FileAccessDenied',
  ],
  [
    'Q17',
    {
      ...response('wf:l18446744073709551616:fin', fellOver('wf:l18446744073709551616:fin', 'serve', 'ValueError')),
      kind: 'frame',
    },
    'rejected',
  ],
  ['Q18', { ...response('wf:k@3', rejected('RenderError', null)), kind: 'frame' }, 'rejected'],
  ['Q21', request("get:/:b'a':b'b'", rejected('ParseException', 0)), 'rejected'],
  ['Q22', request('get:@4,digits', { ...hosted, ...fellOver("'GET':@4,digits", 'resolve') }), "'GET':@4,digits"],
  ['Q24', request('get:/:b"x":x0', { messages: [] }), 'nothing'],
  ['Q26', request(r`get:/:s'\xfe'`, { error: crash('parse', 'UnicodeDecodeError') }), 'rejected'],
  [
    'Q27',
    request("get:/:s'200:b@3,digits'", { ...fellOver("'GET':/:s'200:b@3,digits'", 'serve', 'TypeError') }),
    "'GET':/:s'200:b@3,digits'",
  ],
  ['Q27', request("get:/:s'ws'", { ...fellOver("'GET':/:s'ws'", 'serve', 'TypeError') }), "'GET':/:s'ws'"],
  ['+path', response('+hello', rejected('ParseException', 1)), 'rejected'],
];

function complete(item: Given): CorpusCase {
  return { id: 'unseen-1', quirks: [], settings: {}, spec: '', kind: '', entry: '', ...item };
}

function demandOf(item: CorpusCase): string {
  if (!isReadable(item)) throw new TypeError(item.entry);
  const expectation = expectationOf(item, directory);
  if (expectation.outcome === 'rejected') return 'rejected';
  const [first] = expectation.messages;
  return first ? (first.error?.type ?? first.canonical.join(' or ')) : 'nothing';
}

describe('a case of a corpus that nobody has seen', () => {
  it.each(unseen.map(([decision, item, demand]) => [decision, item.spec ?? '', demand, complete(item)] as const))(
    '%s: %j is %j',
    async (_decision, _spec, demand, item) => {
      expect(demandOf(item)).toBe(demand);
      expect((await checkCase(item, directory)).failures).toEqual([]);
    },
  );

  it('with a quirk that no rule knows is held to the rest of what was recorded', async () => {
    const facts = message("200:b'x'", "200:b'x':h'Content-Length'='1'", sent(ok('x')));
    const item = complete(response("200:b'x'", { ...facts, quirks: ['Q99'] }));
    expect((await checkCase(item, directory)).outcome).toBe('passed');
    expect(
      (await checkCase({ ...item, messages: [{ ...item.messages?.[0], ...sent(ok('y')) }] }, directory)).outcome,
    ).toBe('failed');
  });
});
