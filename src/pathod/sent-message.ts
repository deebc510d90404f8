/** A message that was sent, as the log keeps it: what it said is drawn again when somebody asks. */
import { FileAccessDenied, RenderError } from '../errors.js';
import { encodeEscapes } from '../language/escapes.js';
import { FrameMessage, ResponseMessage } from '../language/index.js';
import type { Files } from '../language/index.js';
import { draw } from '../language/layout.js';
import { readSegment } from '../language/plan.js';
import type { FullSettings } from '../language/settings.js';
import type { FrameSentRecord, ResponseRecord } from './log-record.js';
import type { Served } from './recipe.js';
import { dump } from './text-log.js';
import type { TextStyle } from './text-log.js';

/** Bytes of a body that a record shows. */
const previewLength = 1024;
/** Bytes that a message may have for its frozen spec to be worth showing. */
const longestExplained = 64 * 1024;
const clauseWeight = 256;

export class SentMessage {
  /** What a file held when it was sent; it may be another one when the log is read. */
  private readonly preview: string | null | undefined;

  /**
   * @param started milliseconds since 1970, as is `ended`
   * @param disconnect whether a `d` closed the connection, or a failure in the middle of the message
   * @param bytes the bytes written, when they were to be kept
   */
  constructor(
    private readonly served: Served,
    private readonly files: Files,
    private readonly started: number,
    readonly ended: number,
    private readonly disconnect: boolean,
    readonly bytes: Buffer | undefined,
  ) {
    this.preview = served.servable.usesFiles ? this.readPreviewNow() : undefined;
  }

  /** Bytes of memory that it keeps alive, roughly. */
  get weight(): number {
    const { message, servable } = this.served;
    return message.clauses.length * clauseWeight + servable.weight + (this.bytes?.length ?? 0);
  }

  record(): ResponseRecord | FrameSentRecord {
    const { started, ended, disconnect } = this;
    const { message } = this.served;
    const body = this.preview === undefined ? this.readPreview() : this.preview;
    const common = { spec: message.spec, started, duration: ended - started, disconnect };
    if (!(message instanceof ResponseMessage)) return { type: 'frame', body: body ?? '', ...common };
    const { code, reason } = message;
    return {
      type: 'response',
      statusCode: code,
      reason: reason?.toString('latin1') ?? null,
      version: 'HTTP/1.1',
      body,
      ...common,
    };
  }

  /** Its lines in the text log. @param lead what the spec stands behind */
  text(lead: string, style: TextStyle): string {
    const { message, servable } = this.served;
    const spec = message instanceof FrameMessage ? message.spec : servable.spec;
    let text = `${lead}: ${spec}\n`;
    if (style.explain) text += `>> Spec: ${this.frozenSpec()}\n`;
    if (style.logResponses && this.bytes) text += dump('Bytes written', this.bytes, style);
    return text;
  }

  private frozenSpec(): string {
    const { message, maximumLength: length } = this.served;
    if (length > longestExplained) return `(too long to show: it stands for ${String(length)} bytes)`;
    return message.freeze(this.settings).spec;
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

  /** The beginning of the body or payload as it was sent, escaped; null when a response has none. */
  private readPreview(): string | null {
    const { message } = this.served;
    const { settings } = this;
    if (message instanceof ResponseMessage && message.body === undefined) return null;
    if (!(message instanceof ResponseMessage || message instanceof FrameMessage)) return null;
    const part = message instanceof ResponseMessage ? message.bodyPart(settings) : message.payloadPart(settings);
    const segment = draw(part, settings.random);
    return encodeEscapes(readSegment(segment, 0, Math.min(previewLength, segment.length)));
  }

  private get settings(): FullSettings {
    return { random: this.served.random, files: this.files };
  }
}
