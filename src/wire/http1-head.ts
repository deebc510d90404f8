/** The heads of requests and responses (RFC 9112, sections 2 to 5): views of what was received, made when asked for. */
import { ProtocolError } from '../errors.js';
import { lineRepr } from './bytes-repr.js';
import { hasWatched } from './head-scanner.js';
import type { WatchedField } from './head-scanner.js';
import { HeaderFields } from './headers.js';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const slash = 0x2f;

/** Where a head lies: offsets in the memory that holds it. */
export interface HeadPlace {
  readonly memory: Buffer;
  readonly start: number;
  /** Behind the line end of the first line. */
  readonly lineEnd: number;
  /** Behind the blank line. */
  readonly end: number;
}

/** A line without its LF or CRLF. */
export function withoutLineEnd(line: Buffer): Buffer {
  return line.subarray(0, endOfLine(line, 0, line.length));
}

/** A head as received. A view costs 50 ns and few heads are asked for more than their target, so none is made ahead. */
abstract class Head {
  private lazyFields: HeaderFields | undefined;
  private lazyBytes: Buffer | undefined;
  protected readonly memory: Buffer;
  protected readonly start: number;
  private readonly lineEnd: number;
  private readonly end: number;

  constructor({ memory, start, lineEnd, end }: HeadPlace) {
    this.memory = memory;
    this.start = start;
    this.lineEnd = lineEnd;
    this.end = end;
  }

  /** Bytes of the head, blank line included. */
  get length(): number {
    return this.end - this.start;
  }

  /** Bytes of memory that the head keeps alive: the chunk that it came in. */
  get heldMemory(): number {
    return this.memory.length;
  }

  /** Whether the head lies in this chunk and is all of it. */
  isAllOf(chunk: Buffer): boolean {
    return this.memory === chunk && this.length === chunk.length;
  }

  /** The whole head, blank line included. */
  get bytes(): Buffer {
    return (this.lazyBytes ??= this.memory.subarray(this.start, this.end));
  }

  /** The first line without its line end. */
  get startLine(): Buffer {
    return this.memory.subarray(this.start, endOfLine(this.memory, this.start, this.lineEnd));
  }

  /** The header fields, parsed on first use. */
  get headers(): HeaderFields {
    return (this.lazyFields ??= new HeaderFields(this.fieldLines));
  }

  /** The field lines as received, without the blank line. */
  get fieldLines(): Buffer {
    const end = this.end - (this.memory[this.end - 2] === carriageReturn ? 2 : 1);
    return this.memory.subarray(this.lineEnd, Math.max(this.lineEnd, end));
  }
}

/** The head of a request. */
export class RequestHead extends Head {
  private readonly methodStart: number;
  private readonly methodEnd: number;
  private readonly targetStart: number;
  private readonly targetEnd: number;
  private readonly versionStart: number;
  private readonly seen: number;
  private lazyTarget: Buffer | undefined;

  /**
   * Splits the request line at its first and last space: what lies between is the target, spaces and all.
   * @param seen the watched fields that a scanner saw
   * @throws {ProtocolError} when the request line cannot be read
   */
  constructor(place: HeadPlace, seen = 0) {
    super(place);
    const { memory, start } = place;
    const to = skipBack(memory, start, endOfLine(memory, start, place.lineEnd));
    const from = skipOver(memory, start, to);
    let first = from;
    while (first < to && memory[first] !== space) first++;
    let last = to - 1;
    while (last > first && memory[last] !== space) last--;
    this.methodStart = from;
    this.methodEnd = first;
    this.targetStart = skipOver(memory, first, last);
    this.targetEnd = skipBack(memory, this.targetStart, last);
    this.versionStart = last + 1;
    this.seen = seen;
    if (first === from || this.targetStart >= this.targetEnd) {
      throw new ProtocolError(`Bad HTTP request line: ${lineRepr(this.startLine)}`);
    }
    checkVersion(memory, last + 1, to);
  }

