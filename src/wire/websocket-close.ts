/** Why a WebSocket is closed (RFC 6455, section 7.4). */
import { isUtf8 } from 'node:buffer';
import { WebSocketError } from './websocket-error.js';

/** Status codes that are never sent: they stand for what happened. */
export const noStatus = 1005;
export const abnormalClosure = 1006;

/** What a Close frame says. */
export interface CloseReason {
  /** {@link noStatus} when it says none. */
  readonly status: number;
  readonly reason: string;
}

/** @throws {WebSocketError} 1002 for a status that may not be sent, 1007 for a reason that is not UTF-8 */
export function readClose(payload: Buffer): CloseReason {
  if (payload.length === 0) return { status: noStatus, reason: '' };
  const status = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  if (!mayBeSent(status)) throw new WebSocketError('a Close frame without a valid status code', 1002);
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new WebSocketError('the reason of a Close frame is not UTF-8', 1007);
  return { status, reason: reason.toString() };
}

/** The payload of a Close frame. A reason that is too long is cut. */
export function closePayload({ status, reason }: CloseReason): Buffer {
  if (status === noStatus) return Buffer.alloc(0);
  const payload = Buffer.alloc(125);
  payload.writeUInt16BE(status, 0);
  // Never cuts a character in two.
  return payload.subarray(0, 2 + payload.write(reason, 2));
}

/**
 * Whether a status may stand in a Close frame: those that RFC 6455 and its registry assign, and those for libraries and
 * applications.
 */
export function mayBeSent(status: number): boolean {
  if (status >= 3000) return status <= 4999;
  return status >= 1000 && status <= 1014 && ![1004, noStatus, abnormalClosure].includes(status);
}
