import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { HeaderFields } from '../../src/wire/headers.js';

const fields = (text: string): HeaderFields => new HeaderFields(Buffer.from(text, 'latin1'));

describe('header fields', () => {
  test.each<[name: string, block: string, entries: [string, string][]]>([
    ['none', '', []],
    [
      'case, order and duplicates',
      'B: 1\r\na: 2\r\nb:3\r\n',
      [
        ['B', '1'],
        ['a', '2'],
        ['b', '3'],
      ],
    ],
    [
      'bare LF',
      'a: 1\nb: 2\n',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a last line without an end',
      'a: 1\r\nb: 2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['bytes outside ASCII', 'n\xe9: v\xff\x80\r\n', [['n\xe9', 'v\xff\x80']]],
    ['white space around the value', 'a: \t v w\t \r\n', [['a', 'v w']]],
    ['white space before the colon belongs to the name', 'a : 1\r\n', [['a ', '1']]],
    [
      'an empty value',
      'a:\r\nb: \r\n',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    ['an empty name', ': v\r\n', [['', 'v']]],
    ['colons in the value', 'a: b:c\r\n', [['a', 'b:c']]],
    [
      'a line without a colon',
      'junk\r\na: 1\r\n',
      [
        ['junk', ''],
        ['a', '1'],
      ],
    ],
    [
      'a folded value',
      'a: one\r\n two\n\tthree\r\nb: 2\r\n',
      [
        ['a', 'one two three'],
        ['b', '2'],
      ],
    ],
    ['a value that begins in the folded line', 'a:\r\n one\r\n', [['a', 'one']]],
    ['a fold that continues nothing', ' x: 1\r\n', [[' x', '1']]],
  ])('%s', (_, block, entries) => {
    const parsed = fields(block);
    expect(parsed.entries()).toEqual(entries);
    expect(parsed.size).toBe(entries.length);
    for (const [name] of entries) {
      const same = entries.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
      for (const spelling of [name, name.toUpperCase(), name.toLowerCase()]) {
        if (Buffer.from(spelling, 'latin1').toString('latin1') !== spelling || /[\x80-\xff]/.test(name)) continue;
        expect(parsed.has(spelling)).toBe(true);
        expect(parsed.get(spelling)).toBe(same[0]);
        expect(parsed.getAll(spelling)).toEqual(same);
      }
    }
    expect([parsed.get('absent'), parsed.getAll('absent'), parsed.has('absent')]).toEqual([undefined, [], false]);
  });

  test('a name only differs in case by letters', () => {
    expect(fields('A[: 1\r\n').get('a{')).toBeUndefined();
    expect(fields('\x41\x00: 1\r\n').get('a ')).toBeUndefined();
  });

  test('raw fields are views of the block, folds and all', () => {
    const block = Buffer.from('Name: one\r\n two\r\nx\r\n');
    const raw = [...new HeaderFields(block)];
    expect(raw.map(([name, value]) => [name.toString(), value.toString()])).toEqual([
      ['Name', 'one\r\n two'],
      ['x', ''],
    ]);
    expect(raw[0]?.[0].buffer).toBe(block.buffer);
    expect(new HeaderFields(block).raw).toBe(block);
  });

  test('made of text, read back the same', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
    const value = fc.stringMatching(/^([!-~\x80-\xff]([ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(token, value)), (pairs) => {
        expect(HeaderFields.of(pairs).entries()).toEqual(pairs);
      }),
    );
  });

  test('takes any bytes', () => {
    const line = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('\r\n', '\n', ' ', '\t', ':', '\r', 'a: b\r\n'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const parsed = fields(lines.join(''));
        for (const [name] of parsed.entries()) expect(parsed.has(name)).toBe(true);
      }),
    );
  });

  test.each(['a\n', ' \n', ':\n', 'a:\n'])('%j many times is looked through in linear work', (line) => {
    const search = vi.spyOn(Buffer.prototype, 'indexOf');
    const block = Buffer.from(line.repeat(20_000));
    expect(new HeaderFields(block).has('absent')).toBe(false);
    // Each search ends at what it found; one that finds nothing has gone to the end.
    const work = search.mock.results.reduce((sum, { value }, i) => {
      const from = Number(search.mock.calls[i]?.[1] ?? 0);
      return sum + (value === -1 ? block.length : Number(value)) - from + 1;
    }, 0);
    search.mockRestore();
    expect(work).toBeLessThan(3 * block.length);
  });
});
