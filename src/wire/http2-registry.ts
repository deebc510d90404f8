/** The names and numbers of HTTP/2, in lower case as messages and reports spell them. */

/** Frame types (RFC 9113, section 6; RFC 7838, section 4; RFC 8336; RFC 9218, section 7.1). */
export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rst_stream: 0x3,
  settings: 0x4,
  push_promise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  window_update: 0x8,
  continuation: 0x9,
  altsvc: 0xa,
  origin: 0xc,
  priority_update: 0x10,
} as const;

/** A key of {@link frameTypes}. */
export type FrameTypeName = keyof typeof frameTypes;

/** Flags, all that there are (RFC 9113, section 6). */
export const frameFlags = {
  ack: 0x1,
  end_stream: 0x1,
  end_headers: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** A key of {@link frameFlags}. */
export type FrameFlagName = keyof typeof frameFlags;

/** Which flags each type defines (RFC 9113, section 6). */
export const flagsOfType: Readonly<Record<FrameTypeName, readonly FrameFlagName[]>> = {
  data: ['end_stream', 'padded'],
  headers: ['end_stream', 'end_headers', 'padded', 'priority'],
  priority: [],
  rst_stream: [],
  settings: ['ack'],
  push_promise: ['end_headers', 'padded'],
  ping: ['ack'],
  goaway: [],
  window_update: [],
  continuation: ['end_headers'],
  altsvc: [],
  origin: [],
  priority_update: [],
};

/** Settings (RFC 9113, section 6.5.2; RFC 8441, section 3; RFC 9218, section 2.1). */
export const settingIds = {
  header_table_size: 0x1,
  enable_push: 0x2,
  max_concurrent_streams: 0x3,
  initial_window_size: 0x4,
  max_frame_size: 0x5,
  max_header_list_size: 0x6,
  enable_connect_protocol: 0x8,
  no_rfc7540_priorities: 0x9,
} as const;

/** A key of {@link settingIds}. */
export type SettingName = keyof typeof settingIds;

/** Error codes (RFC 9113, section 7). */
export const http2ErrorCodes = {
  no_error: 0x0,
  protocol_error: 0x1,
  internal_error: 0x2,
  flow_control_error: 0x3,
  settings_timeout: 0x4,
  stream_closed: 0x5,
  frame_size_error: 0x6,
  refused_stream: 0x7,
  cancel: 0x8,
  compression_error: 0x9,
  connect_error: 0xa,
  enhance_your_calm: 0xb,
  inadequate_security: 0xc,
  http_1_1_required: 0xd,
} as const;

/** A key of {@link http2ErrorCodes}. */
export type Http2ErrorName = keyof typeof http2ErrorCodes;

/** What a client sends first of all (RFC 9113, section 3.4). */
export const connectionPreface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const typeNames = invert(frameTypes);
const settingNames = invert(settingIds);
const errorNames = invert(http2ErrorCodes);

function invert<N extends string>(table: Readonly<Record<N, number>>): ReadonlyMap<number, N> {
  // Object.entries forgets which keys there are.
  return new Map((Object.entries(table) as [N, number][]).map(([name, number]) => [number, name]));
}

/** The name of a frame type, or undefined for one that is in no registry of ours. */
export function frameTypeName(type: number): FrameTypeName | undefined {
  return typeNames.get(type);
}

/** The name of a setting, or undefined for an unknown one. */
export function settingName(id: number): SettingName | undefined {
  return settingNames.get(id);
}

/** The name of an error code, or its number in hexadecimal (`0x2a`). */
export function http2ErrorName(code: number): string {
  return errorNames.get(code) ?? hexadecimal(code);
}

/** The names of the flags that are set, in the order of {@link flagsOfType}; the bits without a name as one number. */
export function flagNames(type: number, flags: number): string[] {
  const name = frameTypeName(type);
  const known = name === undefined ? [] : flagsOfType[name];
  const rest = known.reduce((bits, flag) => bits & ~frameFlags[flag], flags);
  return [...known.filter((flag) => (flags & frameFlags[flag]) !== 0), ...(rest === 0 ? [] : [hexadecimal(rest)])];
}

/** As the names of unknown numbers are written. */
export function hexadecimal(number: number): string {
  return `0x${number.toString(16).padStart(2, '0')}`;
}
