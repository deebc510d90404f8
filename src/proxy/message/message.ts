/** What requests and responses have in common. Times are seconds since 1970, with fractions. */
import { types } from 'node:util';
import { ContentError } from '../../errors.js';
import { GatheredBytes } from '../../wire/gathered-bytes.js';
import { decodeText, encodeText } from './charset.js';
import { decodeContent, encodeContent } from './content-coding.js';
import { formatContentType, parseContentType } from './content-type.js';
import { guessCharset } from './guess-charset.js';
import { demandBytes, demandText, refusal } from './demand.js';
import { Headers } from './headers.js';
import type { HeadersInit } from './headers.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** What is sent in place of a chunk. Text is sent as UTF-8. */
export type StreamPiece = Uint8Array | string;

/**
 * Changes a body while it passes: what it gives is sent in place of the chunk. It gives that at once: it is not async.
 */
export type StreamFilter = (chunk: Buffer) => StreamPiece | Iterable<StreamPiece>;

/** What a message is made with. */
export interface MessageInit {
  /** `HTTP/1.1`, `HTTP/2.0`... */
  readonly httpVersion?: string | undefined;
  readonly headers?: Headers | HeadersInit | undefined;
  /** The body as it is sent: still encoded. `undefined` when it was not kept. */
  readonly rawContent?: Buffer | undefined;
  readonly trailers?: Headers | undefined;
  readonly timestampStart?: number | undefined;
  readonly timestampEnd?: number | undefined;
}

export abstract class Message {
  timestampStart: number;
  timestampEnd: number | undefined;
  private version: string;
  private headerFields: Headers;
  private trailerFields: Headers | undefined;
  /** What was said about streaming, if anything was. */
  private streaming: boolean | StreamFilter | undefined;
  private body: Buffer | undefined;
  /** What arrived and was not joined yet. */
  private pieces: GatheredBytes | undefined;

  constructor(init: MessageInit) {
    this.version = init.httpVersion ?? 'HTTP/1.1';
    this.headerFields = headersOf(init.headers ?? []);
    this.trailerFields = init.trailers;
    this.timestampStart = init.timestampStart ?? 0;
    this.timestampEnd = init.timestampEnd;
    this.body = init.rawContent;
  }

  get httpVersion(): string {
    return this.version;
  }

  set httpVersion(version: string) {
    this.version = demandText('httpVersion', version);
  }

  get headers(): Headers {
    return this.headerFields;
  }

  set headers(headers: Headers | HeadersInit) {
    this.headerFields = headersOf(headers);
  }

  /** The trailer fields, when the message has a trailer section. */
  get trailers(): Headers | undefined {
    return this.trailerFields;
  }

  set trailers(trailers: Headers | HeadersInit | undefined) {
    this.trailerFields = trailers === undefined ? undefined : headersOf(trailers);
  }

  /**
   * Whether the body is passed on as it arrives, and what changes it on the way. When it is set to `false`, all of the
   * body is read, however large it is.
   */
  get stream(): boolean | StreamFilter {
    return this.streaming ?? false;
  }

  set stream(stream: boolean | StreamFilter) {
    this.streaming = demandStream(stream);
  }

  /** Whether {@link stream} was set to `false`: the option `stream_large_bodies` does not count then. */
  get isReadWhole(): boolean {
    return this.streaming === false;
  }

  get isHttp10(): boolean {
    return this.httpVersion === 'HTTP/1.0';
  }

  get isHttp11(): boolean {
    return this.httpVersion === 'HTTP/1.1';
  }

  get isHttp2(): boolean {
    return this.httpVersion === 'HTTP/2.0';
  }

  get isHttp3(): boolean {
    return this.httpVersion === 'HTTP/3';
  }

  /** The body as it is sent, without chunks but still encoded; `undefined` when it was not kept. */
  get rawContent(): Buffer | undefined {
    if (this.pieces !== undefined) {
      this.body = this.pieces.take();
      this.pieces = undefined;
    }
    return this.body;
  }

