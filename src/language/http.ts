/** HTTP/1 messages: what is added to them by default, and their bytes (RFC 9112). */
import { RenderError } from '../errors.js';
import { hostOfTarget } from '../wire/request-target.js';
import { acceptKey } from '../wire/websocket-handshake.js';
import { chunkedPart } from './chunked.js';
import { isField } from './clause.js';
import type { Clause } from './clause.js';
import { Body } from './clauses/body.js';
import { Header } from './clauses/header.js';
import { Method } from './clauses/method.js';
import { Chunks } from './clauses/chunks.js';
import { ContentCoding } from './clauses/content-coding.js';
import { NestedResponse } from './clauses/nested-response.js';
import { Path } from './clauses/path.js';
import { ProtocolVersion } from './clauses/protocol-version.js';
import { Reason } from './clauses/reason.js';
import { StatusCode } from './clauses/status-code.js';
import { Trailer } from './clauses/trailer.js';
import { Websocket } from './clauses/websocket.js';
import { encodeContent } from './content-coding.js';
import { draw, PartList, partOf } from './layout.js';
import type { Part } from './layout.js';
import { Message, valueSlot } from './message.js';
import type { Anatomy } from './message.js';
import { readSegment } from './plan.js';
import { reasonFor } from './reasons.js';
import type { Random } from './random.js';
import type { FullSettings } from './settings.js';
import { Literal } from './values.js';
import type { Value } from './values.js';

const crlf = '\r\n';

/** Bytes of a trailer's name that are worth telling in the header. */
const longestTrailerName = 64 * 1024;

/** What requests and responses have in common. */
abstract class HttpMessage extends Message {
  /** The body, when there is one. */
  get body(): Value | undefined {
    return this.find(Body)?.value;
  }

  /** The body as a part, before any coding. @throws {FileAccessDenied} */
  bodyPart(settings: FullSettings): Part {
    const body = this.body;
    return body ? partOf(body, this.slotOf(Body), settings) : Buffer.alloc(0);
  }

  /** Fields that are added tell the length of an encoded body and the names of trailers: chance must not decide these. */
  override get stable(): boolean {
    const told = this.clauses.flatMap((clause) => (clause instanceof Trailer ? [clause.trailer[0]] : []));
    if (this.body && this.find(ContentCoding)) told.push(this.body);
    return super.stable && told.every((value) => value.bytes !== undefined);
  }

  protected anatomy(settings: FullSettings): Anatomy {
    const parts = new PartList(settings);
    this.startLine(parts);
    const headers = parts.length;
    this.clauses.forEach((clause, index) => {
      if (!isField(clause)) return;
      // A clause that has one value has a name that is not drawn.
      const nameIsDrawn = clause.values.length > 1;
      parts.value(clause.field[0], valueSlot(index)).bytes(': ');
      parts.value(clause.field[1], valueSlot(index, nameIsDrawn ? 1 : 0)).bytes(crlf);
    });
    const body = parts.bytes(crlf).length;
    if (this.chunked) this.chunkedBody(parts, settings);
    else parts.part(this.contentPart(settings));
    return { parts: parts.finish(), headers, body };
  }

  protected abstract startLine(parts: PartList): void;

  protected abstract override rebuild(clauses: readonly Clause[], resolved: boolean): HttpMessage;

  /** Adds the protocol version to a start line. */
  protected version(parts: PartList): void {
    const version = this.find(ProtocolVersion);
    if (version) parts.value(version.value, this.slotOf(ProtocolVersion));
    else parts.bytes('HTTP/1.1');
  }

  /** Whether the message has a body of its own: any clause of one will do. */
  protected get hasBody(): boolean {
    return this.body !== undefined || this.find(ContentCoding) !== undefined || this.chunked;
  }

  /** The fields that tell how the body is sent. */
  protected bodyFields(settings: FullSettings): readonly Header[] {
    const coding = this.find(ContentCoding)?.coding;
    const fields = coding === undefined ? [] : [Header.of('Content-Encoding', coding)];
    if (!this.chunked) {
      const length = coding === undefined ? this.body?.length(settings.files) : this.contentPart(settings).length;
      return [...fields, Header.of('Content-Length', String(length ?? 0))];
    }
    const names = this.trailerNames(settings);
    const trailer = names.length > 0 ? [Header.of('Trailer', names.join(', '))] : [];
    return [...fields, Header.of('Transfer-Encoding', 'chunked'), ...trailer];
  }

  /** As they will be drawn; those that fill the memory are not told. */
  private trailerNames({ random, files }: FullSettings): readonly string[] {
    return this.clauses.flatMap((clause, index) => {
      if (!(clause instanceof Trailer)) return [];
      const [name] = clause.trailer;
      if (name.length(files) > longestTrailerName) return [];
      const drawn = name.bytes ?? name.segment(random.fork(valueSlot(index)), files);
      return [readSegment(drawn, 0, drawn.length).toString('latin1')];
    });
  }

  /** The body in its content coding. */
  private contentPart(settings: FullSettings): Part {
    const body = this.bodyPart(settings);
    const coding = this.find(ContentCoding)?.coding;
    return coding === undefined ? body : encodeContent(coding, draw(body, settings.random));
  }

  private get chunked(): boolean {
    return this.find(Chunks) !== undefined || this.find(Trailer) !== undefined;
  }

  private chunkedBody(parts: PartList, settings: FullSettings): void {
    const content = this.contentPart(settings);
    const sizes = this.find(Chunks)?.sizes.map((size) => size.bytes) ?? [Math.max(1, content.length)];
    parts.part(chunkedPart(content, sizes)).bytes(`0${crlf}`);
    this.clauses.forEach((clause, index) => {
      if (!(clause instanceof Trailer)) return;
      parts.value(clause.trailer[0], valueSlot(index)).bytes(': ');
      parts.value(clause.trailer[1], valueSlot(index, 1)).bytes(crlf);
    });
    parts.bytes(crlf);
  }

