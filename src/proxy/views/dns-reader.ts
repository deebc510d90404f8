/** Reads DNS messages as they are on the wire (RFC 1035, section 4.1). */
import type { DnsMessage, DnsQuestion, DnsRecord } from '../flow/dns-message.js';
import { ByteCursor } from './byte-cursor.js';

/** Types whose data is a name, which may be compressed. */
const named = [2, 5, 12];

/**
 * Reads one message that takes all the bytes. Its time is 0.
 * @throws {RangeError} when it is none
 */
export function readDnsMessage(bytes: Buffer): DnsMessage {
  const cursor = new ByteCursor(bytes);
  const id = cursor.uint16();
  const flags = cursor.uint16();
  const [questions, answers, authorities, additionals] = [0, 0, 0, 0].map(() => cursor.uint16());
  const message: DnsMessage = {
    ...{ timestamp: 0, id, query: (flags & 0x8000) === 0, opCode: (flags >> 11) & 0xf },
    ...{ authoritativeAnswer: (flags & 0x400) !== 0, truncation: (flags & 0x200) !== 0 },
    ...{ recursionDesired: (flags & 0x100) !== 0, recursionAvailable: (flags & 0x80) !== 0 },
    ...{ reserved: (flags >> 4) & 7, responseCode: flags & 0xf },
    questions: times(questions, () => questionAt(cursor)),
    answers: times(answers, () => recordAt(cursor)),
    authorities: times(authorities, () => recordAt(cursor)),
    additionals: times(additionals, () => recordAt(cursor)),
  };
  if (!cursor.isAtEnd) throw new RangeError('bytes are left after the message');
  return message;
}

function times<T>(count = 0, read: () => T): T[] {
  return Array.from({ length: count }, read);
}

function questionAt(cursor: ByteCursor): DnsQuestion {
  return { name: nameAt(cursor).join('.'), type: cursor.uint16(), class: cursor.uint16() };
}

function recordAt(cursor: ByteCursor): DnsRecord {
  const question = questionAt(cursor);
  const ttl = cursor.uint32();
  const length = cursor.uint16();
  if (!named.includes(question.type)) return { ...question, ttl, data: cursor.take(length) };
  const end = cursor.at + length;
  const labels = nameAt(cursor);
  if (cursor.at !== end) throw new RangeError('a name is not as long as its record');
  const data = labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return { ...question, ttl, data: Buffer.concat([...data, Buffer.of(0)]) };
}

/** The labels of a name; pointers lead to an earlier place (section 4.1.4). */
function nameAt(cursor: ByteCursor): string[] {
  const labels: string[] = [];
  let place = cursor;
  for (;;) {
    const start = place.at;
    const length = place.uint8();
    if (length === 0) return labels;
    if (length < 0x40) labels.push(place.take(length).toString('latin1'));
    else if (length >= 0xc0) {
      const to = ((length & 0x3f) << 8) | place.uint8();
      if (to >= start) throw new RangeError('a pointer does not lead to an earlier place');
      place = new ByteCursor(cursor.bytes);
      place.at = to;
    } else throw new RangeError('a label of a kind that is not known');
    // RFC 1035, section 2.3.4: 255 bytes at most, so that 127 labels are the most.
    if (labels.length > 127) throw new RangeError('a name is too long');
  }
}
