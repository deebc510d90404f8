/** How settings come into force on both sides (RFC 9113, section 6.5.3). */
import { encodeSettingsFrame } from './http2-encode.js';
import { Http2Error } from './http2-error.js';
import type { SettingPairs } from './http2-payload.js';
import type { Settings } from './http2-settings.js';
import { greatestWindow, readSettings, settingPairs } from './http2-settings.js';
import type { Http2State } from './http2-state.js';

const mostUnacknowledged = 10_000;

/** Sends SETTINGS. */
export function sendSettings(state: Http2State, settings: Settings): void {
  state.outbox.write(encodeSettingsFrame({ settings: settingPairs(settings) }));
  expectSettingsAck(state, settings);
}

/**
 * SETTINGS were sent. What gives the peer more room holds at once, for it may be used before the
 * acknowledgement is seen; what gives less holds from the acknowledgement on.
 */
export function expectSettingsAck(state: Http2State, settings: Settings): void {
  // Raw ones may be as many as one likes, and a peer need not acknowledge any.
  if (state.unacknowledged.length < mostUnacknowledged) state.unacknowledged.push(settings);
  applyLocal(state, settings, true);
}

/**
 * Acts upon a SETTINGS frame, and acknowledges it.
 * @throws {Http2Error} for a value that is not allowed, and for a stream's window that grew too large
 */
export function receiveSettings(state: Http2State, pairs: SettingPairs, ack: boolean): void {
  if (ack) {
    const settings = state.unacknowledged.shift();
    if (settings) applyLocal(state, settings, false);
    state.events.push({ type: 'settings_ack' });
    return;
  }
  applyRemote(state, readSettings(pairs));
  if (state.options.automatic?.settingsAck !== false) state.reply(encodeSettingsFrame({ ack: true }));
  state.events.push({ type: 'settings', settings: pairs });
}

function applyRemote(state: Http2State, settings: Settings): void {
  const { remote, outbox } = state;
  const { initial_window_size: window, max_frame_size: frameSize, header_table_size: tableSize } = settings;
  if (window !== undefined) {
    const change = window - remote.initial_window_size;
    for (const stream of state.streams.all) {
      if (stream.sendWindow + change > greatestWindow) {
        throw new Http2Error('flow_control_error', `the window of stream ${stream.id} grew beyond 2^31 - 1`);
      }
      stream.sendWindow += change;
      outbox.windowGrew(stream);
    }
  }
  if (frameSize !== undefined) outbox.maximumFrameSize = frameSize;
  // More than the 4096 bytes that every peer has pays for nobody here.
  if (tableSize !== undefined) {
    const size = Math.min(tableSize, 4096);
    if (size !== outbox.encoder.capacity) outbox.encoder.setTableSize(size);
  }
  Object.assign(remote, settings);
}

function applyLocal(state: Http2State, settings: Settings, growing: boolean): void {
  const { local } = state;
  const { initial_window_size: window, header_table_size: tableSize } = settings;
  const due = (now: number, then: number): boolean => (growing ? then > now : then < now);
  if (window !== undefined && due(local.initial_window_size, window)) {
    const change = window - local.initial_window_size;
    local.initial_window_size = window;
    for (const stream of state.streams.all) {
      stream.receiveWindow += change;
      state.creditStream(stream, 0);
    }
  }
  if (tableSize !== undefined && due(local.header_table_size, tableSize)) {
    state.decoder.setMaximumTableSize(tableSize);
    local.header_table_size = tableSize;
  }
  if (settings.max_frame_size !== undefined && due(local.max_frame_size, settings.max_frame_size)) {
    local.max_frame_size = settings.max_frame_size;
  }
  if (settings.max_concurrent_streams !== undefined) local.max_concurrent_streams = settings.max_concurrent_streams;
  if (settings.enable_push !== undefined && !growing) local.enable_push = settings.enable_push;
}
