import { Http2Error } from './http2-error.js';
import type { SettingPairs } from './http2-payload.js';
import type { SettingName } from './http2-registry.js';
import { settingIds, settingName } from './http2-registry.js';

/** Settings by name, those that are said. */
export type Settings = Partial<Record<SettingName, number>>;

/** The settings of one side that the connection acts on. */
export interface EffectiveSettings {
  header_table_size: number;
  enable_push: number;
  max_concurrent_streams: number;
  initial_window_size: number;
  max_frame_size: number;
  max_header_list_size: number;
}

/** What holds until a side says otherwise (RFC 9113, section 6.5.2). */
export function initialSettings(): EffectiveSettings {
  return {
    header_table_size: 4096,
    enable_push: 1,
    max_concurrent_streams: Infinity,
    initial_window_size: 65535,
    max_frame_size: 16384,
    max_header_list_size: Infinity,
  };
}

/** The greatest flow-control window (RFC 9113, section 6.9.1). */
export const greatestWindow = 0x7fffffff;

/** Settings as they stand on the wire. */
export function settingPairs(settings: Settings): SettingPairs {
  // Object.entries forgets which keys there are.
  return (Object.entries(settings) as [SettingName, number][]).map(([name, value]) => [settingIds[name], value]);
}

/**
 * Settings by name; unknown ones are left out, of repeated ones the last holds.
 * @throws {Http2Error} for a value that its setting does not allow (RFC 9113, section 6.5.2)
 */
export function readSettings(pairs: SettingPairs): Settings {
  const settings: Settings = {};
  for (const [id, value] of pairs) {
    const name = settingName(id);
    if (name === undefined) continue;
    check(name, value);
    settings[name] = value;
  }
  return settings;
}

function check(name: SettingName, value: number): void {
  if (name === 'initial_window_size' && value > greatestWindow) {
    throw new Http2Error('flow_control_error', `an initial window size of ${value} is more than 2^31 - 1`);
  }
  if (name === 'max_frame_size' && (value < 16384 || value > 0xffffff)) {
    throw new Http2Error('protocol_error', `a maximum frame size of ${value} is not from 16384 to 16777215`);
  }
  if (name === 'enable_push' && value > 1) {
    throw new Http2Error('protocol_error', `ENABLE_PUSH is ${value}, not 0 or 1`);
  }
}
