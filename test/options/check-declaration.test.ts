import { describe, expect, it } from 'vitest';
import { checkDeclaration } from '../../src/options/check-declaration.js';
import type { Option } from '../../src/options/define.js';

const help = 'What it is.';

// As code that no compiler has seen.
const check = (option: unknown): void => checkDeclaration('foo', option as Option);

describe('a declaration', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ type: 'integerr', help }, 'the option foo has no type "integerr", did you mean integer?'],
    [
      { type: 'date', help },
      'the option foo has no type "date", there are boolean, integer, number, size, choice, string, list',
    ],
    [{ help }, 'the option foo has no type undefined, there are boolean, integer, number, size, choice, string, list'],
    [{ type: 'toString', help }, 'the option foo has no type "toString", did you mean string?'],
    [{ type: 'string' }, 'the option foo needs help: a text that says what it does'],
    [{ type: 'choice', help }, 'the option foo needs choices: a list of texts'],
    [{ type: 'choice', help, choices: [] }, 'the option foo needs choices: a list of texts'],
    [{ type: 'choice', help, choices: [1] }, 'the option foo needs choices: a list of texts'],
    [
      { type: 'choice', help, choices: ['a', 'b'], default: 'c' },
      'the default of the option foo takes one of a, b, not "c"',
    ],
    [{ type: 'integer', help, default: NaN }, 'the default of the option foo takes a whole number, not NaN'],
    [{ type: 'integer', help, default: 'abc' }, 'the default of the option foo takes a whole number, not "abc"'],
    [
      { type: 'number', help, maximum: 1, default: 2 },
      'the default of the option foo takes a number of at most 1, not 2',
    ],
    [{ type: 'boolean', help, default: 'yes' }, 'the default of the option foo takes true or false, not "yes"'],
    [{ type: 'size', help, default: '1k' }, 'the default of the option foo is 1024, not "1k"'],
    [{ type: 'string', help, default: 5 }, 'the default of the option foo takes text, not 5'],
    [{ type: 'list', help, default: 'a' }, 'the default of the option foo takes a list of texts, not "a"'],
    [
      {
        type: 'string',
        help,
        default: 'x',
        parse: () => {
          throw new Error('it is x');
        },
      },
      'the default of the option foo does not take "x": it is x',
    ],
  ])('is refused: %j', (option, why) => {
    expect(() => check(option)).toThrow(new TypeError(why));
  });

  it.each([undefined, null, 'string'])('is refused when it is no object: %j', (option) => {
    expect(() => check(option)).toThrow(/^the option foo is declared by an object, not /);
  });

  it.each<Option>([
    { type: 'boolean', help: '' },
    { type: 'integer', help, default: 0 },
    { type: 'size', help, default: 1024 },
    { type: 'choice', help, choices: ['a'], default: 'a' },
    { type: 'string', help, default: '1', parse: Number },
    { type: 'list', help, default: ['a'] },
  ])('is taken: %j', (option) => {
    expect(() => check(option)).not.toThrow();
  });

  it.each([
    ['a_b', 'the option "a_b" needs a name in camel case, such as aB'],
    ['Foo Bar', 'the option "Foo Bar" needs a name in camel case, such as fooBar'],
    ['', 'the option "" needs a name in camel case'],
  ])('is refused under the name %j', (key, why) => {
    expect(() => checkDeclaration(key, { type: 'boolean', help })).toThrow(new TypeError(why));
  });
});
