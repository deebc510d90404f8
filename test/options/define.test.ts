import { describe, expect, expectTypeOf, test } from 'vitest';
import { defineOptions } from '../../src/options/define.js';
import type { InputOf, ValuesOf } from '../../src/options/define.js';
import type { sampleOptions } from './sample.js';

describe('the types of a table', () => {
  type Values = ValuesOf<typeof sampleOptions>;
  type Input = InputOf<typeof sampleOptions>;

  test('values have what the table says, and undefined only without a default', () => {
    expectTypeOf<Values['port']>().toEqualTypeOf<number>();
    expectTypeOf<Values['address']>().toEqualTypeOf<string>();
    expectTypeOf<Values['quiet']>().toEqualTypeOf<boolean>();
    expectTypeOf<Values['wait']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Values['limitSize']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Values['mode']>().toEqualTypeOf<'plain' | 'strict'>();
    expectTypeOf<Values['anchor']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Values['ignore']>().toEqualTypeOf<ReadonlySet<number>>();
    expectTypeOf<Values['pid']>().toEqualTypeOf<readonly number[]>();
  });

  test('code may give any of them, as text where it is parsed, and none of the program alone', () => {
    expectTypeOf<Input['port']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Input['limitSize']>().toEqualTypeOf<number | string | undefined>();
    expectTypeOf<Input['ignore']>().toEqualTypeOf<ReadonlySet<number> | string | undefined>();
    expectTypeOf<Input['mode']>().toEqualTypeOf<'plain' | 'strict' | undefined>();
    expectTypeOf<Extract<keyof Input, 'help' | 'version' | 'pid'>>().toEqualTypeOf<never>();
    // @ts-expect-error there is no such option
    ({ prot: 1 }) satisfies Input;
  });
});

describe('a table that contradicts itself', () => {
  const flag = { type: 'boolean', help: '' } as const;
  test.each([
    ['two long names', () => defineOptions({ a: flag, b: { ...flag, aliases: ['a'] } }), 'two options are called a'],
    [
      'two short names',
      () => defineOptions({ a: { ...flag, short: 'x' }, b: { ...flag, short: 'x' } }),
      'two options are called x',
    ],
    ['a long short name', () => defineOptions({ a: { ...flag, short: 'xy' } }), 'short name of a is not one character'],
    [
      'a flag that is always on',
      () => defineOptions({ a: { ...flag, default: true } }),
      'a is on and cannot be turned off',
    ],
    [
      'no such target',
      () => defineOptions({ a: { ...flag, orInteger: 'b' } }),
      'a refers to b, which is not an integer option',
    ],
    [
      'a negation that is taken',
      () => defineOptions({ a: { ...flag, negatable: true }, noA: flag }),
      'two options are called no-a',
    ],
  ])('is refused: %s', (_, define, message) => {
    expect(define).toThrow(new TypeError(message));
  });
});

test('a long name may be another one than the key says', () => {
  const options = defineOptions({ things: { type: 'list', long: 'thing', aliases: ['things'], help: 'Things.' } });
  expect([...options.byLong.keys()]).toEqual(['thing', 'things']);
  expect(options.list.map(({ key, long }) => [key, long])).toEqual([['things', 'thing']]);
});
