/** WebSocket frames, as the log keeps them. */
import { encodeEscapes } from '../language/escapes.js';
import type { TlsFacts } from '../net/tls-facts.js';
import { describeFrame } from '../wire/describe-frame.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import type { FrameReceived, InboundRecord, ReflectedRecord } from './log-record.js';
import type { LogEntry } from './log.js';
import type { SentMessage } from './sent-message.js';
import { dump, longestDump } from './text-log.js';
import type { TextStyle } from './text-log.js';

/** Bytes of a payload that a record shows. */
const previewLength = 1024;
const ownWeight = 512;

/** A frame from a client. */
export class InboundEntry implements LogEntry {
  private readonly frame: FrameReceived;
  private readonly line: string;
  private readonly bytes: Buffer | undefined;
  readonly weight: number;

  constructor(
    frame: ReceivedFrame,
    private readonly tls: TlsFacts | undefined,
    private readonly started: number,
    readonly at: number,
    keepBytes: boolean,
  ) {
    const { fin, rsv1, rsv2, rsv3, opcode, masked: mask } = frame;
    this.frame = {
      ...{ fin, rsv1, rsv2, rsv3, opcode, mask },
      maskingKey: frame.key === undefined ? null : Buffer.from(frame.key),
      payloadLength: frame.length,
      payload: encodeEscapes(frame.payload.subarray(0, previewLength)),
    };
    this.line = describeFrame(frame);
    this.bytes = keepBytes ? Buffer.from(frame.bytes.subarray(0, longestDump)) : undefined;
    this.weight = ownWeight + this.frame.payload.length + (this.bytes?.length ?? 0);
  }

  record(id: number): InboundRecord {
    const { started, at, frame, bytes } = this;
    const times = { started, duration: at - started };
    return {
      id,
      type: 'inbound',
      protocol: 'websockets',
      cipher: this.tls?.cipher ?? null,
      ...times,
      frame,
      ...(bytes && { requestBytes: bytes }),
    };
  }

  text(style: TextStyle): string {
    const { payload } = this.frame;
    const shown = payload === '' ? '' : `Payload:\n${payload}\n`;
    return `${this.line}\n${shown}${this.bytes ? dump('Bytes read', this.bytes, style) : ''}`;
  }
}

/** A frame that a client asked for with a frame of its own. */
export class ReflectedEntry implements LogEntry {
  readonly weight: number;

  constructor(private readonly sent: SentMessage) {
    this.weight = ownWeight + sent.weight;
  }

  get at(): number {
    return this.sent.ended;
  }

  record(id: number): ReflectedRecord {
    const { body, spec, started, duration, disconnect } = this.sent.record();
    const record = { body: body ?? '', spec, started, duration, disconnect };
    const { bytes } = this.sent;
    return { id, type: 'reflected', protocol: 'websockets', ...record, ...(bytes && { responseBytes: bytes }) };
  }

  text(style: TextStyle): string {
    return this.sent.text('crafting websocket spec', style);
  }
}
