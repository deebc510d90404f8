import { encodeFrameHeader, mask } from './websocket-frames.js';

/** A frame to be sent. */
export interface OutgoingFrame {
  readonly opcode: number;
  readonly fin: boolean;
  /** Whether it begins a compressed message (RFC 7692, section 6). */
  readonly compressed: boolean;
  readonly payload: Buffer;
  /** Four bytes, of a client alone. */
  readonly key: Buffer | undefined;
}

/** The bytes of a frame. */
export function encodeFrame({ opcode, fin, compressed, payload, key }: OutgoingFrame): Buffer {
  const header = encodeFrameHeader({
    ...{ fin, rsv1: compressed, rsv2: false, rsv3: false, opcode, key },
    masked: key !== undefined,
    length: payload.length,
  });
  const bytes = Buffer.concat([header, payload]);
  if (key !== undefined) mask(bytes.subarray(header.length), key, 0);
  return bytes;
}

/**
 * Cuts a payload into as many pieces as there are lengths, each of its length where that is possible; the last one
 * takes what is left.
 */
export function cutPayload(payload: Buffer, lengths: readonly number[]): readonly Buffer[] {
  let from = 0;
  return lengths.map((length, i) => {
    const to = i === lengths.length - 1 ? payload.length : Math.min(from + length, payload.length);
    const piece = payload.subarray(from, to);
    from = to;
    return piece;
  });
}
