/** A message that was sent, as the log keeps it: what it said is drawn again when somebody asks. */
import { encodeEscapes } from '../language/escapes.js';
import { FrameMessage, ResponseMessage } from '../language/index.js';
import type { Files, Message, Random } from '../language/index.js';
import { draw } from '../language/layout.js';
import { readSegment } from '../language/plan.js';
import type { FullSettings } from '../language/settings.js';
import type { FrameSentRecord, ResponseRecord } from './log-record.js';
import type { Servable, Serving } from './recipe.js';
import { dump } from './text-log.js';
import type { TextStyle } from './text-log.js';

/** Bytes of a body that a record shows. */
const previewLength = 1024;
/** Bytes that a message may have for its frozen spec to be worth showing. */
const longestExplained = 64 * 1024;
const clauseWeight = 256;

export class SentMessage {
  private readonly servable: Servable;
  private readonly message: Message;
  private readonly random: Random;
  private readonly length: number;
  /** What a file held when it was sent; it may be another one when the log is read. */
  private readonly preview: string | null | undefined;

  /**
   * @param started milliseconds since 1970, as is `ended`
   * @param disconnect whether a `d` closed the connection
   * @param bytes the bytes written, when they were to be kept
   */
  constructor(
    serving: Serving,
    private readonly files: Files,
    private readonly started: number,
    readonly ended: number,
    private readonly disconnect: boolean,
    readonly bytes: Buffer | undefined,
  ) {
    this.servable = serving.servable;
    this.message = serving.sending.message;
    this.random = serving.random;
    this.length = serving.sending.maximumLength;
    this.preview = this.servable.usesFiles ? this.readPreview() : undefined;
  }

  /** Bytes of memory that it keeps alive, roughly. */
  get weight(): number {
    return this.message.clauses.length * clauseWeight + (this.bytes?.length ?? 0);
  }

  record(): ResponseRecord | FrameSentRecord {
    const { started, ended, disconnect } = this;
    const body = this.preview === undefined ? this.readPreview() : this.preview;
    const common = { spec: this.message.spec, started, duration: ended - started, disconnect };
    if (!(this.message instanceof ResponseMessage)) return { type: 'frame', body: body ?? '', ...common };
    const { code, reason } = this.message;
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
    const spec = this.message instanceof FrameMessage ? this.message.spec : this.servable.spec;
    let text = `${lead}: ${spec}\n`;
    if (style.explain) text += `>> Spec: ${this.frozenSpec()}\n`;
    if (style.logResponses && this.bytes) text += dump('Bytes written', this.bytes, style);
    return text;
  }

  private frozenSpec(): string {
    if (this.length > longestExplained) return `(too long to show: it stands for ${String(this.length)} bytes)`;
    return this.message.freeze(this.settings).spec;
  }

  /** The beginning of the body or payload as it was sent, escaped; null when a response has none. */
  private readPreview(): string | null {
    const { message, settings } = this;
    if (message instanceof ResponseMessage && message.body === undefined) return null;
    if (!(message instanceof ResponseMessage || message instanceof FrameMessage)) return null;
    const part = message instanceof ResponseMessage ? message.bodyPart(settings) : message.payloadPart(settings);
    const segment = draw(part, this.random);
    return encodeEscapes(readSegment(segment, 0, Math.min(previewLength, segment.length)));
  }

  private get settings(): FullSettings {
    return { random: this.random, files: this.files };
  }
}
