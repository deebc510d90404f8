/** Finding the end of a head, and the start lines of requests and responses (RFC 9112, sections 2 to 5). */
import { ProtocolError } from '../errors.js';
import { bytesRepr } from './bytes-repr.js';
import type { ByteQueue } from './byte-queue.js';
import { HeaderFields } from './headers.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** Fields that decide what happens next, looked for while the end of the head is. */
const watched = {
  'content-length': 1,
  'transfer-encoding': 2,
  expect: 4,
  upgrade: 8,
} as const;

/** A name of a field that is looked for. */
export type WatchedField = keyof typeof watched;

const byInitial = new Map<number, { readonly name: Buffer; readonly bit: number }>();
for (const [name, bit] of Object.entries(watched)) byInitial.set(name.charCodeAt(0), { name: Buffer.from(name), bit });

/** Looks for the blank line that ends a head, without reading a byte twice however it arrives. */
export class HeadScanner {
  private scanned = 0;
  private lineStart = 0;
  private firstLineEnd = -1;
  private seen = 0;

  /** End of the first line, its LF included; -1 until it is there. */
  get startLineEnd(): number {
    return this.firstLineEnd;
  }

  /** The watched fields that were seen, as a set of bits. */
  get seenFields(): number {
    return this.seen;
  }

  /** The length of the head with its blank line, or -1 when more bytes are needed. */
  scan(bytes: Buffer): number {
    let { lineStart } = this;
    for (let i = this.scanned; i < bytes.length; i++) {
      if (bytes[i] !== lineFeed) continue;
      const blank = i === lineStart || (i === lineStart + 1 && bytes[lineStart] === carriageReturn);
      if (this.firstLineEnd === -1) this.firstLineEnd = i + 1;
      else if (blank) return i + 1;
      else this.watch(bytes, lineStart, i);
      lineStart = i + 1;
    }
    this.scanned = bytes.length;
    this.lineStart = lineStart;
    return -1;
  }

  reset(): void {
    this.scanned = 0;
    this.lineStart = 0;
    this.firstLineEnd = -1;
    this.seen = 0;
  }

  private watch(bytes: Buffer, start: number, end: number): void {
    const candidate = byInitial.get((bytes[start] ?? 0) | 0x20);
    if (!candidate) return;
    const { name, bit } = candidate;
    if (start + name.length >= end || bytes[start + name.length] !== 0x3a) return;
    for (let i = 1; i < name.length; i++) {
      if (((bytes[start + i] ?? 0) | 0x20) !== name[i]) return;
    }
    this.seen |= bit;
  }
}

/** Takes the empty lines out that may stand before a request line (RFC 9112, section 2.2). */
export function skipBlankLines(queue: ByteQueue): void {
  let blank = 0;
  for (;;) {
    const byte = queue.at(blank);
    if (byte === lineFeed) blank += 1;
    else if (byte === carriageReturn && queue.at(blank + 1) === lineFeed) blank += 2;
    else break;
  }
  if (blank > 0) queue.take(blank);
}

/** A line without its LF or CRLF. */
export function withoutLineEnd(line: Buffer): Buffer {
  let end = line.length;
  if (line[end - 1] === lineFeed) end--;
  if (line[end - 1] === carriageReturn) end--;
  return line.subarray(0, end);
}

/** A head as received: views into one Buffer. */
abstract class Head {
  private lazyFields: HeaderFields | undefined;

  /**
   * @param bytes the whole head, blank line included
   * @param startLineLength bytes of the first line with its line end
   */
  constructor(
    readonly bytes: Buffer,
    private readonly startLineLength: number,
  ) {}

  /** The first line without its line end. */
  get startLine(): Buffer {
    return withoutLineEnd(this.bytes.subarray(0, this.startLineLength));
  }

  /** The header fields, parsed on first use. */
  get headers(): HeaderFields {
    return (this.lazyFields ??= new HeaderFields(this.fieldLines));
  }

  /** The field lines as received. */
  get fieldLines(): Buffer {
    const end = this.bytes.length - (this.bytes[this.bytes.length - 2] === carriageReturn ? 2 : 1);
    return this.bytes.subarray(this.startLineLength, Math.max(this.startLineLength, end));
  }
}

const version = /^HTTP\/\d\.\d$/;

