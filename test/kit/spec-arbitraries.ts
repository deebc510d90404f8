/** Arbitraries of valid specs, built from the syntax as documented, not from the code's own tables. */
import fc from 'fast-check';

const space = fc.constantFrom('', '', '', ' ', '\t', '\n ');

/** A quoted literal, any bytes in it escaped or plain. */
export const quoted = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...'abcXYZ019 ,:@=<>/%{}') },
      fc.constantFrom(
        '\\n',
        '\\r',
        '\\t',
        '\\\\',
        '\\x27',
        "\\'",
        '\\"',
        '\\x00',
        '\\xff',
        '\\0',
        '\\377',
        '\\q',
        '\\u0041',
      ),
    ),
    { maxLength: 12 },
  )
  .chain((pieces) => fc.constantFrom("'", '"').map((quote) => quote + pieces.join('') + quote));

const datatype = fc.constantFrom(
  'ascii',
  'ascii_letters',
  'ascii_lowercase',
  'bytes',
  'digits',
  'hexdigits',
  'octdigits',
  'punctuation',
  'whitespace',
);

export const generated = fc
  .tuple(fc.nat(300), fc.constantFrom('', 'b'), fc.option(datatype))
  .map(([size, unit, type]) => `@${String(size)}${unit}${type === null ? '' : `,${type}`}`);

