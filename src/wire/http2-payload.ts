/** What frames say: their payloads, by type (RFC 9113, section 6). */
import { Http2Error } from './http2-error.js';
import type { Http2Frame } from './http2-frames.js';
import { frameFlags, frameTypeName, hexadecimal } from './http2-registry.js';

/** The priority fields of RFC 7540, deprecated since (RFC 9113, section 5.3). */
export interface StreamPriority {
  readonly exclusive: boolean;
  /** Stream id. */
  readonly dependency: number;
  /** 1 to 256: one more than the byte on the wire. */
  readonly weight: number;
}

/** Settings as they stand on the wire: unknown and repeated ones included, in order. */
export type SettingPairs = readonly (readonly [id: number, value: number])[];

/** What a frame says. Buffers are views of its bytes; `padding` is undefined without the PADDED flag. */
export type Http2Payload =
  | {
      readonly type: 'data';
      readonly data: Buffer;
      readonly endStream: boolean;
      readonly padding: Buffer | undefined;
    }
  | {
      readonly type: 'headers';
      readonly fragment: Buffer;
      readonly endStream: boolean;
      readonly endHeaders: boolean;
      readonly priority: StreamPriority | undefined;
      readonly padding: Buffer | undefined;
    }
  | ({ readonly type: 'priority' } & StreamPriority)
  | { readonly type: 'rst_stream'; readonly errorCode: number }
  | { readonly type: 'settings'; readonly ack: boolean; readonly settings: SettingPairs }
  | {
      readonly type: 'push_promise';
      readonly promisedStreamId: number;
      readonly fragment: Buffer;
      readonly endHeaders: boolean;
      readonly padding: Buffer | undefined;
    }
  | { readonly type: 'ping'; readonly ack: boolean; readonly opaque: Buffer }
  | { readonly type: 'goaway'; readonly lastStreamId: number; readonly errorCode: number; readonly debug: Buffer }
  | { readonly type: 'window_update'; readonly increment: number }
  | { readonly type: 'continuation'; readonly fragment: Buffer; readonly endHeaders: boolean }
  | { readonly type: 'other' };

/**
 * What a frame says. Frames of types that RFC 9113 does not define are of type `other`.
 * @throws {Http2Error} for a length, a padding, a stream or a value that the type does not allow
 */
export function decodeHttp2Payload(frame: Http2Frame): Http2Payload {
  const { payload, flags } = frame;
  switch (frameTypeName(frame.type)) {
    case 'data':
      return decodeData(frame);
    case 'headers':
      return decodeHeaders(frame);
    case 'priority':
      onStream(frame);
      if (payload.length !== 5) throw wrongLength(frame, '5', frame.streamId);
      return { type: 'priority', ...readPriority(payload) };
    case 'rst_stream':
      onStream(frame);
      exactly(frame, 4);
      return { type: 'rst_stream', errorCode: payload.readUInt32BE(0) };
    case 'settings':
      return decodeSettings(frame);
    case 'push_promise':
      return decodePushPromise(frame);
    case 'ping':
      onConnection(frame);
      exactly(frame, 8);
      return { type: 'ping', ack: (flags & frameFlags.ack) !== 0, opaque: payload };
    case 'goaway':
      return decodeGoaway(frame);
    case 'window_update':
      return decodeWindowUpdate(frame);
    case 'continuation':
      onStream(frame);
      return { type: 'continuation', fragment: payload, endHeaders: (flags & frameFlags.end_headers) !== 0 };
    default:
      return { type: 'other' };
  }
}

function decodeData(frame: Http2Frame): Http2Payload {
  onStream(frame);
  const [data, padding] = unpadded(frame);
  return { type: 'data', data, endStream: (frame.flags & frameFlags.end_stream) !== 0, padding };
}

function decodeHeaders(frame: Http2Frame): Http2Payload {
  onStream(frame);
  const [content, padding] = unpadded(frame);
  const prioritised = (frame.flags & frameFlags.priority) !== 0;
  if (prioritised && content.length < 5) throw wrongLength(frame, 'at least 5 besides padding');
  return {
    type: 'headers',
    fragment: prioritised ? content.subarray(5) : content,
    endStream: (frame.flags & frameFlags.end_stream) !== 0,
    endHeaders: (frame.flags & frameFlags.end_headers) !== 0,
    priority: prioritised ? readPriority(content) : undefined,
    padding,
  };
}

