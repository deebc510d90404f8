/** What the parts of a proxy are handed: what all its connections share, and what is known of one of them. */
import type { Clock } from '../net/clock.js';
import type { ClientConnection } from './flow/connection.js';
import type { Hooks } from './hooks/hooks.js';
import type { Log } from './hooks/log.js';
import type { ProxyMode } from './mode.js';
import type { OptionStore } from './option-store.js';
import type { ProxyTls } from './proxy-tls.js';

/** What all connections of a proxy share. */
export interface ProxyContext {
  readonly hooks: Hooks;
  readonly store: OptionStore;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborts when the proxy stops. */
  readonly signal: AbortSignal;
  /** Certificates and handshakes; made when they are first needed. */
  tls(): Promise<ProxyTls>;
}

/** What is known of one connection of a client. */
export interface ClientContext {
  readonly proxy: ProxyContext;
  readonly client: ClientConnection;
  readonly mode: ProxyMode;
}