const naked = fc.stringMatching(/^[A-Za-z0-9/._?&=#%+-]{1,10}$/).filter((text) => text.length > 0);

export const value = fc.oneof(quoted, generated);
export const nakedValue = fc.oneof(quoted, generated, naked);
export const offset = fc.oneof(fc.nat(120).map(String), fc.constantFrom('r', 'a', '0', '99999999999999999999'));

const pause = fc.tuple(offset, fc.oneof(fc.nat(999).map(String), fc.constant('f'))).map(([at, s]) => `p${at},${s}`);
const inject = fc.tuple(offset, value).map(([at, bytes]) => `i${at},${bytes}`);
const disconnect = offset.map((at) => `d${at}`);
const header = fc.tuple(value, space, value).map(([name, gap, content]) => `h${name}${gap}=${gap}${content}`);
const lead = (letter: string) => nakedValue.map((bytes) => letter + bytes);

/** Clauses of which any number may stand, and clauses of which one may. */
function clauses(many: fc.Arbitrary<string>[], once: fc.Arbitrary<string>[]): fc.Arbitrary<string[]> {
  const optional = once.map((arbitrary) => fc.option(arbitrary, { freq: 2 }));
  return fc
    .tuple(fc.array(fc.oneof(...many), { maxLength: 5 }), fc.tuple(...optional))
    .chain(([repeated, single]) =>
      fc.shuffledSubarray([...repeated, ...single.filter((clause) => clause !== null)], { minLength: 0 }),
    );
}

function joined(first: fc.Arbitrary<string>, rest: fc.Arbitrary<string[]>): fc.Arbitrary<string> {
  return fc.tuple(first, rest, space).map(([head, tail, gap]) => [head, ...tail].join(`${gap}:${gap}`));
}

const code = fc.oneof(fc.constantFrom('200', '404', '0200', '999', '7'), fc.nat(99999).map(String));

/** A response without `ws`, which needs a handshake. */
export const response = joined(
  code,
  clauses([header, lead('c'), lead('l'), pause, inject], [fc.constantFrom('r', 'R'), lead('m'), lead('b'), disconnect]),
);

const embedded = fc.constantFrom('200', '404:b"x"', '200:ir,@1', '200:b@10:dr', '200:r');
const agent = fc.oneof(
  fc.constantFrom('ua', 'uB', 'uchrome', 'uIE9'),
  quoted.map((text) => `u${text}`),
);

/** A request, of any method, `ws` among them. */
export const request = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('get', 'POST', 'Delete', 'ws', 'ws:put'),
      quoted.filter((text) => text.length > 2),
    ),
    nakedValue.filter((path) => !/^(["'@<]|get|head|post|put|delete|options|trace|connect)/i.test(path)),
    clauses(
      [header, lead('c'), agent, pause, inject],
      [fc.constant('r'), lead('b'), embedded.map((spec) => `s'${spec}'`), disconnect],
    ),
  )
  .map(([method, path, rest]) => [method, path, ...rest].join(':'));

const flag = (name: string) => fc.constantFrom(name, `-${name}`);
const frameClauses = [
  fc.constantFrom('ctext', 'cBinary', 'cping', 'c3', 'c15', 'c01'),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((length) => `l${String(length)}`),
  flag('fin'),
  flag('rsv1'),
  flag('rsv2'),
  flag('rsv3'),
  flag('mask'),
  fc.constantFrom('knone', "k'abcd'", 'kwxyz', 'k@4', 'k@4,digits', 'k none'),
  fc.oneof(lead('b'), lead('r')),
  disconnect,
];

const server = [pause, inject];
export const serverFrame = joined(fc.constantFrom('wf', 'WF'), clauses(server, frameClauses));
export const clientFrame = joined(
  fc.constant('wf'),
  clauses([pause, inject], [...frameClauses, fc.constantFrom("f'wf'", "f'wf:fin:x2:b@3'", `f"wf:b'x':da"`)]),
);

// The clauses that the ancestor did not have.

const place = fc.oneof(offset, fc.constantFrom('h', 'b', 'hr', 'br', 'h+3', 'b+0', 'b + 12', 'b+99999999999999999999'));
const size = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom('', '', 'b')).map((parts) => parts.join(''));

/** Clauses that change bytes of the message. */
export const edit = fc.oneof(
  fc.tuple(place, value).map(([at, bytes]) => `o${at},${bytes}`),
  fc.tuple(place, fc.nat(30)).map(([at, count]) => `e${at},${String(count)}`),
  place.map((at) => `~${at}`),
);

const furtherActions = [
  fc.tuple(place, fc.constantFrom('0.5', '10.250', '3.0', '0', 'f')).map(([at, s]) => `p${at},${s}`),
  fc.tuple(place, value).map(([at, bytes]) => `i${at},${bytes}`),
  fc.tuple(place, fc.constantFrom('1', '10', '2k', '007')).map(([at, rate]) => `w${at},${rate}`),
  edit,
  edit,
];
const furtherDisconnect = fc.tuple(place, fc.constantFrom('', ',rst', ',fin')).map((parts) => `d${parts.join('')}`);
const furtherHttp = [
  lead('v'),
  fc.array(size, { minLength: 1, maxLength: 3 }).map((sizes) => `k${sizes.join(',')}`),
  fc.constantFrom('zgzip', 'zdeflate', 'zbr'),
  fc.constant('r'),
  lead('b'),
  furtherDisconnect,
];
const trailer = fc.tuple(value, value).map(([name, content]) => `t${name}=${content}`);

export const furtherResponse = joined(code, clauses([header, trailer, ...furtherActions], furtherHttp));
export const furtherRequest = joined(fc.constant('put:/'), clauses([header, trailer, ...furtherActions], furtherHttp));
export const furtherFrame = joined(
  fc.constant('wf'),
  clauses(furtherActions, [...frameClauses.slice(0, -1), furtherDisconnect]),
);

// HTTP/2.

const timesN = fc.integer({ min: 2, max: 5 }).map((count) => `x${String(count)}`);

export const http2Response = joined(
  code,
  clauses(
    [header, trailer, lead('c'), lead('l')],
    [fc.constantFrom('r', 'R'), lead('b'), fc.constantFrom('zgzip', 'zbr')],
  ),
);

/** What the ancestor had of it. */
export const http2AncestorResponse = joined(
  code,
  clauses([header, lead('c'), lead('l')], [fc.constant('r'), lead('b')]),
);
export const http2AncestorRequest = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.constantFrom('get:/', 'Put:a', "'patch':/x"),
        nakedValue.map((path) => `head:${path}`),
      ),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
    clauses([header, lead('c'), agent], [fc.constant('r'), lead('b'), fc.constantFrom("s'200'", `s'404:b"x"'`, 'x2')]),
  )
  .map(([requests, rest]) => [requests.join(' '), ...rest].join(':'));

const embeddedSequence = fc.constantFrom(
  '200',
  '404:b"x"',
  '103 200',
  '200:b@10',
  '(h2f:tping:b@8):x3',
  'h2f:tgoaway 200',
);