  set rawContent(content: Uint8Array | undefined) {
    this.body = demandBytes('rawContent', content);
    this.pieces = undefined;
  }

  /** Bytes of {@link rawContent}, 0 when the body was not kept. Joins nothing. */
  get rawLength(): number {
    return this.pieces?.length ?? this.body?.length ?? 0;
  }

  /**
   * Adds a piece of the body as it arrives. Pieces are joined when somebody asks. Of small ones a copy is kept: a view
   * would cost more than its bytes, and keep alive the memory that they came in.
   */
  receive(chunk: Buffer): void {
    if (this.pieces === undefined) {
      // Most bodies come in one piece.
      if (this.body === undefined || this.body.length === 0) {
        this.body = chunk;
        return;
      }
      this.pieces = new GatheredBytes();
      this.pieces.write(compact(this.body));
      this.body = undefined;
    }
    this.pieces.write(compact(chunk));
  }

  /**
   * The body with its content coding undone. What is set is encoded in turn, and Content-Length follows.
   * @throws {ContentError} when the body is not what Content-Encoding says
   */
  get content(): Buffer | undefined {
    return this.getContent();
  }

  set content(content: Uint8Array | undefined) {
    if (typeof content === 'string') throw refusal('content', 'a Buffer, and text takes text', content);
    this.setContent(demandBytes('content', content));
  }

  /** As {@link content}; without `strict`, a body that cannot be decoded is given as it is. */
  getContent(strict = true): Buffer | undefined {
    const raw = this.rawContent;
    const coding = this.headers.get('content-encoding');
    if (raw === undefined || coding === undefined || coding === '') return raw;
    try {
      return decodeContent(raw, coding);
    } catch (error) {
      if (strict || !(error instanceof ContentError)) throw error;
      return raw;
    }
  }

  /**
   * The body as text, in the charset that the headers or the body itself name.
   * Text that this charset cannot express is set as UTF-8, and Content-Type follows.
   * @throws {ContentError} when the body is not what its headers say
   */
  get text(): string | undefined {
    return this.getText();
  }

  set text(text: string | undefined) {
    // Types do not bind JavaScript.
    if (text === undefined || text === null) {
      this.setContent(undefined);
      return;
    }
    demandText('text', text);
    const type = this.headers.get('content-type') ?? '';
    try {
      this.setContent(encodeText(text, guessCharset(type, Buffer.alloc(0))));
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      const parsed = parseContentType(type) ?? {
        type: 'text',
        subtype: 'plain',
        parameters: new Map<string, string>(),
      };
      parsed.parameters.set('charset', 'utf-8');
      this.headers.set('content-type', formatContentType(parsed));
      this.setContent(encodeUtf8(text));
    }
  }

  /** As {@link text}; without `strict`, a body in another charset than it says is read as UTF-8, without loss. */
  getText(strict = true): string | undefined {
    const content = this.getContent(strict);
    if (content === undefined) return undefined;
    try {
      return decodeText(content, this.charsetOf(content));
    } catch (error) {
      if (strict || !(error instanceof ContentError)) throw error;
      return decodeUtf8(content);
    }
  }

  /** The charset that a decoded body is read in: as the headers say, as the body says, else `latin-1`. */
  charsetOf(content: Buffer): string {
    return guessCharset(this.headers.get('content-type') ?? '', content);
  }

  /**
   * The body as JSON (RFC 8259).
   * @throws {ContentError} when there is no body, or it cannot be decoded
   * @throws {SyntaxError} when it is not JSON
   */
  json(): unknown {
    const content = this.content;
    if (content === undefined) throw new ContentError('the message has no body that was kept');
    return JSON.parse(decodeUtf8(content).replace(/^\ufeff/, ''));
  }

  /**
   * Undoes the content coding for good and drops Content-Encoding.
   * @throws {ContentError} in `strict` mode, when the body is not what Content-Encoding says
   */
  decode(strict = true): void {
    const content = this.getContent(strict);
    this.headers.delete('content-encoding');
    this.setContent(content);
  }

