/**
 * Encoders of the frames of RFC 9113, section 6. Each takes what the frame says and, behind it, raw
 * overrides of its header, which may make a frame that no peer should accept.
 */
import type { Http2FrameParts } from './http2-frames.js';
import { encodeHttp2Frame } from './http2-frames.js';
import type { FrameFlagName, FrameTypeName } from './http2-registry.js';
import { frameFlags, frameTypes } from './http2-registry.js';
import type { SettingPairs, StreamPriority } from './http2-payload.js';

/** Replaces parts of a frame's header; `flags` is the whole byte. */
export type FrameOverrides = Partial<Omit<Http2FrameParts, 'payload'>>;

/** Padding (RFC 9113, section 6.1): so many zero bytes, these bytes, or these with a count that may be a lie. */
export type Padding = number | Uint8Array | { readonly claimed: number; readonly bytes: Uint8Array };

const none = Buffer.alloc(0);

function encode(
  type: FrameTypeName,
  streamId: number,
  payload: Uint8Array,
  flags: Partial<Record<FrameFlagName, boolean>>,
  overrides: FrameOverrides,
): Buffer {
  const byte = (Object.keys(frameFlags) as FrameFlagName[]).reduce(
    (bits, flag) => (flags[flag] === true ? bits | frameFlags[flag] : bits),
    0,
  );
  return encodeHttp2Frame({ type: frameTypes[type], flags: byte, streamId, ...overrides, payload });
}

function padded(content: readonly Uint8Array[], padding: Padding | undefined): Buffer {
  if (padding === undefined) return Buffer.concat(content);
  const { claimed, bytes } =
    typeof padding === 'number'
      ? { claimed: padding, bytes: Buffer.alloc(padding) }
      : padding instanceof Uint8Array
        ? { claimed: padding.length, bytes: padding }
        : padding;
  if (claimed > 255) throw new TypeError(`a frame has room for 255 bytes of padding, not ${claimed}`);
  return Buffer.concat([Buffer.of(claimed), ...content, bytes]);
}

function uint32(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function priorityBytes({ exclusive, dependency, weight }: StreamPriority): Buffer {
  return Buffer.concat([uint32(exclusive ? dependency + 0x80000000 : dependency), Buffer.of(weight - 1)]);
}

/** DATA (section 6.1). */
export function encodeDataFrame(
  frame: {
    readonly streamId: number;
    readonly data: Uint8Array;
    readonly endStream?: boolean;
    readonly padding?: Padding | undefined;
  },
  overrides: FrameOverrides = {},
): Buffer {
  const flags = { end_stream: frame.endStream === true, padded: frame.padding !== undefined };
  const payload = frame.padding === undefined ? frame.data : padded([frame.data], frame.padding);
  return encode('data', frame.streamId, payload, flags, overrides);
}

/** HEADERS (section 6.2); END_HEADERS is set unless `endHeaders` is false. */
export function encodeHeadersFrame(
  frame: {
    readonly streamId: number;
    readonly fragment: Uint8Array;
    readonly endStream?: boolean;
    readonly endHeaders?: boolean;
    readonly priority?: StreamPriority | undefined;
    readonly padding?: Padding | undefined;
  },
  overrides: FrameOverrides = {},
): Buffer {
  const { fragment, priority, padding } = frame;
  const flags = {
    end_stream: frame.endStream === true,
    end_headers: frame.endHeaders !== false,
    padded: padding !== undefined,
    priority: priority !== undefined,
  };
  const content = priority ? [priorityBytes(priority), fragment] : [fragment];
  return encode('headers', frame.streamId, padded(content, padding), flags, overrides);
}

/** PRIORITY (section 6.3). */
export function encodePriorityFrame(
  frame: StreamPriority & { readonly streamId: number },
  overrides: FrameOverrides = {},
): Buffer {
  return encode('priority', frame.streamId, priorityBytes(frame), {}, overrides);
}

/** RST_STREAM (section 6.4). */
export function encodeRstStreamFrame(
  frame: { readonly streamId: number; readonly errorCode: number },
  overrides: FrameOverrides = {},
): Buffer {
  return encode('rst_stream', frame.streamId, uint32(frame.errorCode), {}, overrides);
}

/** SETTINGS (section 6.5). */
export function encodeSettingsFrame(
  frame: { readonly settings?: SettingPairs; readonly ack?: boolean },
  overrides: FrameOverrides = {},
): Buffer {
  const { settings = [] } = frame;
  const payload = Buffer.allocUnsafe(6 * settings.length);
  settings.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  });
  return encode('settings', 0, payload, { ack: frame.ack === true }, overrides);
}

