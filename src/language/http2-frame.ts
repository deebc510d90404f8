/** Raw HTTP/2 frames: what their types ask for by default, and their bytes (RFC 9113, section 6). */
import { RenderError } from '../errors.js';
import { flagsOfType, frameFlags, frameTypeName, frameTypes } from '../wire/http2-registry.js';
import type { FrameFlagName, FrameTypeName } from '../wire/http2-registry.js';
import { encodeHttp2FrameHeader } from '../wire/http2-frames.js';
import type { Clause } from './clause.js';
import { FlagsByte, FrameFlag } from './clauses/frame-flags.js';
import { FrameLength } from './clauses/frame-length.js';
import { FrameType } from './clauses/frame-type.js';
import { Fragments } from './clauses/fragments.js';
import { Padding } from './clauses/padding.js';
import { ReservedBit } from './clauses/reserved-bit.js';
import { Stream } from './clauses/stream.js';
import type { StreamRole } from './clauses/stream.js';
import { FramePayload, hasPriority } from './frame-payload.js';
import { PartList } from './layout.js';
import { Message } from './message.js';
import type { Anatomy } from './message.js';
import type { FullSettings, Settings } from './settings.js';
import { resolveStream, streamsOf } from './stream-reference.js';
import type { StreamReference } from './stream-reference.js';

/** Frames of the connection: on any stream but 0 they are an error of another kind. */
const ofConnection: ReadonlySet<FrameTypeName> = new Set(['settings', 'ping', 'goaway', 'origin', 'priority_update']);

/** The greatest length that a frame header can claim. */
const longestClaim = 0xffffff;

/** A raw HTTP/2 frame, and the CONTINUATION frames that its header block is split into. */
export class Http2FrameMessage extends Message {
  readonly kind = 'http2-frame';

  /** @param client whether a client sends it: its `new` streams are odd */
  constructor(
    clauses: readonly Clause[],
    readonly client: boolean,
    resolved = false,
  ) {
    super(clauses, resolved);
  }

  /** 0 to 255. */
  get type(): number {
    return this.find(FrameType)?.number ?? frameTypes.data;
  }

  /** The byte of the flags of its (first) frame. */
  get flags(): number {
    const isSplit = this.find(Fragments) !== undefined && this.flagWritten('end_headers') === undefined;
    return this.flagsByte(isSplit ? { end_headers: false } : {});
  }

  /**
   * The stream that it is sent on.
   * @throws {RenderError} when there is none of that number
   */
  streamId(settings?: Settings): number {
    return resolveStream(this.stream('stream') ?? this.defaultStream, streamsOf(settings ?? {}, this.client));
  }

  /** Whether it is a HEADERS frame, which opens its stream. */
  get opensStream(): boolean {
    return this.type === frameTypes.headers;
  }

  /** Whether it takes the next stream of our side, `snew`. */
  get opensNextStream(): boolean {
    return this.stream('stream') === 'new';
  }

  /** Whether it is on the stream in hand, whichever that is. */
  get onStreamInHand(): boolean {
    const stream = this.stream('stream') ?? this.defaultStream;
    return stream === '+0' || stream === '-0';
  }

  /** Whether it promises the next stream of our side, which is then taken. */
  get promisesNextStream(): boolean {
    const promised = this.stream('promised');
    return promised === 'new' || (promised === undefined && this.type === frameTypes.push_promise);
  }

  /** Whether it is DATA or HEADERS with END_STREAM. */
  get endsStream(): boolean {
    const { type } = this;
    return (type === frameTypes.data || type === frameTypes.headers) && (this.flags & frameFlags.end_stream) !== 0;
  }

  /** Settings say which stream it is on. */
  override get stable(): boolean {
    return false;
  }

  protected withDefaults(): readonly Clause[] {
    return this.clauses;
  }

  protected anatomy(settings: FullSettings): Anatomy {
    const payload = new FramePayload(this.clauses, this.typeName, streamsOf(settings, this.client), this.client);
    const sizes = this.find(Fragments)?.sizes.map(({ bytes }) => bytes);
    const parts = new PartList(settings);
    if (sizes === undefined) {
      const content = payload.whole(settings);
      const length = content.reduce((sum, part) => sum + part.length, 0);
      parts.bytes(this.header(length, this.flagsByte({}), settings));
      const body = parts.length;
      for (const part of content) parts.part(part);
      return { parts: parts.finish(), headers: 0, body };
    }
    const { first, rest } = payload.split(sizes, settings);
    parts.bytes(this.header(first.length, this.flagsByte({ end_headers: rest.length === 0 }), settings)).bytes(first);
    const ends = this.flagWritten('end_headers');
    const streamId = this.streamId(settings);
    rest.forEach((fragment, i) => {
      const flags = (ends ?? i === rest.length - 1) ? frameFlags.end_headers : 0;
      const { continuation: type } = frameTypes;
      parts.bytes(encodeHttp2FrameHeader({ length: fragment.length, type, flags, reserved: false, streamId }));
      parts.bytes(fragment);
    });
    return { parts: parts.finish(), headers: 0, body: 9 };
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): Http2FrameMessage {
    return new Http2FrameMessage(clauses, this.client, resolved);
  }

  private get typeName(): FrameTypeName | undefined {
    return frameTypeName(this.type);
  }

  private get defaultStream(): StreamReference {
    return this.typeName !== undefined && ofConnection.has(this.typeName) ? 0 : '+0';
  }

  private stream(role: StreamRole): StreamReference | undefined {
    return this.clauses.find((clause): clause is Stream => clause instanceof Stream && clause.name === role)?.reference;
  }

  private header(payloadLength: number, flags: number, settings: FullSettings): Buffer {
    const length = this.find(FrameLength)?.length ?? payloadLength;
    if (length > longestClaim) {
      throw new RenderError(
        `a frame header has no room for a length of ${String(length)}: give what it is to claim with l`,
      );
    }
    const reserved = this.find(ReservedBit) !== undefined;
    return encodeHttp2FrameHeader({ length, type: this.type, flags, reserved, streamId: this.streamId(settings) });
  }

  /** @param otherwise flags whose default is another one than usual */
  private flagsByte(otherwise: Partial<Record<FrameFlagName, boolean>>): number {
    const written = this.find(FlagsByte)?.byte;
    let byte = written ?? 0;
    const set = (name: FrameFlagName, on: boolean): void => {
      byte = on ? byte | frameFlags[name] : byte & ~frameFlags[name];
    };
    if (written === undefined) {
      const known = this.typeName === undefined ? [] : flagsOfType[this.typeName];
      if (known.includes('end_headers')) set('end_headers', otherwise.end_headers ?? true);
      if (this.find(Padding)) set('padded', true);
      if (known.includes('priority') && hasPriority(this.clauses)) set('priority', true);
    }
    for (const clause of this.clauses) if (clause instanceof FrameFlag) set(clause.name, clause.set);
    return byte;
  }

  private flagWritten(name: FrameFlagName): boolean | undefined {
    return this.clauses.find((clause): clause is FrameFlag => clause instanceof FrameFlag && clause.name === name)?.set;
  }
}