  /**
   * Encodes the body, which must not be encoded yet, and says so in Content-Encoding. With zstd it is not made
   * smaller: Node.js 20 cannot do that, so its blocks are written as they are.
   * @param coding gzip, deflate, br, zstd or identity
   * @throws {ContentError} for another coding
   */
  encode(coding: string): void {
    encodeContent(Buffer.alloc(0), coding);
    this.headers.set('content-encoding', coding);
    this.setContent(this.rawContent);
  }

  /**
   * Replaces all matches in headers and body. The body is decoded for it, and encoded again.
   * @returns how many were replaced
   */
  replace(pattern: RegExp | string, replacement: string): number {
    let count = 0;
    const change = (text: string): string => {
      const all = typeof pattern === 'string' ? pattern : new RegExp(pattern, pattern.flags.replace('g', '') + 'g');
      const found = typeof all === 'string' ? text.split(all).length - 1 : [...text.matchAll(all)].length;
      count += found;
      return found === 0 ? text : text.replaceAll(all, replacement);
    };
    this.replaceIn(change);
    return count;
  }

  /** Applies a change of text to everything that {@link replace} looks at. */
  protected replaceIn(change: (text: string) => string): void {
    const fields = [...this.headers];
    const changed = fields.map(([name, value]) => [change(name), change(value)] as const);
    if (changed.some(([name, value], i) => name !== fields[i]?.[0] || value !== fields[i][1])) {
      this.headers = new Headers(changed);
    }
    const content = this.getContent(false);
    if (content === undefined) return;
    const text = decodeUtf8(content);
    const after = change(text);
    if (after !== text) this.setContent(encodeUtf8(after));
  }

  protected initOf(): MessageInit {
    const { httpVersion, headers, rawContent, trailers, timestampStart, timestampEnd } = this;
    return {
      ...{ httpVersion, rawContent, timestampStart, timestampEnd },
      headers: headers.clone(),
      trailers: trailers?.clone(),
    };
  }

  /** What makes the message what it is, for comparison. */
  facts(): readonly unknown[] {
    const { httpVersion, headers, rawContent, trailers, timestampStart, timestampEnd } = this;
    return [httpVersion, headers.fields, rawContent, trailers?.fields, timestampStart, timestampEnd];
  }

  private setContent(content: Buffer | undefined): void {
    if (content === undefined) {
      this.rawContent = undefined;
      return;
    }
    let raw = content;
    try {
      raw = encodeContent(content, this.headers.get('content-encoding') ?? 'identity');
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      this.headers.delete('content-encoding');
    }
    this.rawContent = raw;
    // A length beside Transfer-Encoding is not allowed (RFC 9112, section 6.2).
    if (this.headers.has('transfer-encoding')) return;
    this.headers.set('content-length', String(raw.length));
  }
}

/** A piece that keeps little memory alive besides its own bytes. Small ones are copied anyway. */
function compact(piece: Buffer): Buffer {
  return piece.length > 2048 && 8 * piece.length < piece.buffer.byteLength ? Buffer.from(piece) : piece;
}

/** @throws {TypeError} for what headers cannot be made of */
function headersOf(given: Headers | HeadersInit): Headers {
  // Types do not bind JavaScript, and nothing given would make no headers at all.
  if ((given as unknown) === undefined) throw refusal('headers', 'pairs, or an object with values by name', given);
  return given instanceof Headers ? given : new Headers(given);
}

/** Nothing was said with `undefined` and `null`. @throws {TypeError} for what cannot be done with a body */
function demandStream(given: unknown): boolean | StreamFilter | undefined {
  if (given === undefined || given === null) return undefined;
  if (types.isAsyncFunction(given))
    throw new TypeError('stream takes a function that gives its bytes at once, not an async one');
  // What it takes and gives is seen when it is called.
  if (typeof given === 'boolean' || typeof given === 'function') return given as boolean | StreamFilter;
  throw refusal('stream', 'true, false or a function', given);
}
