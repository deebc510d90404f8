/**
 * What frames that were sent raw mean for the connection that sent them: the peer takes them for what
 * they say, so its answers are no surprise afterwards.
 */
import type { Http2Frame, Http2FrameHeader } from './http2-frames.js';
import { decodeHttp2FrameHeader, frameHeaderLength } from './http2-frames.js';
import { decodeHttp2Payload } from './http2-payload.js';
import { frameFlags, frameTypes } from './http2-registry.js';
import { Http2Error } from './http2-error.js';
import { readSettings } from './http2-settings.js';
import { expectSettingsAck } from './http2-settings-exchange.js';
import type { Http2State } from './http2-state.js';
import type { Http2Stream } from './http2-streams.js';

/**
 * Takes account of frames as far as they can be understood.
 * @param bytes frames as sent; of the last one only the beginning need be there
 */
export function accountRaw(state: Http2State, bytes: Buffer): void {
  for (let at = 0; at + frameHeaderLength <= bytes.length;) {
    const header = decodeHttp2FrameHeader(bytes, at);
    const end = at + frameHeaderLength + header.length;
    const frame = bytes.subarray(at, end);
    accountFrame(state, { ...header, payload: frame.subarray(frameHeaderLength), bytes: frame });
    at = end;
  }
}

function accountFrame(state: Http2State, frame: Http2Frame): void {
  const { type, streamId } = frame;
  if (type === frameTypes.settings) accountSettings(state, frame);
  else if (type === frameTypes.window_update) accountWindowUpdate(state, frame);
  else if (streamId !== 0) accountStream(state, frame);
}

function accountStream(state: Http2State, frame: Http2Frame): void {
  const { type, flags, streamId, length } = frame;
  if (type === frameTypes.data) state.outbox.window -= length;
  if (type === frameTypes.push_promise) state.streams.touch(promisedStream(frame));
  const stream = state.streams.get(streamId) ?? openedBy(state, frame);
  if (stream === undefined) {
    // PRIORITY leaves an idle stream idle, and nothing answers it (RFC 9113, section 5.1).
    if (type !== frameTypes.priority) state.streams.touch(streamId);
    return;
  }
  if (type === frameTypes.data) stream.sendWindow -= length;
  if (type === frameTypes.rst_stream) state.forget(streamId, true);
  const carriesEnd = type === frameTypes.data || type === frameTypes.headers;
  if (!carriesEnd || (flags & frameFlags.end_stream) === 0) return;
  stream.localEnded = true;
  state.closeIfEnded(stream);
}

/** The stream of a client that HEADERS open. Those that a server opens get no answer: they need no account. */
function openedBy(state: Http2State, { type, streamId }: Http2FrameHeader): Http2Stream | undefined {
  const opens = type === frameTypes.headers && state.options.role === 'client' && streamId % 2 === 1;
  return opens && state.streams.isIdle(streamId) ? state.open(streamId) : undefined;
}

function promisedStream({ payload }: Http2Frame): number {
  return payload.length < 4 ? 0 : payload.readUInt32BE(0) % 0x80000000;
}

function accountSettings(state: Http2State, frame: Http2Frame): void {
  try {
    const payload = decodeHttp2Payload(frame);
    if (payload.type === 'settings' && !payload.ack) expectSettingsAck(state, readSettings(payload.settings));
  } catch (error) {
    // The peer will not take it either.
    if (!(error instanceof Http2Error)) throw error;
  }
}

function accountWindowUpdate(state: Http2State, { payload, streamId }: Http2Frame): void {
  const stream = state.streams.get(streamId);
  const increment = payload.length === 4 ? payload.readUInt32BE(0) % 0x80000000 : 0;
  if (streamId === 0) state.receiveWindow += increment;
  else if (stream) stream.receiveWindow += increment;
  else state.streams.touch(streamId);
}