function decodeSettings(frame: Http2Frame): Http2Payload {
  onConnection(frame);
  const { payload } = frame;
  const ack = (frame.flags & frameFlags.ack) !== 0;
  if (ack && payload.length > 0) throw wrongLength(frame, '0');
  if (payload.length % 6 !== 0) throw wrongLength(frame, 'a multiple of 6');
  const settings: [number, number][] = [];
  for (let at = 0; at < payload.length; at += 6) {
    settings.push([payload.readUInt16BE(at), payload.readUInt32BE(at + 2)]);
  }
  return { type: 'settings', ack, settings };
}

function decodePushPromise(frame: Http2Frame): Http2Payload {
  onStream(frame);
  const [content, padding] = unpadded(frame);
  if (content.length < 4) throw wrongLength(frame, 'at least 4 besides padding');
  const promisedStreamId = content.readUInt32BE(0) % 0x80000000;
  if (promisedStreamId === 0 || promisedStreamId % 2 === 1) {
    throw new Http2Error('protocol_error', `PUSH_PROMISE promises stream ${promisedStreamId}, which no server opens`);
  }
  const endHeaders = (frame.flags & frameFlags.end_headers) !== 0;
  return { type: 'push_promise', promisedStreamId, fragment: content.subarray(4), endHeaders, padding };
}

function decodeGoaway(frame: Http2Frame): Http2Payload {
  onConnection(frame);
  const { payload } = frame;
  if (payload.length < 8) throw wrongLength(frame, 'at least 8');
  const lastStreamId = payload.readUInt32BE(0) % 0x80000000;
  return { type: 'goaway', lastStreamId, errorCode: payload.readUInt32BE(4), debug: payload.subarray(8) };
}

function decodeWindowUpdate(frame: Http2Frame): Http2Payload {
  exactly(frame, 4);
  const increment = frame.payload.readUInt32BE(0) % 0x80000000;
  if (increment === 0) {
    throw new Http2Error('protocol_error', 'WINDOW_UPDATE has an increment of 0', frame.streamId);
  }
  return { type: 'window_update', increment };
}

/** Content and padding (RFC 9113, section 6.1). */
function unpadded(frame: Http2Frame): [content: Buffer, padding: Buffer | undefined] {
  const { payload } = frame;
  if ((frame.flags & frameFlags.padded) === 0) return [payload, undefined];
  const length = payload[0];
  if (length === undefined) throw wrongLength(frame, 'at least 1 with padding');
  const end = payload.length - length;
  if (end < 1) {
    throw new Http2Error(
      'protocol_error',
      `${title(frame)} of ${payload.length} bytes claims ${length} bytes of padding`,
    );
  }
  return [payload.subarray(1, end), payload.subarray(end)];
}

function readPriority(bytes: Buffer): StreamPriority {
  const dependency = bytes.readUInt32BE(0);
  return {
    exclusive: dependency >= 0x80000000,
    dependency: dependency % 0x80000000,
    weight: bytes.readUInt8(4) + 1,
  };
}

function onStream(frame: Http2Frame): void {
  if (frame.streamId === 0) throw new Http2Error('protocol_error', `${title(frame)} is on stream 0`);
}

function onConnection(frame: Http2Frame): void {
  if (frame.streamId === 0) return;
  throw new Http2Error('protocol_error', `${title(frame)} is on stream ${frame.streamId}, not on stream 0`);
}

function exactly(frame: Http2Frame, length: number): void {
  if (frame.payload.length !== length) throw wrongLength(frame, String(length));
}

function wrongLength(frame: Http2Frame, due: string, streamId = 0): Http2Error {
  const text = `${title(frame)} has a payload of ${frame.payload.length} bytes, not ${due}`;
  return new Http2Error('frame_size_error', text, streamId);
}

/** The type as RFC 9113 spells it. */
function title(frame: Http2Frame): string {
  return frameTypeName(frame.type)?.toUpperCase() ?? hexadecimal(frame.type);
}
