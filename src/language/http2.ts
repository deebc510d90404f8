/** Well-formed HTTP/2 messages: what is added to them by default, and their frames (RFC 9113, section 8). */
import { encodeHeaderBlock } from '../wire/http2-encode.js';
import { isField } from './clause.js';
import type { Clause } from './clause.js';
import { Body } from './clauses/body.js';
import { ContentCoding } from './clauses/content-coding.js';
import { Header } from './clauses/header.js';
import { Method } from './clauses/method.js';
import { NestedSequence } from './clauses/nested-sequence.js';
import { Path } from './clauses/path.js';
import { StatusCode } from './clauses/status-code.js';
import { Trailer } from './clauses/trailer.js';
import { encodeContent } from './content-coding.js';
import { dataFrames } from './data-frames.js';
import { drawnBytes } from './drawn-bytes.js';
import type { Http2FrameMessage } from './http2-frame.js';
import { headerBlock } from './header-block.js';
import { draw, PartList, partOf } from './layout.js';
import type { Part } from './layout.js';
import { Message, valueSlot } from './message.js';
import type { Anatomy } from './message.js';
import { fullSettings } from './settings.js';
import type { FullSettings, Settings } from './settings.js';
import type { Value } from './values.js';

/** A message that stands in a spec for HTTP/2. */
export type Http2Message = Http2ResponseMessage | Http2RequestMessage | Http2FrameMessage;

/** A field as it is encoded, letters as they were written. */
export type Http2Field = readonly [name: Buffer, value: Buffer];

/** What requests and responses over HTTP/2 have in common. */
abstract class Http2HttpMessage extends Message {
  /** The body, when there is one. */
  get body(): Value | undefined {
    return this.find(Body)?.value;
  }

  /** The bytes of the DATA frames, in their content coding. @throws {FileAccessDenied} */
  bodyPart(settings?: Settings): Part {
    const full = fullSettings(settings);
    const body = this.find(Body);
    const part = body ? partOf(body.value, valueSlot(this.clauses.indexOf(body)), full) : Buffer.alloc(0);
    const coding = this.find(ContentCoding)?.coding;
    return coding === undefined ? part : encodeContent(coding, draw(part, full.random));
  }

  /**
   * Its fields: pseudo header fields first, those that are added by default last. Give the same source of
   * chance as to {@link bodyPart}, for they may tell of the body.
   * @throws {FileAccessDenied} for a value or a length from a file that may not be read
   * @throws {RenderError} for a value that is too long for a header
   */
  headerList(settings?: Settings): readonly Http2Field[] {
    const full = fullSettings(settings);
    const written = this.writtenFields(full);
    const pseudo = this.pseudoFields(full, (name) => hasField(written, name));
    if (this.raw) return [...pseudo, ...written];
    const added = this.addedFields(full).filter(([name]) => !hasField(written, name.toString('latin1')));
    return [...pseudo, ...written, ...added];
  }

  /** The fields behind the body; none, most of the time. @throws as {@link headerList} */
  trailerList(settings?: Settings): readonly Http2Field[] {
    const full = fullSettings(settings);
    return this.clauses.flatMap((clause, index): Http2Field[] => {
      if (!(clause instanceof Trailer)) return [];
      const [name, value] = clause.trailer;
      return [[drawnBytes(name, valueSlot(index), full), drawnBytes(value, valueSlot(index, 1), full)]];
    });
  }

  /** Fields may tell of anything: chance must have no say in what they are made of. */
  override get stable(): boolean {
    return super.stable && this.clauses.every((clause) => clause instanceof Body || clause.values.every(isKnown));
  }

  /** Its frames on the stream in hand, as if the peer had set no limits: HEADERS, DATA, trailers. */
  protected anatomy(settings: FullSettings): Anatomy {
    const streamId = settings.streamId ?? this.defaultStreamId;
    const body = this.bodyPart(settings);
    const trailers = this.trailerList(settings);
    const parts = new PartList(settings);
    const last = trailers.length === 0;
    parts.bytes(headersFrames(this.headerList(settings), streamId, last && body.length === 0));
    const start = parts.length;
    if (body.length > 0) parts.part(dataFrames(body, streamId, last));
    if (!last) parts.bytes(headersFrames(trailers, streamId, true));
    return { parts: parts.finish(), headers: 0, body: start };
  }

  protected abstract readonly defaultStreamId: number;

