/** Names of the codes that WebSockets are closed with (RFC 6455, section 7.4.1, and its registry). */
const names: Readonly<Record<number, string>> = {
  1000: 'NORMAL_CLOSURE',
  1001: 'GOING_AWAY',
  1002: 'PROTOCOL_ERROR',
  1003: 'UNSUPPORTED_DATA',
  1005: 'NO_STATUS_RCVD',
  1006: 'ABNORMAL_CLOSURE',
  1007: 'INVALID_FRAME_PAYLOAD_DATA',
  1008: 'POLICY_VIOLATION',
  1009: 'MESSAGE_TOO_BIG',
  1010: 'MANDATORY_EXT',
  1011: 'INTERNAL_ERROR',
  1012: 'SERVICE_RESTART',
  1013: 'TRY_AGAIN_LATER',
  1015: 'TLS_HANDSHAKE_FAILED',
};

/** The name of a code, or `UNKNOWN_ERROR=4321`. */
export function closeCodeName(code: number | undefined): string {
  return names[code ?? -1] ?? `UNKNOWN_ERROR=${code === undefined ? 'None' : String(code)}`;
}

/** Whether a WebSocket that was closed with this code was closed as it should be. */
export function isOrderlyClose(code: number | undefined): boolean {
  return code === 1000 || code === 1001 || code === 1005;
}