/** PUSH_PROMISE (section 6.6); END_HEADERS is set unless `endHeaders` is false. */
export function encodePushPromiseFrame(
  frame: {
    readonly streamId: number;
    readonly promisedStreamId: number;
    readonly fragment: Uint8Array;
    readonly endHeaders?: boolean;
    readonly padding?: Padding | undefined;
  },
  overrides: FrameOverrides = {},
): Buffer {
  const flags = { end_headers: frame.endHeaders !== false, padded: frame.padding !== undefined };
  const payload = padded([uint32(frame.promisedStreamId), frame.fragment], frame.padding);
  return encode('push_promise', frame.streamId, payload, flags, overrides);
}

/** PING (section 6.7): eight bytes, if the peer is to accept it. */
export function encodePingFrame(
  frame: { readonly opaque?: Uint8Array; readonly ack?: boolean },
  overrides: FrameOverrides = {},
): Buffer {
  return encode('ping', 0, frame.opaque ?? Buffer.alloc(8), { ack: frame.ack === true }, overrides);
}

/** GOAWAY (section 6.8). */
export function encodeGoawayFrame(
  frame: { readonly lastStreamId: number; readonly errorCode: number; readonly debug?: Uint8Array | undefined },
  overrides: FrameOverrides = {},
): Buffer {
  const payload = Buffer.concat([uint32(frame.lastStreamId), uint32(frame.errorCode), frame.debug ?? none]);
  return encode('goaway', 0, payload, {}, overrides);
}

/** WINDOW_UPDATE (section 6.9), of the connection on stream 0. */
export function encodeWindowUpdateFrame(
  frame: { readonly streamId?: number; readonly increment: number },
  overrides: FrameOverrides = {},
): Buffer {
  return encode('window_update', frame.streamId ?? 0, uint32(frame.increment), {}, overrides);
}

/** CONTINUATION (section 6.10); END_HEADERS is set unless `endHeaders` is false. */
export function encodeContinuationFrame(
  frame: { readonly streamId: number; readonly fragment: Uint8Array; readonly endHeaders?: boolean },
  overrides: FrameOverrides = {},
): Buffer {
  const flags = { end_headers: frame.endHeaders !== false };
  return encode('continuation', frame.streamId, frame.fragment, flags, overrides);
}

/** A header block on its way: what its first frame is, and how the block is split. */
export interface HeaderBlockParts {
  readonly streamId: number;
  readonly block: Uint8Array;
  readonly endStream?: boolean;
  readonly priority?: StreamPriority | undefined;
  readonly padding?: Padding | undefined;
  /** Makes it a PUSH_PROMISE of this stream. */
  readonly promisedStreamId?: number | undefined;
  /** Bytes of the block in each frame, at least 1. Default: 16384 less what else the first frame holds. */
  readonly fragmentSize?: number | undefined;
}

/** A HEADERS or PUSH_PROMISE frame and the CONTINUATION frames that its block needs (RFC 9113, section 4.3). */
export function encodeHeaderBlock(parts: HeaderBlockParts): Buffer {
  // Room is left for priority, a promised stream and the most padding there can be.
  const { streamId, block, fragmentSize = parts.padding === undefined ? 16384 - 9 : 16384 - 265 } = parts;
  if (fragmentSize < 1) throw new TypeError(`a header block cannot be split into fragments of ${fragmentSize} bytes`);
  const endHeaders = block.length <= fragmentSize;
  const fragment = endHeaders ? block : block.subarray(0, fragmentSize);
  const { promisedStreamId } = parts;
  const first =
    promisedStreamId === undefined
      ? encodeHeadersFrame({ ...parts, fragment, endHeaders })
      : encodePushPromiseFrame({ streamId, promisedStreamId, fragment, endHeaders, padding: parts.padding });
  if (endHeaders) return first;
  const frames = [first];
  for (let at = fragmentSize; at < block.length; at += fragmentSize) {
    const next = block.subarray(at, at + fragmentSize);
    frames.push(encodeContinuationFrame({ streamId, fragment: next, endHeaders: at + fragmentSize >= block.length }));
  }
  return Buffer.concat(frames);
}