  /** @param isWritten whether the message has a field of that name of its own */
  protected abstract pseudoFields(settings: FullSettings, isWritten: (name: string) => boolean): Http2Field[];

  /** Nothing is added to the text: what is added stands in the fields alone. */
  protected withDefaults(): readonly Clause[] {
    return this.clauses;
  }

  private writtenFields(settings: FullSettings): readonly Http2Field[] {
    return this.clauses.flatMap((clause, index): Http2Field[] => {
      if (!isField(clause)) return [];
      const isHeader = clause instanceof Header;
      const name = drawnBytes(clause.field[0], valueSlot(index), settings);
      const value = drawnBytes(clause.field[1], valueSlot(index, isHeader ? 1 : 0), settings);
      // Names that we give are in lower case, as HTTP/2 wants them (RFC 9113, section 8.2.1).
      return [[isHeader ? name : field(name.toString('latin1').toLowerCase(), '')[0], value]];
    });
  }

  private addedFields(settings: FullSettings): readonly Http2Field[] {
    const fields: Http2Field[] = [];
    const coding = this.find(ContentCoding)?.coding;
    if (coding !== undefined) fields.push(field('content-encoding', coding));
    fields.push(field('content-length', String(this.bodyPart(settings).length)));
    const trailers = this.trailerList(settings).map(([name]) => name.toString('latin1'));
    if (trailers.length > 0) fields.push(field('trailer', trailers.join(', ')));
    return fields;
  }
}

function isKnown(value: Value): boolean {
  return value.bytes !== undefined;
}

function field(name: string, value: string): Http2Field {
  return [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')];
}

function hasField(fields: readonly Http2Field[], name: string): boolean {
  return fields.some(([other]) => other.length === name.length && other.toString('latin1').toLowerCase() === name);
}

/** HEADERS and, where they do not fit one frame, CONTINUATION. */
function headersFrames(fields: readonly Http2Field[], streamId: number, endStream: boolean): Buffer {
  const block = headerBlock(fields.map(([name, value]) => ({ name, value })));
  return encodeHeaderBlock({ streamId, block, endStream });
}

/** An HTTP/2 response. */
export class Http2ResponseMessage extends Http2HttpMessage {
  readonly kind = 'http2-response';
  protected readonly defaultStreamId = 2;

  /** Status code, as written. */
  get code(): string {
    return this.find(StatusCode)?.spec ?? '';
  }

  protected pseudoFields(_settings: FullSettings, isWritten: (name: string) => boolean): Http2Field[] {
    return isWritten(':status') ? [] : [field(':status', this.code.replace(/^0+(?=.)/, ''))];
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): Http2ResponseMessage {
    return new Http2ResponseMessage(clauses, resolved);
  }
}

/** An HTTP/2 request. */
export class Http2RequestMessage extends Http2HttpMessage {
  readonly kind = 'http2-request';
  protected readonly defaultStreamId = 1;

  /** The method as it is sent, in upper case, when neither chance nor a file has a say in it. */
  get method(): string | undefined {
    return this.find(Method)
      ?.value.bytes?.toString('latin1')
      .replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  }

  protected pseudoFields(settings: FullSettings, isWritten: (name: string) => boolean): Http2Field[] {
    const { requestHost, requestPort, requestScheme } = settings;
    const method = this.bytesOf(Method, settings).toString('latin1');
    const path = this.bytesOf(Path, settings);
    const embedded = Buffer.from(this.find(NestedSequence)?.embedded ?? '', 'latin1');
    const fields: Http2Field[] = [
      field(
        ':method',
        method.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
      ),
      [Buffer.from(':path', 'latin1'), Buffer.concat([path, embedded])],
      field(':scheme', requestScheme ?? 'http'),
    ];
    if (requestHost === undefined || requestHost === '' || isWritten(':authority')) return fields;
    const host = requestHost.includes(':') && !requestHost.startsWith('[') ? `[${requestHost}]` : requestHost;
    const port = requestPort === undefined || requestPort === 443 ? '' : `:${String(requestPort)}`;
    return [...fields, field(':authority', host + port)];
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): Http2RequestMessage {
    return new Http2RequestMessage(clauses, resolved);
  }

  private bytesOf(type: typeof Method | typeof Path, settings: FullSettings): Buffer {
    const clause = this.find<Method | Path>(type);
    return clause ? drawnBytes(clause.value, valueSlot(this.clauses.indexOf(clause)), settings) : Buffer.alloc(0);
  }
}
