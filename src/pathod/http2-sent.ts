/** What was sent for a request over HTTP/2, as the log keeps it: what it said is drawn again when somebody asks. */
import { FileAccessDenied, RenderError } from '../errors.js';
import { encodeEscapes } from '../language/escapes.js';
import { Http2ResponseMessage } from '../language/index.js';
import type { Random, Segment } from '../language/index.js';
import { draw } from '../language/layout.js';
import { readSegment } from '../language/plan.js';
import { fullSettings } from '../language/settings.js';
import type { Http2Servable, Http2Serving, Http2Turn } from './http2-recipe.js';
import type { FrameSentRecord, ResponseRecord } from './log-record.js';
import { dump } from './text-log.js';
import type { TextStyle } from './text-log.js';

/** Bytes of a body that a record shows. */
const previewLength = 1024;
/** Messages, and bytes of them, that may be drawn again for the frozen spec to be worth showing. */
const mostExplained = 256;
const longestExplained = 64 * 1024;

/** When it was sent, and how that ended. */
export interface Http2Sending {
  readonly streamId: number;
  /** Milliseconds since 1970, as is `ended`. */
  readonly started: number;
  readonly ended: number;
  /** Whether a `d` closed the connection, or a failure or a reset cut it short. */
  readonly disconnect: boolean;
  /** The bytes of its frames, when they were to be kept. */
  readonly bytes: Buffer | undefined;
}

export class Http2Sent {
  /** What a file held when it was sent; it may be another one when the log is read. */
  private readonly preview: string | null | undefined;

  private readonly servable: Http2Servable;
  private readonly random: Random;

  constructor(
    serving: Http2Serving,
    private readonly sending: Http2Sending,
  ) {
    // Not what was drawn.
    this.servable = serving.servable;
    this.random = serving.random;
    this.preview = this.servable.usesFiles ? this.readPreviewNow() : undefined;
  }

  get ended(): number {
    return this.sending.ended;
  }

  get bytes(): Buffer | undefined {
    return this.sending.bytes;
  }

  /** Bytes of memory that it keeps alive, roughly. */
  get weight(): number {
    return 256 + this.servable.weight + (this.bytes?.length ?? 0);
  }

  record(): ResponseRecord | FrameSentRecord {
    const { started, ended, disconnect } = this.sending;
    const { message } = this.shown();
    const body = this.preview === undefined ? this.readPreview() : this.preview;
    const common = { spec: this.servable.spec, started, duration: ended - started, disconnect };
    if (!(message instanceof Http2ResponseMessage)) return { type: 'frame', body: body ?? '', ...common };
    return { type: 'response', statusCode: message.code, reason: null, version: 'HTTP/2.0', body, ...common };
  }

  /** Its lines in the text log. */
  text(style: TextStyle): string {
    let text = `crafting spec: ${this.servable.spec}\n`;
    if (style.explain) text += `>> Spec: ${this.frozenSpec()}\n`;
    if (style.logResponses && this.bytes) text += dump('Bytes written', this.bytes, style);
    return text;
  }

  private frozenSpec(): string {
    const { servable, random } = this;
    if (servable.sequence.length > mostExplained) return '(too many messages to show)';
    const specs: string[] = [];
    let length = 0;
    for (const { message, settings } of servable.turns(random)) {
      const full = { ...settings, streamId: this.sending.streamId };
      length += message.maximumLength(full);
      if (length > longestExplained) return `(too long to show: it stands for more than ${longestExplained} bytes)`;
      specs.push(message.freeze(full).spec);
    }
    return specs.join(' ');
  }

  private shown(): Http2Turn {
    return this.servable.shown(this.random);
  }

  /** The preview of what a file holds now; it may have gone since it was sent. */
  private readPreviewNow(): string | null {
    try {
      return this.readPreview();
    } catch (error) {
      if (error instanceof FileAccessDenied || error instanceof RenderError) return null;
      throw error;
    }
  }

  /** The beginning of the body or the payload, escaped; null when a response has none. */
  private readPreview(): string | null {
    const { message, settings } = this.shown();
    const full = fullSettings({ ...settings, streamId: this.sending.streamId });
    if (message instanceof Http2ResponseMessage) {
      return message.body === undefined ? null : preview(draw(message.bodyPart(full), full.random), 0);
    }
    const [first = Buffer.alloc(0), ...rest] = message.plan(full).segments;
    // The header of a frame is nine bytes long, and known.
    return Buffer.isBuffer(first) && first.length > 9 ? preview(first, 9) : preview(rest[0] ?? Buffer.alloc(0), 0);
  }
}

function preview(segment: Segment, from: number): string {
  return encodeEscapes(readSegment(segment, from, Math.min(from + previewLength, segment.length)));
}
