import { describe, expect, test } from 'vitest';
import { HpackDecoder } from '../../src/wire/hpack-decoder.js';
import type { FieldCoding } from '../../src/wire/hpack-encoder.js';
import { HpackEncoder } from '../../src/wire/hpack-encoder.js';
import { decodeHuffman, encodeHuffman } from '../../src/wire/hpack-huffman.js';
import { IntegerCursor } from '../../src/wire/hpack-integer.js';
import { HpackWriter } from '../../src/wire/hpack-writer.js';
import { readVectors, vectorsMissing } from './http2-vectors.js';

type Fields = readonly (readonly [name: string, value: string])[];

function asFields(fields: Fields): { name: string; value: string }[] {
  return fields.map(([name, value]) => ({ name, value }));
}

/** Blocks of one connection, both ways: what they say, the bytes, and the size of the table behind them. */
type Sequence = readonly { readonly fields: Fields; readonly hex: string; readonly tableSize: number }[];

const firstRequest: Fields = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'www.example.com'],
];
const secondRequest: Fields = [...firstRequest, ['cache-control', 'no-cache']];
const thirdRequest: Fields = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/index.html'],
  [':authority', 'www.example.com'],
  ['custom-key', 'custom-value'],
];
const response = (status: string, date: string): Fields => [
  [':status', status],
  ['cache-control', 'private'],
  ['date', `Mon, 21 Oct 2013 20:13:${date} GMT`],
  ['location', 'https://www.example.com'],
];
const lastResponse: Fields = [
  [':status', '200'],
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
  ['location', 'https://www.example.com'],
  ['content-encoding', 'gzip'],
  ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
];

/** RFC 7541, appendix C.3 to C.6. */
const examples: Record<string, { tableSize: number; huffman: 'on' | 'off'; blocks: Sequence }> = {
  'requests without Huffman coding (C.3)': {
    tableSize: 4096,
    huffman: 'off',
    blocks: [
      { fields: firstRequest, hex: '828684410f7777772e6578616d706c652e636f6d', tableSize: 57 },
      { fields: secondRequest, hex: '828684be58086e6f2d6361636865', tableSize: 110 },
      { fields: thirdRequest, hex: '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', tableSize: 164 },
    ],
  },
  'requests with Huffman coding (C.4)': {
    tableSize: 4096,
    huffman: 'on',
    blocks: [
      { fields: firstRequest, hex: '828684418cf1e3c2e5f23a6ba0ab90f4ff', tableSize: 57 },
      { fields: secondRequest, hex: '828684be5886a8eb10649cbf', tableSize: 110 },
      { fields: thirdRequest, hex: '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', tableSize: 164 },
    ],
  },
  'responses without Huffman coding (C.5)': {
    tableSize: 256,
    huffman: 'off',
    blocks: [
      {
        fields: response('302', '21'),
        hex:
          '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54' +
          '6e1768747470733a2f2f7777772e6578616d706c652e636f6d',
        tableSize: 222,
      },
      { fields: response('307', '21'), hex: '4803333037c1c0bf', tableSize: 222 },
      {
        fields: lastResponse,
        hex:
          '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d' +
          '4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
        tableSize: 215,
      },
    ],
  },
  'responses with Huffman coding (C.6)': {
    tableSize: 256,
    huffman: 'on',
    blocks: [
      {
        fields: response('302', '21'),
        hex: '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
        tableSize: 222,
      },
      { fields: response('307', '21'), hex: '4883640effc1c0bf', tableSize: 222 },
      {
        fields: lastResponse,
        hex:
          '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960' +
          'd5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
        tableSize: 215,
      },
    ],
  },
};