export const http2Request = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('get', 'POST', 'Delete', "'patch'"),
      quoted.filter((text) => text.length > 2),
    ),
    nakedValue.filter((path) => !/^["'@<]/.test(path)),
    clauses(
      [header, trailer, lead('c'), agent],
      [fc.constant('r'), lead('b'), embeddedSequence.map((spec) => `s'${spec}'`), fc.constant('zdeflate')],
    ),
  )
  .map(([method, path, rest]) => [method, path, ...rest].join(':'));

const stream = fc.constantFrom('0', '1', '2', '2147483646', '+0', '+2', '-1', 'new');
const coding = fc
  .subarray(['never', 'without', 'incremental', 'huffman', 'plain', 'literal', 'overlong0', 'overlong3'])
  .map((words) => words.map((word) => `,${word}`).join(''));
const hpackField = fc
  .tuple(fc.oneof(value, fc.constantFrom('0', '5', '62', '4294967295', '0x3e')), value, coding)
  .map(([name, content, words]) => `h${name}=${content}${words}`);

/** Parts of which a frame may have any number: its payload grows by each. */
const rawFrameParts = [
  hpackField,
  hpackField,
  fc.constantFrom('index2', 'index62', 'index4294967295', 'table0', 'table4096'),
  fc.constantFrom('initial_window_size=0', 'MAX_FRAME_SIZE = 16384', '0x99=1', '65535=4294967295'),
];

const frameFlag = (name: string) => fc.constantFrom(name, `-${name}`, `f${name}`, `f-${name}`, name.toUpperCase());
const rawFrameFacts = [
  fc.constantFrom(
    'tdata',
    'tHEADERS',
    'tping',
    'tgoaway',
    'tpush_promise',
    'tcontinuation',
    'tsettings',
    't0x42',
    't255',
  ),
  ...['ack', 'end_stream', 'end_headers', 'padded', 'priority'].map(frameFlag),
  fc.constantFrom('f0', 'f0xff', 'f37'),
  stream.map((id) => `s${id}`),
  fc.constant('reserved'),
  fc.constantFrom('k1', 'k3,1', 'k1,2,1k'),
  fc.constantFrom('pad0', 'pad5', 'pad255', 'pad5,200', 'pad 3 , 3'),
  fc.constantFrom('ccancel', 'cENHANCE_YOUR_CALM', 'c0xfe', 'c4294967295'),
  fc.constantFrom('increment0', 'increment4294967295'),
  stream.map((id) => `promise${id}`),
  stream.map((id) => `last${id}`),
  stream.map((id) => `depends${id}`),
  fc.constantFrom('weight1', 'weight256'),
  fc.constant('exclusive'),
  fc.oneof(
    lead('b'),
    value.map((payload) => `r${payload}`),
  ),
];

/** A raw frame whose bytes are what its header says, and nothing is done between them. */
export const plainRawFrame = joined(fc.constantFrom('h2f', 'H2F'), clauses(rawFrameParts, rawFrameFacts));
/** Any raw frame. */
export const rawFrame = joined(
  fc.constant('h2f'),
  clauses(
    [...rawFrameParts, ...furtherActions],
    [...rawFrameFacts, furtherDisconnect, fc.constantFrom('l0', 'l16777215', 'l0x10')],
  ),
);

function sequence(message: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const repeated = fc
    .tuple(message, fc.option(timesN))
    .map(([spec, count]) => (count === null ? spec : `${spec}:${count}`));
  const group = fc
    .tuple(
      fc.array(repeated, { minLength: 1, maxLength: 3 }),
      fc.option(fc.tuple(fc.constantFrom(':', '', ' : '), timesN)),
    )
    .map(([inside, count]) => `(${inside.join(' ')} )${count?.join('') ?? ''}`);
  return fc.array(fc.oneof(repeated, group), { minLength: 1, maxLength: 3 }).map((runs) => runs.join(' '));
}

export const http2ServerSequence = sequence(fc.oneof(http2Response, rawFrame));
export const http2ClientSequence = sequence(fc.oneof(http2Request, rawFrame));
