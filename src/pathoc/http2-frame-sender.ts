/** Sends raw frames: exactly their bytes, and nothing else between them. */
import type { Plan } from '../language/index.js';
import type { Played } from '../net/play.js';
import { decodeHttp2FrameHeader, frameHeaderLength } from '../wire/http2-frames.js';
import type { BodyBudget } from './http2-answer-builder.js';
import type { Http2Line } from './http2-line.js';

/** Bytes of a message that are looked at for what they mean. */
const mostRead = 64 * 1024;

/**
 * Plays a message of raw frames. The connection takes account of each frame before its last byte is written: it
 * may be answered from then on.
 * @param budget for the bodies of the answers
 * @throws {RenderError} when a file that is sent has become shorter
 */
export async function sendHttp2Frames(line: Http2Line, plan: Plan, budget: BodyBudget): Promise<Played> {
  const frames = new FrameSplitter();
  const observe = (bytes: Buffer): void => {
    line.written.add(bytes);
    line.moved?.();
    const complete = frames.add(bytes);
    if (complete.length > 0) line.sentRaw(complete, budget);
  };
  try {
    return await line.writer.play(plan, () => true, observe);
  } finally {
    if (frames.rest.length > 0) line.sentRaw(frames.rest, budget);
  }
}

/** Finds the ends of frames in what is written. */
class FrameSplitter {
  private waiting: Buffer = Buffer.alloc(0);
  private hasOverflown = false;

  /** What is there of a frame that was not complete. */
  get rest(): Buffer {
    return this.waiting;
  }

  /** Takes bytes, and gives the frames that they complete. */
  add(bytes: Buffer): Buffer {
    if (this.hasOverflown) return Buffer.alloc(0);
    const all = Buffer.concat([this.waiting, bytes]);
    const end = endOfFrames(all);
    this.waiting = Buffer.from(all.subarray(end, end + mostRead));
    this.hasOverflown = all.length - end > mostRead;
    return all.subarray(0, end);
  }
}

/** Where the last complete frame ends. */
function endOfFrames(bytes: Buffer): number {
  let end = 0;
  while (end + frameHeaderLength <= bytes.length) {
    const next = end + frameHeaderLength + decodeHttp2FrameHeader(bytes, end).length;
    if (next > bytes.length) break;
    end = next;
  }
  return end;
}