describe('the examples of RFC 7541, appendix C', () => {
  test.each([
    [10, 5, '0a'],
    [1337, 5, '1f9a0a'],
    [42, 8, '2a'],
  ])('the integer %i with a prefix of %i bits (C.1)', (value, prefix, hex) => {
    const writer = new HpackWriter();
    writer.integer(value, 0, prefix);
    const bytes = writer.take();
    expect(bytes.toString('hex')).toBe(hex);
    expect(new IntegerCursor(bytes).readInteger(prefix)).toBe(value);
  });

  test.each<[string, FieldCoding, [string, string], string, number]>([
    [
      'C.2.1',
      { indexing: 'incremental' },
      ['custom-key', 'custom-header'],
      '400a637573746f6d2d6b65790d637573746f6d2d686561646572',
      55,
    ],
    ['C.2.2', { indexing: 'without' }, [':path', '/sample/path'], '040c2f73616d706c652f70617468', 0],
    ['C.2.3', { indexing: 'never' }, ['password', 'secret'], '100870617373776f726406736563726574', 0],
    ['C.2.4', {}, [':method', 'GET'], '82', 0],
  ])('one field (%s)', (_, coding, [name, value], hex, tableSize) => {
    const encoder = new HpackEncoder();
    const block = encoder.encode([{ name, value }], {
      huffman: 'off',
      name: name === 'password' ? 'literal' : 'auto',
      ...coding,
    });
    expect(block.toString('hex')).toBe(hex);
    expect(encoder.tableSize).toBe(tableSize);
    const decoder = new HpackDecoder();
    expect(decoder.decode(block)).toEqual([{ name, value, neverIndexed: coding.indexing === 'never' }]);
    expect(decoder.tableSize).toBe(tableSize);
  });

  test.each(Object.entries(examples))('%s', (_, { tableSize, huffman, blocks }) => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder({ maximumTableSize: tableSize });
    encoder.setTableSize(tableSize);
    // The examples take the size of the table for granted: the update is not part of them.
    encoder.encode([]);
    for (const { fields, hex, tableSize: used } of blocks) {
      const block = encoder.encode(asFields(fields), { huffman });
      expect(block.toString('hex')).toBe(hex);
      expect(decoder.decode(block).map(({ name, value }) => [name, value])).toEqual(fields);
      expect([encoder.tableSize, decoder.tableSize]).toEqual([used, used]);
    }
  });
});

describe('the Huffman code', () => {
  // RFC 7541, appendix B: one code of each length that some byte has.
  test.each<[number, number, number]>([
    [0x30, 0x0, 5],
    [0x20, 0x14, 6],
    [0x3a, 0x5c, 7],
    [0x26, 0xf8, 8],
    [0x21, 0x3f8, 10],
    [0x27, 0x7fa, 11],
    [0x23, 0xffa, 12],
    [0x00, 0x1ff8, 13],
    [0x5e, 0x3ffc, 14],
    [0x3c, 0x7ffc, 15],
    [0x5c, 0x7fff0, 19],
    [0x80, 0xfffe6, 20],
    [0x99, 0x1fffdc, 21],
    [0x81, 0x3fffd2, 22],
    [0x01, 0x7fffd8, 23],
    [0x09, 0xffffea, 24],
    [0xc7, 0x1ffffec, 25],
    [0xff, 0x3ffffee, 26],
    [0xfe, 0x7fffff0, 27],
    [0xf9, 0xffffffe, 28],
    [0x16, 0x3ffffffe, 30],
  ])('of byte %i', (byte, code, length) => {
    const bits = code.toString(2).padStart(length, '0');
    const padded = bits.padEnd(Math.ceil(length / 8) * 8, '1');
    const expected = (padded.match(/.{8}/g) ?? []).map((octet) => parseInt(octet, 2));
    expect([...encodeHuffman(Buffer.of(byte))]).toEqual(expected);
    expect(decodeHuffman(Buffer.from(expected))).toBe(Buffer.of(byte).toString('latin1'));
  });
});

interface Story {
  readonly cases: readonly {
    readonly header_table_size?: number;
    readonly wire?: string;
    readonly headers: readonly Record<string, string>[];
  }[];
}

function fieldsOf(headers: Story['cases'][number]['headers']): [string, string][] {
  return headers.flatMap((header) => Object.entries(header));
}

describe('the public HPACK stories', () => {
  if (vectorsMissing) test('all of them', ({ skip }) => skip(vectorsMissing));

  const written = ['hpack/nghttp2', 'hpack/nghttp2-change-table-size'].flatMap((name) => readVectors<Story>(name));
  test.each(written)('are read: $name', ({ vector }) => {
    const decoder = new HpackDecoder();
    for (const { wire = '', headers, header_table_size: tableSize } of vector.cases) {
      if (tableSize !== undefined) decoder.setMaximumTableSize(tableSize);
      const fields = decoder.decode(Buffer.from(wire, 'hex'));
      // The stories are JSON, that is, UTF-8.
      const text = fields.map(({ name, value }) => [name, Buffer.from(value, 'latin1').toString()]);
      expect(text).toEqual(fieldsOf(headers));
    }
  });

  test.each(readVectors<Story>('hpack/raw-data'))('are written: $name', ({ vector }) => {
    for (const tableSize of [4096, 200, 0]) {
      const encoder = new HpackEncoder(tableSize);
      const decoder = new HpackDecoder();
      for (const { headers } of vector.cases) {
        const fields = fieldsOf(headers);
        const parts = fields.map(([name, value]) => ({ name: Buffer.from(name), value: Buffer.from(value) }));
        const read = decoder.decode(encoder.encode(parts));
        expect(read.map(({ name, value }) => [name, Buffer.from(value, 'latin1').toString()])).toEqual(fields);
        expect(decoder.tableSize).toBe(encoder.tableSize);
      }
    }
  });
});