  get method(): string {
    const { memory, methodStart: at, methodEnd: end } = this;
    if (end === at + 3 && memory[at] === 0x47 && memory[at + 1] === 0x45 && memory[at + 2] === 0x54) return 'GET';
    return memory.toString('latin1', at, end);
  }

  /** The request target as sent, undecoded. */
  get target(): Buffer {
    return (this.lazyTarget ??= this.memory.subarray(this.targetStart, this.targetEnd));
  }

  /** Whether the request target begins with a slash; costs nothing. */
  get isPath(): boolean {
    return this.memory[this.targetStart] === slash;
  }

  /** The request target as sent, as ISO 8859-1 text; cheaper than by way of {@link target}. */
  get targetText(): string {
    return this.memory.toString('latin1', this.targetStart, this.targetEnd);
  }

  /** `HTTP/1.1` and the like. */
  get httpVersion(): string {
    return versionAt(this.memory, this.versionStart);
  }

  /** Whether there may be a field of this name; costs nothing. False is certain. */
  mayHave(name: WatchedField): boolean {
    return hasWatched(this.seen, name);
  }

  /** The values of a watched field; costs nothing when there is none. */
  values(name: WatchedField): readonly string[] {
    return this.mayHave(name) ? this.headers.getAll(name) : none;
  }
}

/** The head of a response. */
export class ResponseHead extends Head {
  readonly httpVersion: string;
  readonly code: number;
  /** The code as sent: leading zeros and all. */
  readonly codeText: string;
  /** The reason phrase as sent. */
  readonly reason: Buffer;

  /** @throws {ProtocolError} when the status line cannot be read */
  constructor(place: HeadPlace) {
    super(place);
    const { memory, start } = place;
    const to = skipBack(memory, start, endOfLine(memory, start, place.lineEnd));
    const from = skipOver(memory, start, to);
    const versionEnd = endOfWord(memory, from, to);
    const codeStart = skipOver(memory, versionEnd, to);
    const codeEnd = endOfWord(memory, codeStart, to);
    this.codeText = memory.toString('latin1', codeStart, codeEnd);
    if (!/^-?\d+$/.test(this.codeText)) throw new ProtocolError(`Bad HTTP response line: ${lineRepr(this.startLine)}`);
    checkVersion(memory, from, versionEnd);
    this.httpVersion = versionAt(memory, from);
    this.code = Number(this.codeText);
    this.reason = memory.subarray(skipOver(memory, codeEnd, to), to);
  }
}

const none: readonly string[] = [];

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}

function skipOver(memory: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(memory[at])) at++;
  return at;
}

function skipBack(memory: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(memory[at - 1])) at--;
  return at;
}

function endOfWord(memory: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && !isBlank(memory[at])) at++;
  return at;
}

/** Where a line ends without its LF or CRLF. */
function endOfLine(memory: Buffer, start: number, end: number): number {
  let at = end;
  if (at > start && memory[at - 1] === lineFeed) at--;
  if (at > start && memory[at - 1] === carriageReturn) at--;
  return at;
}

/** `HTTP/` DIGIT `.` DIGIT (RFC 9112, section 2.3). */
function checkVersion(memory: Buffer, start: number, end: number): void {
  const known =
    end === start + 8 &&
    memory[start] === 0x48 &&
    memory[start + 1] === 0x54 &&
    memory[start + 2] === 0x54 &&
    memory[start + 3] === 0x50 &&
    memory[start + 4] === 0x2f &&
    isDigit(memory[start + 5]) &&
    memory[start + 6] === 0x2e &&
    isDigit(memory[start + 7]);
  if (!known) throw new ProtocolError(`Unknown HTTP version: ${lineRepr(memory.subarray(start, end))}`);
}

function versionAt(memory: Buffer, start: number): string {
  return memory[start + 5] === 0x31 && memory[start + 7] === 0x31
    ? 'HTTP/1.1'
    : memory.toString('latin1', start, start + 8);
}

function isDigit(byte = 0): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
