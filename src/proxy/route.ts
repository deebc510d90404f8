/** Where the requests of a stream go, as far as the stream itself decides it. */
import type { Address, Via } from './flow/connection.js';
import type { TakenOver } from './http-stream.js';
import type { Destination, ServerLink } from './server-link.js';

export interface Route {
  /** Where all requests go; undefined when each says it itself, as those to a proxy do. */
  readonly fixed: Destination | undefined;
  /** The proxy that requests are sent to which say themselves where they go. */
  readonly via: Via | undefined;
  /** Whether the client speaks TLS on the stream: the scheme of requests that do not name theirs. */
  readonly clientTls: boolean;
  /** Whether Host is rewritten to the fixed address: in reverse mode, unless the option forbids it. */
  readonly rewritesHost: boolean;
}

/** What a CONNECT request opened: a stream on which anything may be spoken. */
export interface Tunnel extends TakenOver {
  readonly target: Address;
  readonly via: Via | undefined;
  /** The connection to the target, when it was made already. */
  readonly server: ServerLink | undefined;
}

/** Serves a stream on which a client speaks HTTP. */
export interface HttpSession {
  /** Whether a request is under way. */
  readonly busy: boolean;
  /**
   * Serves until the stream ends or becomes a tunnel. Never rejects for what the network does; closes what it does
   * not hand over.
   */
  run(): Promise<Tunnel | undefined>;
}
