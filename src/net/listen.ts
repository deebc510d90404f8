import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { ConnectionError } from '../errors.js';
import { absorbErrors } from './absorb-errors.js';
import { formatAddress } from './format-address.js';
import { systemReason } from './system-error.js';

/** Where to listen. */
export interface ListenOptions {
  /** Address or name; 127.0.0.1 when absent. Empty means every address. */
  readonly host?: string | undefined;
  /** 0, or none, for any that is free. */
  readonly port?: number | undefined;
  /** Told when a connection could not be accepted, for lack of file descriptors for instance. */
  readonly onError?: ((error: ConnectionError) => void) | undefined;
}

/** A port that is listened on. */
export interface Listener {
  /** The address bound: `127.0.0.1`. */
  readonly address: string;
  readonly port: number;
  /** Sockets that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Gives the port back: who connects is refused, and somebody else may listen there. Open sockets go on. */
  release(): void;
  /** Accepts no more, destroys every socket, and resolves when no handle is left. May be called again. */
  close(): Promise<void>;
}

/**
 * Idle connections are probed after this time. A peer that has gone without a word is found out
 * that way while a response pauses forever, and one that only closed its sending side is not.
 */
const keepAliveDelay = 30_000;

/**
 * Connections that may wait to be accepted. Node's own 511 are few when thousands come at once: what comes beyond is
 * dropped without a word. The system may know a lower bound.
 */
const backlog = 4096;

/**
 * Listens, and calls back with each socket as it is accepted. The sockets may be half open: the
 * peer's end does not end ours. They have a listener for `error`.
 * @throws {ConnectionError} of phase `listen`: the port is in use, the address is not ours
 */
export async function listen(options: ListenOptions, onSocket: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelay },
    (socket) => {
      absorbErrors(socket);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      onSocket(socket);
    },
  );
  const { address, port } = await bound(server, options.host ?? '127.0.0.1', options.port ?? 0);
  server.on('error', (error) => options.onError?.(listenError(error, address, port)));
  let released: Promise<void> | undefined;
  let closed: Promise<void> | undefined;
  const release = (): Promise<void> => (released ??= new Promise((resolve) => server.close(() => resolve())));
  return {
    address,
    port,
    sockets,
    release: () => void release(),
    close() {
      closed ??= closeAll(release(), sockets);
      return closed;
    },
  };
}

async function closeAll(released: Promise<void>, sockets: ReadonlySet<Socket>): Promise<void> {
  // The server's own `close` comes before that of its last sockets.
  const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of sockets) socket.destroy();
  await Promise.all([released, ...gone]);
  // The system's handles go at the end of a turn of the event loop, behind the immediates.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function bound(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      reject(listenError(error, host, port));
    };
    server.once('error', refuse);
    server.listen(host === '' ? { port, backlog } : { host, port, backlog }, () => {
      server.off('error', refuse);
      // A server that listens on TCP has an AddressInfo; text stands for pipes, null for not listening.
      resolve(server.address() as AddressInfo);
    });
  });
}

function listenError(cause: Error, host: string, port: number): ConnectionError {
  const address = formatAddress(host, port);
  return new ConnectionError(`cannot listen on ${address}: ${plainReason(cause, host)}`, 'listen', address, { cause });
}

function plainReason(cause: Error, host: string): string {
  const { code, reason } = systemReason(cause);
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use';
    case 'EACCES':
      return 'this user may not use that port';
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `unknown host ${host}`;
    default:
      return reason;
  }
}