  /** The slot of the first value of a clause. */
  protected slotOf(type: abstract new (...parameters: never[]) => Clause): number {
    return valueSlot(this.clauses.findIndex((clause) => clause instanceof type));
  }
}

/** Whether a field of this name is there, whatever its case. Generated names never count. */
function hasField(clauses: readonly Clause[], name: string, { files, random }: FullSettings): boolean {
  return clauses.some((clause) => {
    const named = isField(clause) ? clause.field[0] : undefined;
    const bytes = named?.isFile ? named.segment(random, files) : named?.bytes;
    return Buffer.isBuffer(bytes) && bytes.toString('latin1').toLowerCase() === name.toLowerCase();
  });
}

/** The clauses and those of `fields` whose name is not there yet. */
function withFields(clauses: readonly Clause[], fields: readonly Header[], settings: FullSettings): readonly Clause[] {
  const missing = fields.filter(
    (field) => !hasField(clauses, field.field[0].bytes?.toString('latin1') ?? '', settings),
  );
  return [...clauses, ...missing];
}

/** An HTTP response. */
export class ResponseMessage extends HttpMessage {
  readonly kind = 'response';

  /** Status code, as written; 101 for a bare `ws`. */
  get code(): string {
    return this.find(StatusCode)?.spec ?? '101';
  }

  /** The reason phrase, when neither chance nor a file has a say in it. */
  get reason(): Buffer | undefined {
    const reason = this.find(Reason);
    return reason ? reason.value.bytes : Buffer.from(reasonFor(this.code), 'latin1');
  }

  protected startLine(parts: PartList): void {
    const reason = this.find(Reason);
    this.version(parts);
    parts.bytes(` ${this.code} `);
    if (reason) parts.value(reason.value, this.slotOf(Reason));
    else parts.bytes(reasonFor(this.code));
    parts.bytes(crlf);
  }

  protected withDefaults(settings: FullSettings): readonly Clause[] {
    const clauses = this.websocket ? this.withHandshake(settings) : this.clauses;
    if (this.raw) return clauses;
    // Where the body stands among all clauses decides what chance gives it.
    return withFields(clauses, this.rebuild(clauses, false).bodyFields(settings), settings);
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): ResponseMessage {
    return new ResponseMessage(clauses, resolved);
  }

  private withHandshake(settings: FullSettings): readonly Clause[] {
    if (!settings.websocketKey) {
      throw new RenderError('No websocket key - have we seen a client handshake?');
    }
    const clauses = this.find(StatusCode) ? this.clauses : behindWebsocket(this.clauses, new StatusCode(this.code));
    const fields = [
      Header.of('connection', 'upgrade'),
      Header.of('upgrade', 'websocket'),
      Header.of('sec-websocket-accept', acceptKey(settings.websocketKey)),
    ];
    return withFields(clauses, fields, settings);
  }
}

/** An HTTP request. */
export class RequestMessage extends HttpMessage {
  readonly kind = 'request';

  /** The method as text, when neither chance nor a file has a say in it; GET for a bare `ws`. */
  get method(): string | undefined {
    const method = this.find(Method);
    return method ? method.value.bytes?.toString('latin1') : 'GET';
  }

  protected startLine(parts: PartList): void {
    const method = this.find(Method);
    const path = this.find(Path);
    if (method) parts.value(method.value, this.slotOf(Method));
    else parts.bytes('GET');
    parts.bytes(' ');
    if (path) parts.value(path.value, this.slotOf(Path));
    parts.bytes(this.find(NestedResponse)?.embedded ?? '').bytes(' ');
    this.version(parts);
    parts.bytes(crlf);
  }

  protected withDefaults(settings: FullSettings): readonly Clause[] {
    let clauses = this.websocket ? this.withHandshake(settings) : this.clauses;
    if (this.raw) return clauses;
    if (this.hasBody) clauses = withFields(clauses, this.rebuild(clauses, false).bodyFields(settings), settings);
    if (!settings.requestHost) return clauses;
    return withFields(clauses, [Header.of('Host', this.hostOfPath(settings) ?? settings.requestHost)], settings);
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): RequestMessage {
    return new RequestMessage(clauses, resolved);
  }

  private hostOfPath({ files, random }: FullSettings): string | undefined {
    const path = this.find(Path)?.value;
    const bytes = path?.isFile ? path.segment(random, files) : path?.bytes;
    return Buffer.isBuffer(bytes) ? hostOfTarget(bytes) : undefined;
  }

  private withHandshake(settings: FullSettings): readonly Clause[] {
    const clauses = this.find(Method)
      ? this.clauses
      : behindWebsocket(this.clauses, new Method(Literal.of('GET'))).map(behindMethod);
    const fields = [
      Header.of('connection', 'upgrade'),
      Header.of('upgrade', 'websocket'),
      Header.of('sec-websocket-version', '13'),
      Header.of('sec-websocket-key', websocketKey(settings.random)),
    ];
    return withFields(clauses, fields, settings);
  }
}

/** A fresh Sec-WebSocket-Key (RFC 6455, section 4.1): 16 random bytes in base64. */
function websocketKey(random: Random): string {
  return random.fork('websocket key').bytes(16).toString('base64');
}

/** A path that no longer stands behind a bare `ws` prints as any other. */
function behindMethod(clause: Clause): Clause {
  return clause instanceof Path ? new Path(clause.value) : clause;
}

function behindWebsocket(clauses: readonly Clause[], added: Clause): readonly Clause[] {
  return clauses.flatMap((clause) => (clause instanceof Websocket ? [clause, added] : [clause]));
}
