/**
 * The way to a peer, one layer on the other, each a Duplex:
 *
 *     TCP -> SOCKS5 proxy -> HTTP proxy (CONNECT) -> TLS
 *
 * Only the first is always there. Whatever fails, nothing is left open.
 */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { ConnectionError, ProtocolError } from '../errors.js';
import { Socks5Client } from '../wire/socks5-client.js';
import type { SocksCredentials } from '../wire/socks5.js';
import { awaitLayer, isGivenUp } from './await-layer.js';
import { dial } from './dial.js';
import type { DialOptions } from './dial.js';
import { formatAddress } from './format-address.js';
import { PeerTls } from './peer-tls.js';
import { ProxyConnect } from './proxy-connect.js';
import type { ProxyConnectTarget } from './proxy-connect.js';
import { shakeHands } from './proxy-handshake.js';
import type { ProxyHandshake } from './proxy-handshake.js';
import { tlsOver } from './tls-dial.js';
import type { TlsHandshakeOptions } from './tls-dial.js';
import { tlsDialReason } from './tls-dial-error.js';

/** A SOCKS5 proxy. */
export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  readonly credentials?: SocksCredentials | undefined;
}

/** Milliseconds that a proxy, and a handshake of TLS, have unless told otherwise. */
const patience = 10_000;

/** The way to a peer. The timeout counts for each layer; those above TCP have 10 seconds when there is none. */
export interface DialChainOptions extends DialOptions {
  /** Reach `host` through this proxy, which looks its name up. */
  readonly socks?: SocksProxy | undefined;
  /** `host` is an HTTP proxy: have it connect on. */
  readonly connectTo?: ProxyConnectTarget | undefined;
  /** Speak TLS over all that. */
  readonly tls?: TlsHandshakeOptions | undefined;
}

/** A connection that was made. */
export interface DialledChain {
  /** Where to write and read: a TLSSocket if TLS was asked for. May be half open, and has a listener for `error`. */
  readonly duplex: Duplex;
  /** What TLS came to, if it was asked for. */
  readonly tls: PeerTls | undefined;
}

/**
 * Connects, layer by layer.
 * @throws {ConnectionError} of phase `connect`, `proxy` or `tls`; its address is the one that failed, its cause the
 * error of Node or of the proxy's answer
 * @throws {OptionError} for a host, user name or password that SOCKS cannot carry
 */
export async function dialChain(options: DialChainOptions): Promise<DialledChain> {
  const { socks, connectTo, tls } = options;
  const handshake = socks === undefined ? undefined : new Socks5Client(options, socks.credentials);
  const socket = await dial({ ...options, ...(socks !== undefined && { host: socks.host, port: socks.port }) });
  const steps = new Steps(socket, options);
  try {
    if (socks !== undefined && handshake !== undefined) {
      const address = formatAddress(socks.host, socks.port);
      await steps.proxy(handshake, address, (reason) => `cannot connect through ${address}: ${reason}`);
    }
    if (connectTo !== undefined) {
      const address = formatAddress(options.host, options.port);
      await steps.proxy(new ProxyConnect(connectTo), address, (reason) => `Proxy CONNECT failed: ${reason}`);
    }
    if (tls === undefined) return { duplex: socket, tls: undefined };
    const upper = await steps.tls(tls, connectTo ?? options);
    return { duplex: upper, tls: new PeerTls(upper) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The layers above TCP. Giving one up destroys the socket, which ends whatever waits for it. */
class Steps {
  constructor(
    private readonly socket: Duplex,
    private readonly options: DialChainOptions,
  ) {}

  async proxy(handshake: ProxyHandshake, address: string, message: (reason: string) => string): Promise<void> {
    const fail = (reason: string, cause: Error): ConnectionError =>
      new ConnectionError(message(reason), 'proxy', address, { cause });
    await this.watched(shakeHands(this.socket, handshake), (cause) => {
      if (isGivenUp(cause)) return fail(cause.code === 'ETIMEDOUT' ? 'Timeout' : cause.message, cause);
      return cause instanceof ProtocolError ? fail(cause.message, cause) : cause;
    });
  }

  async tls(options: TlsHandshakeOptions, { host, port }: { host: string; port: number }): Promise<TLSSocket> {
    const address = formatAddress(host, port);
    const socket = tlsOver(this.socket, options);
    await this.watched(secured(socket), (cause) => {
      socket.destroy();
      const reason = isGivenUp(cause) ? cause.message : tlsDialReason(cause);
      return new ConnectionError(`TLS with ${address} failed: ${reason}`, 'tls', address, { cause });
    });
    return socket;
  }

  private async watched(layer: Promise<unknown>, errorOf: (cause: unknown) => unknown): Promise<void> {
    const { timeout = patience, signal, clock } = this.options;
    await awaitLayer(this.socket, layer, { timeout, signal, clock }, errorOf);
  }
}

/** Rejects with whatever ends the socket first. */
function secured(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject);
    socket.once('close', () => {
      reject(new Error('the connection was closed in the handshake'));
    });
  });
}
