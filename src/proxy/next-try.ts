/** Whether a request that a server gave no answer to is sent once more, and how. */
import { ConnectionError } from '../errors.js';
import type { ServerStream } from './http-stream.js';

/** How a request is sent. */
export interface Try {
  /** Whether on a connection that was not used before. */
  readonly fresh: boolean;
  /** Whether over HTTP/2 and nothing else. */
  readonly http2: boolean;
}

/** The request that failed, and with what. */
export interface FailedTry extends Try {
  readonly method: string;
  readonly server: ServerStream;
  readonly error: unknown;
  /** Whether HTTP/2 may be spoken at all. */
  readonly mayHttp2: boolean;
}

/** Methods that mean the same when they are said twice (RFC 9110, section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * How a request that failed is sent once more; undefined when it is not. Whatever came of a response, a 1xx included,
 * tells that the server works on the request, which may have its effect.
 */
export function nextTry({ fresh, http2, method, server, error, mayHttp2 }: FailedTry): Try | undefined {
  if (!(error instanceof ConnectionError) || server.hasSpoken) return undefined;
  const isHarmless = server.isUnhandled === true || (server.isReused && idempotent.has(method));
  if (isHarmless && !fresh) return { fresh: true, http2: false };
  return mayHttp2 && !http2 && mayWantHttp2(server) ? { fresh: true, http2: true } : undefined;
}

/** Whether a server that chose no protocol, and then left without a word, may be one that speaks HTTP/2 alone. */
function mayWantHttp2({ isReused, connection }: ServerStream): boolean {
  const choseNone = connection.alpn === undefined || connection.alpn === '';
  return !isReused && connection.tls && choseNone;
}
