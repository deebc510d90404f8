/** Every frame that passes, for `--http2-framedump`. */
import { decodeHttp2FrameHeader, frameHeaderLength } from '../wire/http2-frames.js';
import type { Http2Frame } from '../wire/http2-frames.js';

/** Which way a frame goes. */
export type Direction = 'sent' | 'received';

/** Is told of each frame that passes. It must copy what it keeps; a promise holds up the peer. */
export type FrameListener = (direction: Direction, frame: Http2Frame) => void | Promise<void>;

/** Takes frames apart for a listener. */
export class Http2FrameTap {
  private slow: Promise<void> | undefined;

  constructor(private readonly listener: FrameListener) {}

  /** Resolves once the listener has dealt with all that it was told; undefined when it has already. */
  get settled(): Promise<void> | undefined {
    const { slow } = this;
    this.slow = undefined;
    return slow;
  }

  readonly received = (frame: Http2Frame): void => {
    this.tell('received', frame);
  };

  /**
   * Frames that were sent.
   * @param bytes as they were sent; of the last frame only the beginning need be there
   */
  readonly sent = (bytes: Buffer): void => {
    for (let at = 0; at + frameHeaderLength <= bytes.length;) {
      const header = decodeHttp2FrameHeader(bytes, at);
      const frame = bytes.subarray(at, at + frameHeaderLength + header.length);
      this.tell('sent', { ...header, payload: frame.subarray(frameHeaderLength), bytes: frame });
      at += frame.length;
    }
  };

  private tell(direction: Direction, frame: Http2Frame): void {
    const told = this.listener(direction, frame);
    if (told !== undefined) this.slow = told;
  }
}
