import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsMessage, DnsQuestion, DnsRecord } from '../../../src/proxy/flow/dns-message.js';
import { decodeDns, encodeDns } from '../../../src/proxy/flow/dns-wire.js';

const label = fc.string({ unit: fc.constantFrom(...'abcxyz019-_\xe9'), minLength: 1, maxLength: 63 });
const name = fc
  .array(label, { maxLength: 5 })
  .map((labels) => labels.join('.'))
  .filter((text) => text.length <= 253);
const short = fc.integer({ min: 0, max: 0xffff });
const question: fc.Arbitrary<DnsQuestion> = fc.record({ name, type: short, class: short });
const record: fc.Arbitrary<DnsRecord> = fc.record({
  name,
  // Data of NS, CNAME and PTR records is rewritten.
  type: short.filter((type) => ![2, 5, 12].includes(type)),
  class: short,
  ttl: fc.integer({ min: 0, max: 0xffffffff }),
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const message: fc.Arbitrary<DnsMessage> = fc.record({
  timestamp: fc.constant(1),
  id: short,
  query: fc.boolean(),
  opCode: fc.nat(15),
  authoritativeAnswer: fc.boolean(),
  truncation: fc.boolean(),
  recursionDesired: fc.boolean(),
  recursionAvailable: fc.boolean(),
  reserved: fc.nat(7),
  responseCode: fc.nat(15),
  questions: fc.array(question, { maxLength: 3 }),
  answers: fc.array(record, { maxLength: 3 }),
  authorities: fc.array(record, { maxLength: 2 }),
  additionals: fc.array(record, { maxLength: 2 }),
});

/** A response to one question about `a.test`, with the rest given in hexadecimal digits. */
function answer(rest: string): Buffer {
  return Buffer.from(`000181800001000100000000016104746573740000010001${rest}`, 'hex');
}

describe('a DNS message', () => {
  it('is the same when it is written and read', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(decodeDns(encodeDns(given), 1)).toEqual(given);
      }),
    );
  });

  it('is an error when it is damaged, never anything else', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (given, at, byte) => {
        const bytes = encodeDns(given);
        bytes[at % bytes.length] = byte;
        for (const damaged of [bytes, bytes.subarray(0, at % bytes.length)]) {
          try {
            decodeDns(damaged, 1);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });

  it('has names in the data of records written out', () => {
    const { answers } = decodeDns(answer('c00c000500010000003c00040178c00c'), 1);
    expect(answers).toEqual([
      { name: 'a.test', type: 5, class: 1, ttl: 60, data: Buffer.from('\x01x\x01a\x04test\0', 'latin1') },
    ]);
    // What is no name stays as it is.
    expect(decodeDns(answer('c00c000500010000003c0002ffff'), 1).answers[0]?.data.toString('hex')).toBe('ffff');
  });

  it.each([
    ['c018000100010000000000', 'a name points at itself'],
    ['c0ff000100010000000000', 'a name points at itself'],
    ['80', 'a label is too long'],
    ['0561', 'a name goes on behind the message'],
    ['00', 'the message ends too early'],
    ['000001000100000001000501', 'the data of a record goes on behind the message'],
    ['0000010001000000010001010102', 'there is something behind the last record'],
    [`${'3f'.padEnd(128, '61').repeat(4)}00`, 'a name is too long'],
  ])('that goes on with %s is refused', (rest, why) => {
    expect(() => decodeDns(answer(rest), 1)).toThrow(why);
  });

  it('is not written with what it has no room for', () => {
    const given = decodeDns(answer('c00c000100010000000000047f000001'), 1);
    const [record] = given.answers;
    const asked = (text: string): DnsMessage => ({ ...given, questions: [{ name: text, type: 1, class: 1 }] });
    expect(() => encodeDns(asked('x'.repeat(64)))).toThrow('is no DNS name');
    expect(() => encodeDns(asked('a..b'))).toThrow('is no DNS name');
    expect(() => encodeDns(asked('abc.'.repeat(70)))).toThrow('too long');
    expect(() => encodeDns({ ...given, id: 70_000 })).toThrow('70000 is no number of 2 bytes');
    expect(() => encodeDns({ ...given, answers: record === undefined ? [] : [{ ...record, ttl: -1 }] })).toThrow(
      TypeError,
    );
    expect(encodeDns(asked('a.test.'))).toEqual(encodeDns(asked('a.test')));
  });
});
