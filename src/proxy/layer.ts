import type { Duplex } from 'node:stream';
import type { Address, Via } from './flow/connection.js';
import type { ServerLink } from './server-link.js';

/**
 * What a stream is for: `requests` say themselves where they go, as those to a proxy do; `http` is known to be
 * spoken; `bytes` are of no matter; `any` is to be found out.
 */
export type Purpose = 'requests' | 'http' | 'bytes' | 'any';

/** A stream of a client, and what is known of it before its first bytes are. */
export interface Layer {
  readonly duplex: Duplex;
  /** What was read from the stream already. */
  readonly first: Buffer;
  readonly purpose: Purpose;
  /** Whether the stream comes out of TLS. */
  readonly clientTls: boolean;
  /** Where it leads; undefined when requests say so. */
  readonly target: Address | undefined;
  /** Whether TLS is spoken with the server; undefined when that is as the client does. */
  readonly serverTls: boolean | undefined;
  /** The name to ask a server for, when it is not that of the target. */
  readonly sni: string | undefined;
  /** The proxy in between. */
  readonly via: Via | undefined;
  /** A connection to the server that was made already. */
  readonly server: ServerLink | undefined;
}
