/** A body in DATA frames (RFC 9113, section 6.1), made as it is read. */
import { frameHeaderLength, writeHttp2FrameHeader } from '../wire/http2-frames.js';
import { frameFlags, frameTypes } from '../wire/http2-registry.js';
import { draw } from './layout.js';
import type { Part } from './layout.js';
import { readSegment } from './plan.js';
import type { Segment } from './plan.js';

/** Bytes of a payload that every peer takes (RFC 9113, section 4.2). */
const payloadSize = 16384;
const frameSize = frameHeaderLength + payloadSize;

/** Frames of 16384 bytes, the last one shorter. @param endStream whether the last one ends the stream */
export function dataFrames(content: Part, streamId: number, endStream: boolean): Part {
  const count = Math.max(1, Math.ceil(content.length / payloadSize));
  const length = content.length + count * frameHeaderLength;
  const frame = (index: number, body: Segment): Buffer => {
    const from = index * payloadSize;
    const data = readSegment(body, from, Math.min(content.length, from + payloadSize));
    const flags = endStream && index === count - 1 ? frameFlags.end_stream : 0;
    const bytes = Buffer.allocUnsafe(frameHeaderLength + data.length);
    writeHttp2FrameHeader(bytes, 0, { length: data.length, type: frameTypes.data, flags, reserved: false, streamId });
    bytes.set(data, frameHeaderLength);
    return bytes;
  };
  if (Buffer.isBuffer(content) && count === 1) return frame(0, content);
  return {
    length,
    draw(random) {
      const body = draw(content, random);
      return {
        length,
        read(at, into) {
          for (let done = 0; done < into.length;) {
            const index = Math.floor((at + done) / frameSize);
            const piece = frame(index, body).subarray(at + done - index * frameSize);
            into.set(piece.subarray(0, into.length - done), done);
            done += Math.min(piece.length, into.length - done);
          }
        },
      };
    },
  };
}
