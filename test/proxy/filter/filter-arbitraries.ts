/** Arbitraries of filter expressions, built from the language as documented, not from the code's own tables. */
import fc from 'fast-check';

const flags = 'a all dns e http marked q replay replayq replays s tcp websocket'.split(' ');
const patterns = 'b bq bs comment d dst h hq hs m marker meta src t tq ts u'.split(' ');

const word = fc.constantFrom(
  ...['shop', 'a', '.', 'needle', 'get', 'POST', '200', 'a|b', 'a&b', 'x!', '^http', '\\d', 'json', '^', '$', '[a-c]'],
  ...['é', '127', '/', 'cart', '1:1', '\\x41', 't1', '\\Ahttp', '&', '|', '\u00a0'],
);

const quotedPiece = fc.constantFrom(
  ...[
    'a',
    'e',
    'H',
    '1',
    ' ',
    '.',
    '\\\\d',
    '\\\\.',
    '\\"',
    "\\'",
    '(',
    ')',
    '~',
    '&',
    '|',
    '\\t',
    '\\n',
    '\t',
    'é',
    '\\q',
  ],
  ...['(?i)shop', '[^a]', '(a|b)', '\\\\\\n'],
);
/** Text in quotes; its brackets may not go together. */
const quoted = fc
  .array(quotedPiece, { maxLength: 5 })
  .chain((pieces) => fc.constantFrom(`"${pieces.join('')}"`, `'${pieces.join('')}'`));

const pattern = fc.oneof({ weight: 3, arbitrary: word }, quoted);

const operator = fc.oneof(
  fc.constantFrom(...flags).map((code) => `~${code}`),
  fc
    .tuple(fc.constantFrom(...patterns), fc.constantFrom(' ', ' ', '\t', '\n'), pattern)
    .map(([code, blank, regex]) => `~${code}${blank}${regex}`),
  fc.constantFrom('200', '304', '0200', '404', '0').map((code) => `~c ${code}`),
  pattern,
);

/** Expressions that are nearly always valid, but for what their regular expressions hold. */
export const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    operator,
    tie('operand').map((text) => `!${text}`),
    tie('any').map((text) => `( ${text} )`),
  ),
  any: fc
    .tuple(
      tie('operand'),
      fc.array(fc.tuple(fc.constantFrom(' & ', ' | ', ' &', ' |\n'), tie('operand')), { maxLength: 3 }),
    )
    .map(([first, rest]) => first + rest.map(([sign, text]) => sign + text).join('')),
})).any;

/** Several expressions side by side, with signs that hang in the air. */
export const sideBySide: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 4, arbitrary: expression }, fc.constantFrom('&', '|', '!', '! &')), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(' '));

/** Texts of the signs that the language knows, hardly ever valid. */
export const soup: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        '~',
        '~q',
        '~b ',
        '~c',
        '~c ',
        '~all ',
        '~u ',
        '~zz',
        '&',
        '|',
        '!',
        '(',
        ')',
        ' ',
        '"',
        "'",
        '\\',
        'a',
        't',
        '2',
      ],
      ...['\n', '\t', '\r', '\0', 'é', '\ud83d', '[', '*', '(?', '{1}'],
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));
