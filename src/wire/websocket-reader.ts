/**
 * What one side says on a WebSocket, held to RFC 6455: push bytes, pull events. Messages are complete, and their
 * frames are kept as they came.
 */
import { ProtocolError } from '../errors.js';
import { readClose } from './websocket-close.js';
import type { CloseReason } from './websocket-close.js';
import { WebSocketError } from './websocket-error.js';
import { FrameReader } from './websocket-frames.js';
import type { ReceivedFrame } from './websocket-frames.js';

/** A message, in one frame or several. */
export interface MessageEvent {
  readonly kind: 'message';
  /** 1 text, 2 binary. */
  readonly opcode: 1 | 2;
  /** Whether its payload is compressed (RFC 7692, section 6). */
  readonly compressed: boolean;
  readonly frames: readonly ReceivedFrame[];
}

export type WebSocketEvent =
  | MessageEvent
  /** A ping or a pong; it may come between the frames of a message. */
  | { readonly kind: 'control'; readonly frame: ReceivedFrame }
  | { readonly kind: 'close'; readonly frame: ReceivedFrame; readonly close: CloseReason };

/** What is expected of the side that is read. */
export interface WebSocketReaderOptions {
  /** Whether its frames are masked: those of a client are. */
  readonly masked: boolean;
  /** Whether messages may be compressed. */
  readonly compression: boolean;
  /** Bytes that a message may have as it is sent. */
  readonly maximum: number;
}

const continuation = 0;
const close = 8;
const longestControl = 125;
/** Frames of one message. An empty frame has a few bytes, and what we know of it some hundred. */
const maximumFrames = 2 ** 18;

export class WebSocketReader {
  private readonly frames: FrameReader;
  private started: ReceivedFrame[] = [];
  private startedBytes = 0;

  constructor(private readonly options: WebSocketReaderOptions) {
    this.frames = new FrameReader({ maximumPayload: options.maximum });
  }

  /** Adds received bytes. */
  receive(chunk: Buffer): void {
    this.frames.receive(chunk);
  }

  /**
   * The next event, or undefined when more bytes are needed.
   * @throws {WebSocketError} for what RFC 6455 forbids, and for a message that is too large; nothing can be read then
   */
  next(): WebSocketEvent | undefined {
    for (;;) {
      const frame = this.nextFrame();
      if (frame === undefined) return undefined;
      this.check(frame);
      if (frame.opcode === close) return { kind: 'close', frame, close: readClose(frame.payload) };
      if (frame.opcode > close) return { kind: 'control', frame };
      this.add(frame);
      if (frame.fin) return this.complete();
    }
  }

  private nextFrame(): ReceivedFrame | undefined {
    try {
      return this.frames.next();
    } catch (error) {
      throw error instanceof ProtocolError ? new WebSocketError(error.message, 1009) : error;
    }
  }

  private check(frame: ReceivedFrame): void {
    const objection = this.objection(frame);
    if (objection !== undefined) throw new WebSocketError(objection, 1002);
  }

  private objection({ fin, rsv1, rsv2, rsv3, opcode, masked, minimal, length }: ReceivedFrame): string | undefined {
    if (masked !== this.options.masked)
      return masked ? 'a frame of a server is masked' : 'a frame of a client is not masked';
    if (!minimal) return 'the length of a frame is not written in the fewest bytes';
    const isControl = opcode >= close;
    const mayCompress = this.options.compression && (opcode === 1 || opcode === 2);
    if (rsv2 || rsv3 || (rsv1 && !mayCompress)) return 'a frame has a reserved bit set';
    if (opcode > 10 || (opcode > 2 && !isControl)) return `a frame has the reserved opcode ${String(opcode)}`;
    if (isControl && !fin) return 'a control frame is fragmented';
    if (isControl && length > longestControl) return `a control frame has more than ${String(longestControl)} bytes`;
    if (isControl) return undefined;
    const isInside = this.started.length > 0;
    if (opcode === continuation && !isInside) return 'a frame continues no message';
    if (opcode !== continuation && isInside) return 'a message begins within another one';
    return undefined;
  }

  private add(frame: ReceivedFrame): void {
    this.started.push(frame);
    this.startedBytes += frame.length;
    const { maximum } = this.options;
    if (this.startedBytes > maximum) throw new WebSocketError(`a message of more than ${String(maximum)} bytes`, 1009);
    if (this.started.length > maximumFrames) {
      throw new WebSocketError(`a message of more than ${String(maximumFrames)} frames`, 1009);
    }
  }

  private complete(): MessageEvent {
    const frames = this.started;
    this.started = [];
    this.startedBytes = 0;
    const first = frames[0];
    return { kind: 'message', opcode: first?.opcode === 1 ? 1 : 2, compressed: first?.rsv1 === true, frames };
  }
}
