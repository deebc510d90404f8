import type { ServerStream } from './http-stream.js';
import type { Destination, ServerLink } from './server-link.js';

/** HTTP spoken with a server on one connection. */
export interface HttpUpstream {
  readonly link: ServerLink;
  /** Whether one more exchange can begin now. */
  readonly canOpen: boolean;
  /** Whether the connection is over, or about to be. */
  readonly isClosed: boolean;
  /** Begins an exchange. */
  open(): ServerStream;
  /** Closes the connection and calls `serverDisconnected`. May be called again. */
  close(): void;
}

/** The connections to servers of one client. */
export interface Upstreams {
  /** Takes a connection that was made before it was needed. */
  offer(link: ServerLink): void;
  /** Takes the reason why a connection could not be made before it was needed: whoever asks for it first is told. */
  offerFailure(destination: Destination, error: Error): void;
  /**
   * A stream to a server: on a connection that is there, or on a new one. What is spoken there is what the server
   * chose by ALPN, HTTP/1 otherwise.
   * @param fresh whether a connection that was used before will not do
   * @throws {ConnectionError} when no connection can be made; the message is fit for a flow's error
   */
  open(destination: Destination, signal?: AbortSignal, fresh?: boolean): ServerStream | Promise<ServerStream>;
  /** A connection of bytes, which nobody else uses: one that was offered, or a new one. */
  take(destination: Destination, signal?: AbortSignal): Promise<ServerLink>;
  /** Closes all connections that are left. */
  close(): void;
}