/** Splits a request line at its first and last space: what lies between is the target, spaces and all. */
function splitRequestLine(line: Buffer): readonly [method: Buffer, target: Buffer, version: string] {
  const text = trimSpaces(line);
  const first = text.indexOf(space);
  const last = text.lastIndexOf(space);
  const target = first === -1 ? text : trimSpaces(text.subarray(first + 1, last));
  if (first === -1 || first >= last || target.length === 0) {
    throw new ProtocolError(`Bad HTTP request line: ${bytesRepr(line)}`);
  }
  const protocol = text.subarray(last + 1);
  const name = protocol.toString('latin1');
  if (name !== 'HTTP/1.1' && !version.test(name)) throw new ProtocolError(`Unknown HTTP version: ${bytesRepr(protocol)}`);
  return [text.subarray(0, first), target, name];
}

function trimSpaces(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && (bytes[start] === space || bytes[start] === 0x09)) start++;
  while (end > start && (bytes[end - 1] === space || bytes[end - 1] === 0x09)) end--;
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}

/** The head of a request. */
export class RequestHead extends Head {
  /** The request target as sent, undecoded. */
  readonly target: Buffer;
  /** `HTTP/1.1` and the like. */
  readonly httpVersion: string;
  private readonly methodBytes: Buffer;
  private readonly seen: number;

  /** @throws {ProtocolError} when the request line cannot be read */
  constructor(bytes: Buffer, startLineLength: number, scanner: HeadScanner) {
    super(bytes, startLineLength);
    [this.methodBytes, this.target, this.httpVersion] = splitRequestLine(this.startLine);
    this.seen = scanner.seenFields;
  }

  /** Throws what the constructor would, as soon as the first line is there. @throws {ProtocolError} */
  static checkLine(line: Buffer): void {
    splitRequestLine(withoutLineEnd(line));
  }

  get method(): string {
    return this.methodBytes.toString('latin1');
  }

  /** The values of a watched field; costs nothing when there is none. */
  values(name: WatchedField): readonly string[] {
    return (this.seen & watched[name]) === 0 ? none : this.headers.getAll(name);
  }
}

/** The head of a response. */
export class ResponseHead extends Head {
  readonly httpVersion: string;
  readonly code: number;
  /** The reason phrase as sent. */
  readonly reason: Buffer;

  /** @throws {ProtocolError} when the status line or a header line cannot be read */
  constructor(bytes: Buffer, startLineLength: number) {
    super(bytes, startLineLength);
    const line = this.startLine;
    const { code, reason, name } = splitStatusLine(line);
    this.code = code;
    this.reason = reason;
    this.httpVersion = name;
    checkFieldLines(this.fieldLines);
  }

  /** Throws what the constructor would, as soon as the first line is there. @throws {ProtocolError} */
  static checkLine(line: Buffer): void {
    splitStatusLine(withoutLineEnd(line));
  }
}

const none: readonly string[] = [];

function splitStatusLine(line: Buffer): { readonly name: string; readonly code: number; readonly reason: Buffer } {
  const text = trimSpaces(line);
  const first = text.indexOf(space);
  const rest = first === -1 ? text.subarray(text.length) : trimSpaces(text.subarray(first + 1));
  const second = rest.indexOf(space);
  const code = (second === -1 ? rest : rest.subarray(0, second)).toString('latin1');
  if (!/^\d+$/.test(code)) throw new ProtocolError(`Bad HTTP response line: ${bytesRepr(line)}`);
  const protocol = text.subarray(0, first);
  const name = protocol.toString('latin1');
  if (!version.test(name)) throw new ProtocolError(`Unknown HTTP version: ${bytesRepr(protocol)}`);
  return { name, code: Number(code), reason: second === -1 ? rest.subarray(rest.length) : trimSpaces(rest.subarray(second + 1)) };
}

function checkFieldLines(lines: Buffer): void {
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(lineFeed, at) + 1 || lines.length;
    const colon = lines.indexOf(0x3a, at);
    const folded = at > 0 && (lines[at] === space || lines[at] === 0x09);
    if (!folded && (colon <= at || colon >= end)) {
      throw new ProtocolError(`Invalid header line: ${bytesRepr(lines.subarray(at, end))}`);
    }
    at = end;
  }
}
