/** DNS messages as bytes (RFC 1035, section 4.1). */
import type { DnsMessage, DnsQuestion, DnsRecord } from './dns-message.js';

/** Bytes of the header. */
const headerLength = 12;
/** Bytes that a name may have (RFC 1035, section 2.3.4). */
const longestName = 255;
const longestLabel = 63;
/** Types whose data is a name, which may be compressed: NS, CNAME, PTR. */
const nameTypes = [2, 5, 12];

/** A message as bytes. Names are not compressed. @throws {TypeError} when a name is too long, or a number too large */
export function encodeDns(message: DnsMessage): Buffer {
  const { id, questions, answers, authorities, additionals } = message;
  const counts = [questions, answers, authorities, additionals].map(({ length }) => length);
  const records = [...answers, ...authorities, ...additionals];
  return Buffer.concat([
    numbers(2, id, flagsOf(message), ...counts),
    ...questions.map(encodeQuestion),
    ...records.flatMap((record) => [
      encodeQuestion(record),
      numbers(4, record.ttl),
      numbers(2, record.data.length),
      record.data,
    ]),
  ]);
}

/**
 * A message of bytes. Names in the data of NS, CNAME and PTR records are written out; other data stays as it is.
 * @param timestamp seconds since 1970
 * @throws {Error} saying what is wrong with them, and where
 */
export function decodeDns(bytes: Buffer, timestamp: number): DnsMessage {
  if (bytes.length < headerLength) {
    throw new Error(`a DNS message has ${String(headerLength)} bytes at least, not ${String(bytes.length)}`);
  }
  const [id = 0, flags = 0, ...counts] = Array.from({ length: headerLength / 2 }, (_, i) => bytes.readUInt16BE(2 * i));
  const reader = new DnsReader(bytes, headerLength);
  const [questions = 0, answers = 0, authorities = 0, additionals = 0] = counts;
  const message = {
    ...{ timestamp, id, query: (flags & 0x8000) === 0, opCode: (flags >> 11) & 15 },
    authoritativeAnswer: (flags & 0x400) !== 0,
    truncation: (flags & 0x200) !== 0,
    recursionDesired: (flags & 0x100) !== 0,
    recursionAvailable: (flags & 0x80) !== 0,
    reserved: (flags >> 4) & 7,
    responseCode: flags & 15,
    questions: Array.from({ length: questions }, () => reader.question()),
    answers: Array.from({ length: answers }, () => reader.record()),
    authorities: Array.from({ length: authorities }, () => reader.record()),
    additionals: Array.from({ length: additionals }, () => reader.record()),
  };
  reader.finish();
  return message;
}

function flagsOf(message: DnsMessage): number {
  return (
    (message.query ? 0 : 0x8000) |
    (message.opCode << 11) |
    (message.authoritativeAnswer ? 0x400 : 0) |
    (message.truncation ? 0x200 : 0) |
    (message.recursionDesired ? 0x100 : 0) |
    (message.recursionAvailable ? 0x80 : 0) |
    (message.reserved << 4) |
    message.responseCode
  );
}

function encodeQuestion({ name, type, class: kind }: DnsQuestion): Buffer {
  return Buffer.concat([encodeName(name), numbers(2, type, kind)]);
}

function encodeName(name: string): Buffer {
  const labels = name === '' ? [] : name.replace(/\.$/, '').split('.');
  const pieces = labels.flatMap((label) => {
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length === 0 || bytes.length > longestLabel)
      throw new TypeError(`${JSON.stringify(name)} is no DNS name`);
    return [numbers(1, bytes.length), bytes];
  });
  const encoded = Buffer.concat([...pieces, numbers(1, 0)]);
  if (encoded.length > longestName) throw new TypeError(`${JSON.stringify(name)} is too long for a DNS name`);
  return encoded;
}

function numbers(width: number, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, i) => {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** width) {
      throw new TypeError(`${String(value)} is no number of ${String(width)} bytes`);
    }
    bytes.writeUIntBE(value, i * width, width);
  });
  return bytes;
}

class DnsReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  question(): DnsQuestion {
    const name = this.name();
    return { name, type: this.number(2), class: this.number(2) };
  }

  record(): DnsRecord {
    const question = this.question();
    const ttl = this.number(4);
    const length = this.number(2);
    const end = this.at + length;
    if (end > this.bytes.length) throw this.failure('the data of a record goes on behind the message');
    return { ...question, ttl, data: this.data(question.type, end) };
  }

  finish(): void {
    if (this.at < this.bytes.length) throw this.failure('there is something behind the last record');
  }

  private data(type: number, end: number): Buffer {
    const start = this.at;
    const plain = this.bytes.subarray(start, end);
    this.at = end;
    if (!nameTypes.includes(type)) return plain;
    try {
      const [name, behind] = this.nameAt(start);
      return behind === end ? encodeName(name) : plain;
    } catch {
      // Data that is no name is kept as it is.
      return plain;
    }
  }

  private number(width: number): number {
    if (this.at + width > this.bytes.length) throw this.failure('the message ends too early');
    const value = this.bytes.readUIntBE(this.at, width);
    this.at += width;
    return value;
  }

  private name(): string {
    const [name, behind] = this.nameAt(this.at);
    this.at = behind;
    return name;
  }

  /** A name, and where it ends. A pointer leads to what was met before it (RFC 1035, section 4.1.4). */
  private nameAt(start: number): [name: string, behind: number] {
    const labels: string[] = [];
    let behind: number | undefined;
    for (let [at, first, length] = [start, start, 0]; ;) {
      const size = this.bytes[at];
      if (size === undefined) throw this.failure('a name goes on behind the message');
      if (size === 0) return [labels.join('.'), behind ?? at + 1];
      if (size >= 0xc0) {
        const pointer = ((size & 0x3f) << 8) | (this.bytes[at + 1] ?? 0);
        behind ??= at + 2;
        // Each pointer leads further back, so that there is an end to them.
        if (pointer >= first) throw this.failure('a name points at itself');
        at = first = pointer;
        continue;
      }
      if (size > longestLabel) throw this.failure('a label is too long');
      length += size + 1;
      if (length >= longestName) throw this.failure('a name is too long');
      if (at + 1 + size > this.bytes.length) throw this.failure('a name goes on behind the message');
      labels.push(this.bytes.toString('latin1', at + 1, at + 1 + size));
      at += 1 + size;
    }
  }

  private failure(why: string): Error {
    return new Error(`${why} (at byte ${String(this.at)})`);
  }
}
