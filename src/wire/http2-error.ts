import { ProtocolError } from '../errors.js';
import type { Http2ErrorName } from './http2-registry.js';
import { http2ErrorCodes } from './http2-registry.js';

/** The peer broke the rules of HTTP/2: an error of the connection, or of one stream (RFC 9113, section 5.4). */
export class Http2Error extends ProtocolError {
  /** The number of the error code (RFC 9113, section 7). */
  readonly errorCode: number;

  constructor(
    /** The name of the error code. */
    readonly errorName: Http2ErrorName,
    message: string,
    /** The stream whose error it is; 0 for the connection. */
    readonly streamId = 0,
  ) {
    super(message);
    this.errorCode = http2ErrorCodes[errorName];
  }
}
