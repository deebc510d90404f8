import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import { HeaderListTooLong, HpackDecoder } from '../../src/wire/hpack-decoder.js';
import type { BlockPart } from '../../src/wire/hpack-encoder.js';
import { HpackEncoder } from '../../src/wire/hpack-encoder.js';
import { decodeHuffman, encodeHuffman } from '../../src/wire/hpack-huffman.js';
import { staticTable } from '../../src/wire/hpack-static-table.js';

const text = fc.oneof(
  fc.constantFrom('x', 'content-type', ':path', 'a'.repeat(200), ''),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const coding = fc.record(
  {
    indexing: fc.constantFrom('auto', 'static', 'incremental', 'without', 'never'),
    huffman: fc.constantFrom('auto', 'on', 'off'),
    name: fc.constantFrom('auto', 'literal'),
    overlong: fc.nat(2),
  },
  { requiredKeys: [] },
);
const field = fc.record({ name: text, value: text, coding });
const block = fc.record({ tableSize: fc.option(fc.nat(600)), fields: fc.array(field, { maxLength: 12 }) });

/** What a block of these bytes gives: fields in brief, or the message of the failure. */
function read(hex: string, options?: ConstructorParameters<typeof HpackDecoder>[0]): string {
  try {
    const fields = new HpackDecoder(options).decode(Buffer.from(hex, 'hex'));
    return fields.map(({ name, value }) => `${name}=${value}`).join(' ');
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `error: ${error.message}`;
  }
}

describe('HPACK', () => {
  test('has a static table of 61 fields', () => {
    expect(staticTable).toHaveLength(61);
    expect([staticTable[1], staticTable[60]]).toEqual([
      [':method', 'GET'],
      ['www-authenticate', ''],
    ]);
  });

  test('brings any fields over, however they are written and whatever the tables do', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder();
        for (const { tableSize, fields } of blocks) {
          if (tableSize !== null) encoder.setTableSize(tableSize);
          const decoded = decoder.decode(encoder.encode(fields));
          expect(decoded.map(({ name, value }) => ({ name, value }))).toEqual(
            fields.map(({ name, value }) => ({ name, value })),
          );
          expect(decoder.tableSize).toBe(encoder.tableSize);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('throws nothing but ProtocolError, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }), (blocks) => {
        const decoder = new HpackDecoder({ maximumListSize: 500 });
        for (const bytes of blocks) {
          try {
            decoder.decode(Buffer.from(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['80', 'error: HPACK index 0 is not among the 61 of the tables'],
    ['be', 'error: HPACK index 62 is not among the 61 of the tables'],
    ['7f800f', 'error: HPACK index 1983 is not among the 61 of the tables'],
    ['ff', 'error: an HPACK block ends within an integer'],
    ['ffffffffffff', 'error: an HPACK integer is beyond 2^32 - 1 or longer than it needs to be'],
    ['ff8080808010', 'error: an HPACK integer is beyond 2^32 - 1 or longer than it needs to be'],
    ['ff808080808000', 'error: an HPACK integer is beyond 2^32 - 1 or longer than it needs to be'],
    ['40', 'error: an HPACK block ends where an integer is due'],
    ['4005616263', 'error: an HPACK string of 5 bytes has only 3 in its block'],
    ['823f', 'error: an HPACK table size update stands behind a field'],
    ['3fe21f', 'error: an HPACK dynamic table size of 4097 bytes is more than 4096'],
    ['0084ffffffff00', 'error: an HPACK string holds the end-of-string symbol'],
    ['008107016b', '0=k'],
    ['008100016b', 'error: an HPACK string ends in padding that is not fewer than 8 one bits'],
    ['008207ff016b', 'error: an HPACK string ends in padding that is not fewer than 8 one bits'],
    ['20203fe11f82', ':method=GET'],
    ['', ''],
  ])('block %s: %s', (hex, expected) => {
    expect(read(hex)).toBe(expected);
  });

  test('a lowered limit has to be acknowledged at the start of the next block', () => {
    const decoder = new HpackDecoder();
    decoder.setMaximumTableSize(100);
    expect(() => decoder.decode(Buffer.of(0x82))).toThrow('does not begin with the table size update that is due');
    expect(decoder.decode(Buffer.of(0x20, 0x82))).toHaveLength(1);
  });

  test('a list that is too long leaves the tables in step', () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder({ maximumListSize: 100 });
    const long = encoder.encode([
      { name: 'a', value: 'x'.repeat(90) },
      { name: 'b', value: 'c' },
    ]);
    expect(() => decoder.decode(long)).toThrow(HeaderListTooLong);
    expect(decoder.decode(encoder.encode([{ name: 'b', value: 'c' }]))).toEqual([
      { name: 'b', value: 'c', neverIndexed: false },
    ]);
  });

  test('a small block that unfolds into a huge list is bounded', () => {
    const decoder = new HpackDecoder({ maximumListSize: 10_000 });
    const encoder = new HpackEncoder();
    decoder.decode(encoder.encode([{ name: 'a', value: 'x'.repeat(3900) }]));
    expect(() => decoder.decode(Buffer.alloc(100_000, 0xbe))).toThrow(
      'a header list of 393300000 bytes is more than 10000',
    );
  });
});

describe('the encoder', () => {
  test.each<[string, BlockPart[], string]>([
    ['a raw index, there or not', [{ index: 0 }, { index: 70 }, { index: 1000 }], '80c6ffe906'],
    ['an over-long index', [{ index: 127, overlong: 2 }], 'ff808000'],
    ['an over-long table size', [{ tableSize: 31, overlong: 1 }], '3f8000'],
    ['a size update behind a field', [{ index: 2 }, { tableSize: 0 }], '8220'],
    [
      'a name by an index of its own',
      [{ name: 'ignored', value: 'v', coding: { name: 99, huffman: 'off' } }],
      '7f240176',
    ],
    ['any bytes', [{ raw: Buffer.from('ffffff', 'hex') }], 'ffffff'],
    [
      'a literal though the table has the field',
      [{ name: ':method', value: 'GET', coding: { indexing: 'without', huffman: 'off' } }],
      '0203474554',
    ],
    [
      'names that HTTP/2 forbids',
      [{ name: 'A B', value: '\r\n', coding: { huffman: 'off', indexing: 'never' } }],
      '10034120420' + '20d0a',
    ],
    [
      'Huffman coding though it is longer',
      [{ name: '\x01', value: '', coding: { huffman: 'on', indexing: 'never' } }],
      '1083ffffb180',
    ],
  ])('writes %s', (_, parts, hex) => {
    expect(new HpackEncoder().encode(parts).toString('hex')).toBe(hex);
  });

  test('announces the smallest and the last size of its table', () => {
    const encoder = new HpackEncoder();
    encoder.setTableSize(100);
    encoder.setTableSize(10);
    encoder.setTableSize(20);
    expect(encoder.encode([{ index: 2 }]).toString('hex')).toBe('2a3482');
    expect(encoder.encode([{ index: 2 }]).toString('hex')).toBe('82');
  });

  test('refuses what is no integer', () => {
    for (const index of [-1, 0.5, NaN, 2 ** 53]) {
      expect(() => new HpackEncoder().encode([{ index }])).toThrow(TypeError);
    }
  });
});

test('Huffman coding brings any bytes over', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6000 }), (bytes) => {
      expect(decodeHuffman(encodeHuffman(bytes))).toBe(Buffer.from(bytes).toString('latin1'));
    }),
  );
});
