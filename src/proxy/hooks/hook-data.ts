/** What hooks that are not about a flow are told, and what an addon may decide there. */
import type { SecureContext } from 'node:tls';
import type { ClientHello } from '../../wire/client-hello.js';
import type { Address, ClientConnection, ServerConnection } from '../flow/connection.js';

/** A connection to a server, and the client that it is for. */
export interface ServerConnectionData {
  readonly client: ClientConnection;
  /** Its `address` and `via` may be changed in `serverConnect`; setting its `error` there refuses the connection. */
  readonly server: ServerConnection;
}

/** What may be spoken on a stream: `ignore` passes all of it on, unseen and unkept. */
export type LayerKind = 'http' | 'tcp' | 'tls' | 'ignore';

/** A stream whose first bytes were seen, before it is decided what is spoken on it. */
export interface NextLayerData {
  readonly client: ClientConnection;
  /** Where the stream leads; undefined when every request says that itself. */
  readonly target: Address | undefined;
  /** What the client sent so far; empty when it waits for the server to speak first. */
  readonly clientBytes: Buffer;
  /** What was found to be spoken. An addon may change it. */
  layer: LayerKind;
}

/** A ClientHello that was read, before anything is done about it. */
export interface TlsClientHelloData {
  readonly client: ClientConnection;
  /** The server that the connection is for, when it is known. */
  readonly target: Address | undefined;
  readonly clientHello: ClientHello;
  /** Set it to pass the connection on, undecrypted. */
  ignoreConnection: boolean;
  /** Whether the handshake with the server is made before that with the client. */
  establishServerTlsFirst: boolean;
}

/** A handshake that is about to be made, was made, or has failed. */
export interface TlsData {
  readonly client: ClientConnection;
  /** The connection that it is on; `error` tells why it failed. */
  readonly connection: ClientConnection | ServerConnection;
  /** Set it in `tlsStartClient` or `tlsStartServer` to shake hands with one's own keys, versions and ciphers. */
  secureContext: SecureContext | undefined;
}

/** A user name and a password that a SOCKS client gave. */
export interface Socks5AuthData {
  readonly client: ClientConnection;
  readonly username: string;
  readonly password: string;
  /** Set it to let the client in. */
  valid: boolean;
}

/** How grave a line of the log is, the gravest first. */
export const logLevels = ['error', 'warn', 'info', 'alert', 'debug'] as const;

/** One of {@link logLevels}; an alert is meant to be seen by a person at once. */
export type LogLevel = (typeof logLevels)[number];

/** A line of the log. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}
