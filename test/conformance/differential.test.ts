/** The language and the reference, two readings of one text, agree on whatever specs can be made up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCase } from './check.js';
import type { CorpusCase } from './corpus.js';

type Text = fc.Arbitrary<string>;

const pick = (...texts: readonly string[]): Text => fc.constantFrom(...texts);
const join = (...parts: readonly (Text | string)[]): Text =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(''));
const list = (item: Text, maxLength: number): Text => fc.array(item, { maxLength }).map((texts) => texts.join(''));

const space = fc.oneof({ weight: 6, arbitrary: fc.constant('') }, pick(' ', '\n', '\t', '\r\n'));
const escapes = String.raw`a x 0 : , @ = < \n \r \f \a \b \v \0 \\ \\n \x41 \x00 \xff \101 \7 \q \' \" \t`.split(' ');
const inner = pick(...escapes, ' ', '\t', '\n', '\\\n');
const literal = fc.oneof(join("'", list(inner, 6), "'"), join('"', list(inner, 6), '"'));
const naked = fc
  .array(pick(...String.raw`a none sv1 get / < \x3a \x20 \\ \x00 = 1 - \x27 \x41 http`.split(' ')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((texts) => texts.join(''));
const generated = join(
  '@',
  space,
  pick('0', '1', '3', '4', '10', '007', '1k', '2b', '200', '9k'),
  pick('', '', ',digits', ', ascii', ',bytes', ',hexdigits'),
);
const file = join(
  '<',
  pick(
    'hello',
    "'hello'",
    '"name"',
    'missing',
    "'empty'",
    'key4',
    'key5',
    '../static-other/secret',
    "'with space'",
    'sub/deep.txt',
    'path',
    '/etc/hostname',
  ),
);
const value = fc.oneof(literal, literal, generated, file);
const nakedValue = fc.oneof(literal, generated, file, naked, naked);
const offset = pick(
  '0',
  '1',
  '2',
  '3',
  '5',
  '6',
  '7',
  '8',
  '12',
  '38',
  '40',
  '41',
  '44',
  '100',
  'a',
  'r',
  '18446744073709551617',
);
const action = fc.oneof(
  join('p', space, offset, space, ',', pick('0', '1', '2', 'f')),
  join('d', offset),
  join('i', offset, ',', value),
);
const field = (...names: readonly string[]): Text =>
  join("h'", pick(...names, 'content-length', 'Content-Length '), "'=", literal);
const header = join('h', value, space, '=', value);
const separator = fc.oneof({ weight: 4, arbitrary: fc.constant(':') }, join(space, ':', space), pick('', ' '));
const clauses = (clause: Text): Text => list(join(separator, clause), 4);

const responseClause = fc.oneof(
  header,
  action,
  action,
  pick('r', 'R'),
  join(pick('c', 'l', 'm', 'b'), nakedValue),
  field('Connection', 'upgrade'),
);
const response = join(pick('200', '404', '0200', 'ws', 'ws:101', 'WS404', '999'), clauses(responseClause));
const embedded = (letter: string, spec: Text): Text =>
  join(
    `${letter}'`,
    spec.map((text) => text.replaceAll('\\', '\\\\').replaceAll("'", '\\x27')),
    "'",
  );
const agent = fc.oneof(pick('a', 'C', 'android', 'iPhone', "'c'", '"C"'), value);
const requestClause = fc.oneof(
  header,
  action,
  action,
  join(pick('c', 'b'), nakedValue),
  join('u', agent),
  pick('r', 'x0', 'x2', 'x03'),
  embedded('s', response),
  field('HOST', 'sec-websocket-key', 'upgrade'),
);
const method = fc.oneof(pick('get', 'GET', 'post', "'FOO'", 'ws', 'ws:get', 'connect'), value);
const target = fc.oneof(pick('/', '/x', "'http://Up.Example:80/x'", '//net/x', "'http://[::1]/'", 'http'), nakedValue);
const request = join(method, separator, target, list(join(':', requestClause), 4));

const frameClause = fc.oneof(
  action,
  action,
  pick(
    'knone',
    'x2',
    'ctext',
    'cPING',
    'c0',
    'c16',
    'c03',
    'l0',
    'l5',
    'l126',
    'l65536',
    'l18446744073709551616',
    'l007',
  ),
  join(pick('', '-', '- '), pick('fin', 'rsv1', 'rsv2', 'rsv3', 'mask')),
  join('k', pick("'abcd'", '@4', '@4,digits', 'wxyz', ' none', ' NONE', '<key4', '<key5', "'abc'")),
  join(pick('b', 'r', 'r '), nakedValue),
);
const frame = join(pick('wf', 'WF', 'wf:'), clauses(frameClause));
const clientFrame = join(
  pick('wf', 'WF'),
  clauses(fc.oneof({ weight: 5, arbitrary: frameClause }, embedded('f', frame))),
);

const specs = fc.oneof(
  fc.record({ entry: fc.constant('parse_pathod'), spec: fc.oneof(response, frame) }),
  fc.record({
    entry: fc.constant('parse_pathoc'),
    spec: fc.oneof(request, clientFrame, join(clientFrame, ' ', request)),
  }),
  fc.record({ entry: fc.constant('parse_websocket_frame'), spec: join(frame, ' ', frame) }),
);
const settings = fc.record({
  staticdir: fc.constantFrom(null, 'static'),
  unconstrained_file_access: fc.boolean(),
  request_host: fc.constantFrom(null, 'proxy.example', ''),
  websocket_key: fc.constantFrom(null, 'x3JJHMbDL1EzLkh9GBhXDw=='),
});

/** A file name with one of these escapes reads back as another name once it is quoted (Q38). */
const ambiguousName = /<[^'"]*\\[ntrf]/;

describe('any spec', () => {
  it('is read, printed, resolved, sent and frozen as the reference says', async () => {
    await fc.assert(
      fc.asyncProperty(specs, settings, async ({ entry, spec }, chosen) => {
        fc.pre(!ambiguousName.test(spec));
        // Of a crash nothing is recorded, so that the reference answers for everything.
        const error = { type: 'crash:Unknown', stage: 'parse' } as const;
        const item: CorpusCase = { id: spec, kind: 'any', entry, spec, settings: chosen, quirks: [], error };
        expect((await checkCase(item, 'fixtures/language')).failures).toEqual([]);
      }),
      // The same specs every time, unless others are asked for.
      { numRuns: Number(process.env['RUNS'] ?? 250), seed: Number(process.env['SEED'] ?? 1) },
    );
  }, 60_000);
});
