/** Sends what one side of a WebSocket said to the other side. */
import type { Duplex } from 'node:stream';
import type { DeflateDirection } from '../wire/websocket-deflate.js';
import { closePayload } from '../wire/websocket-close.js';
import type { CloseReason } from '../wire/websocket-close.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import type { MessageEvent } from '../wire/websocket-reader.js';
import { cutPayload, encodeFrame } from '../wire/websocket-writer.js';
import type { WebSocketMessage } from './flow/websocket.js';
import { maskingKey } from './masking-key.js';

/** A message as it was received. */
export interface ReceivedMessage extends MessageEvent {
  readonly content: Buffer;
  /** Whether the receiver understands it as it was compressed. */
  readonly inStep: boolean;
}

export class WebSocketOutlet {
  /** Whether a Close frame was sent: nothing may follow it. */
  closed = false;

  /** @param masks whether we are the client here, whose frames are masked */
  constructor(
    readonly duplex: Duplex,
    private readonly masks: boolean,
    private readonly deflate: DeflateDirection | undefined,
  ) {}

  /** Has what is sent in this turn written in one go: a chunk may hold hundreds of frames. */
  gather(): void {
    const { duplex } = this;
    duplex.cork();
    process.nextTick(() => {
      duplex.uncork();
    });
  }

  /** Sends a frame as it is. */
  forward({ bytes }: ReceivedFrame): void {
    this.write(bytes);
  }

  /**
   * Sends a message: as it was received when it still says the same, in one frame or as many as it had otherwise.
   * @returns a promise only when it must be waited for before another message is sent
   */
  send(message: WebSocketMessage, received?: ReceivedMessage): void | Promise<void> {
    const { deflate } = this;
    if (message.dropped) {
      if (received?.compressed === true) deflate?.withheld();
      return undefined;
    }
    if (received === undefined) return this.compose(message, deflate !== undefined, [0]);
    const isSame = message.content === received.content || message.content.equals(received.content);
    if (isSame && (!received.compressed || received.inStep)) {
      if (received.compressed) deflate?.passed(received.content);
      this.forwardAll(received.frames);
      return undefined;
    }
    const keepsFrames = message.content.length === received.content.length;
    const lengths = keepsFrames ? received.frames.map(({ length }) => length) : [0];
    return this.compose(message, received.compressed, lengths);
  }

  /** Answers a ping (RFC 6455, section 5.5.3). */
  pong(payload: Buffer): void {
    this.writeFrame(10, true, false, payload);
  }

  close(close: CloseReason): void {
    if (this.closed) return;
    this.writeFrame(8, true, false, closePayload(close));
    this.closed = true;
  }

  private compose(
    { opcode, content }: WebSocketMessage,
    compress: boolean,
    lengths: readonly number[],
  ): void | Promise<void> {
    const deflated = compress ? this.deflate?.deflate(content) : undefined;
    if (deflated instanceof Promise) {
      return deflated.then((payload) => {
        this.writeMessage(opcode, true, payload, lengths);
      });
    }
    this.writeMessage(opcode, deflated !== undefined, deflated ?? content, lengths);
    return undefined;
  }

  private writeMessage(opcode: number, compressed: boolean, payload: Buffer, lengths: readonly number[]): void {
    this.duplex.cork();
    cutPayload(payload, lengths).forEach((piece, i) => {
      const isFirst = i === 0;
      this.writeFrame(isFirst ? opcode : 0, i === lengths.length - 1, compressed && isFirst, piece);
    });
    this.duplex.uncork();
  }

  private forwardAll(frames: readonly ReceivedFrame[]): void {
    if (frames.length > 1) this.duplex.cork();
    for (const frame of frames) this.forward(frame);
    if (frames.length > 1) this.duplex.uncork();
  }

  private writeFrame(opcode: number, fin: boolean, compressed: boolean, payload: Buffer): void {
    this.write(encodeFrame({ opcode, fin, compressed, payload, key: this.masks ? maskingKey() : undefined }));
  }

  private write(bytes: Buffer): void {
    if (!this.closed && this.duplex.writable) this.duplex.write(bytes);
  }
}
