/** The modes of the proxy: how it learns where a connection leads. */
import type { Address } from './flow/connection.js';

/** What a reverse proxy speaks with its server. `tcp` and `tls` pass bytes of any protocol. */
export type ReverseScheme = 'http' | 'https' | 'tcp' | 'tls';

/** A mode, and where it listens when it says so itself. */
export type ProxyMode = {
  /** As it was written, without the address to listen on: `reverse:https://example.com`. */
  readonly text: string;
  readonly listenHost: string | undefined;
  readonly listenPort: number | undefined;
} & (
  | { readonly type: 'regular' | 'transparent' | 'socks5' }
  | { readonly type: 'reverse'; readonly scheme: ReverseScheme; readonly address: Address }
  | { readonly type: 'upstream'; readonly scheme: 'http' | 'https'; readonly address: Address }
);
