import { ProtocolError } from '../errors.js';

/** A peer broke the rules of WebSocket; with the status code that it is to be told (RFC 6455, section 7.4.1). */
export class WebSocketError extends ProtocolError {
  constructor(
    message: string,
    /** 1002 for a frame that is not allowed, 1007 for content that is not what it says it is, 1009 for too much. */
    readonly status: 1002 | 1007 | 1009,
  ) {
    super(message);
  }
}
