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
