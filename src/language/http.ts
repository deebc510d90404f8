/** HTTP/1 messages: what is added to them by default, and their bytes (RFC 9112). */
import { RenderError } from '../errors.js';
import { hostOfTarget } from '../wire/request-target.js';
import { acceptKey } from '../wire/websocket-handshake.js';
import { isField } from './clause.js';
import type { Clause } from './clause.js';
import { Body } from './clauses/body.js';
import { Header } from './clauses/header.js';
import { Method } from './clauses/method.js';
import { NestedResponse } from './clauses/nested-response.js';
import { Path } from './clauses/path.js';
import { Reason } from './clauses/reason.js';
import { StatusCode } from './clauses/status-code.js';
import { Websocket } from './clauses/websocket.js';
import { PartList, partOf } from './layout.js';
import type { Part } from './layout.js';
import { Message, valueSlot } from './message.js';
import { reasonFor } from './reasons.js';
import type { Random } from './random.js';
import type { FullSettings } from './settings.js';
import { Literal } from './values.js';
import type { Value } from './values.js';

const crlf = '\r\n';

/** What requests and responses have in common. */
abstract class HttpMessage extends Message {
  /** The body, when there is one. */
  get body(): Value | undefined {
    return this.find(Body)?.value;
  }

  /** The body as a part. @throws {FileAccessDenied} */
  bodyPart(settings: FullSettings): Part {
    const body = this.body;
    return body ? partOf(body, this.slotOf(Body), settings) : Buffer.alloc(0);
  }

  protected parts(settings: FullSettings): readonly Part[] {
    const parts = new PartList(settings);
    this.startLine(parts);
    this.clauses.forEach((clause, index) => {
      if (!isField(clause)) return;
      // A clause that has one value has a name that is not drawn.
      const nameIsDrawn = clause.values.length > 1;
      parts.value(clause.field[0], valueSlot(index)).bytes(': ');
      parts.value(clause.field[1], valueSlot(index, nameIsDrawn ? 1 : 0)).bytes(crlf);
    });
    return parts.bytes(crlf).part(this.bodyPart(settings)).finish();
  }

  protected abstract startLine(parts: PartList): void;

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
    parts.bytes(`HTTP/1.1 ${this.code} `);
    if (reason) parts.value(reason.value, this.slotOf(Reason));
    else parts.bytes(reasonFor(this.code));
    parts.bytes(crlf);
  }

  protected withDefaults(settings: FullSettings): readonly Clause[] {
    const clauses = this.websocket ? this.withHandshake(settings) : this.clauses;
    if (this.raw) return clauses;
    const length = this.body?.length(settings.files) ?? 0;
    return withFields(clauses, [Header.of('Content-Length', String(length))], settings);
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): Message {
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
    parts.bytes(this.find(NestedResponse)?.response.spec ?? '').bytes(` HTTP/1.1${crlf}`);
  }

  protected withDefaults(settings: FullSettings): readonly Clause[] {
    let clauses = this.websocket ? this.withHandshake(settings) : this.clauses;
    if (this.raw) return clauses;
    if (this.body) {
      const length = this.body.length(settings.files);
      clauses = withFields(clauses, [Header.of('Content-Length', String(length))], settings);
    }
    if (!settings.requestHost) return clauses;
    return withFields(clauses, [Header.of('Host', this.hostOfPath(settings) ?? settings.requestHost)], settings);
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): Message {
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
