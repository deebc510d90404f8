/** TLS on both sides of the proxy: its certificates and handshakes, and the hooks on their way. */
import { isIP } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { ConnectionError, isError } from '../errors.js';
import type { Authority } from '../net/authority.js';
import type { LeafKeyType } from '../net/certificate-maker.js';
import { formatAddress } from '../net/format-address.js';
import { KeyLog, keyLogPath } from '../net/key-log.js';
import { acceptTls } from '../net/tls-accept.js';
import { cipherSuiteName } from '../wire/cipher-suites.js';
import { clientProtocol } from './client-protocol.js';
import type { ClientContext, ProxyContext } from './context.js';
import { DerivedFromOptions } from './derived-from-options.js';
import type { ClientConnection, ServerConnection } from './flow/connection.js';
import type { TlsData } from './hooks/hook-data.js';
import { leafKeyType } from './leaf-key-type.js';
import type { ProxyTls, TlsArrival } from './proxy-tls.js';
import { secureServer } from './secure-server.js';
import { tlsChain } from './tls-chain.js';
import type { Shown, TlsClientContexts } from './tls-client-contexts.js';
import { tlsClientFailure } from './tls-client-failure.js';
import {
  authorityKeys,
  clientKeys,
  openAuthorityOf,
  openClientContexts,
  openServerContexts,
  serverKeys,
} from './tls-settings.js';
import { watchDistrust } from './watch-distrust.js';

/**
 * Opens the authority, or makes it, and reads the files that options name. Options that change later count from the
 * next handshake on.
 * @param environment where the file for the secrets of connections is named, see {@link keyLogPath}
 * @throws {OptionError} when an option or a file cannot be used
 */
export async function openProxyTls(
  proxy: ProxyContext,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ProxyTls> {
  const path = keyLogPath(environment);
  const fail = (message: string): void => {
    proxy.log.warn(message);
  };
  const tls = new Interception(proxy, path === undefined ? undefined : new KeyLog(path, fail));
  await tls.open();
  return tls;
}

/** The last parameter of {@link ProxyTls.connect}. */
type ServerHandshakeOptions = Parameters<ProxyTls['connect']>[3];

class Interception implements ProxyTls {
  ca = '';
  private readonly authority: DerivedFromOptions<Authority>;
  private readonly clientContexts: Readonly<Record<LeafKeyType, DerivedFromOptions<TlsClientContexts>>>;
  private readonly serverContexts = new DerivedFromOptions(serverKeys, openServerContexts);

  constructor(
    private readonly proxy: ProxyContext,
    private readonly keyLog: KeyLog | undefined,
  ) {
    const { clock } = proxy;
    const contexts = (keyType: LeafKeyType): DerivedFromOptions<TlsClientContexts> =>
      new DerivedFromOptions(clientKeys, async (values) =>
        openClientContexts(values, { authority: await this.authority.of(values), keyType, clock }),
      );
    this.authority = new DerivedFromOptions(authorityKeys, async (values) => {
      const authority = await openAuthorityOf(values, clock);
      this.ca = authority.pem;
      return authority;
    });
    this.clientContexts = { 'p-256': contexts('p-256'), 'rsa-2048': contexts('rsa-2048') };
  }

  async open(): Promise<void> {
    const { store, log } = this.proxy;
    const { notices } = await this.clientContexts['p-256'].of(store.values);
    for (const notice of notices) log.warn(notice);
    await this.serverContexts.of(store.values);
  }

  async accept(context: ClientContext, arrival: TlsArrival): Promise<Duplex | undefined> {
    const { client } = context;
    const { hooks, log } = this.proxy;
    const { hello, duplex } = arrival;
    client.tls = true;
    client.sni = hello.serverName;
    client.alpnOffers = hello.alpn;
    client.cipherList = hello.cipherSuites.flatMap((number) => cipherSuiteName(number) ?? []);
    const data: TlsData = { client, connection: client, secureContext: undefined };
    await hooks.fire('tlsStartClient', data);
    const outcome = await this.acceptClient(context, arrival, data.secureContext);
    if (typeof outcome === 'string') {
      duplex.destroy();
      client.error = outcome;
      log.warn(`${peerOf(client)}: Client TLS handshake failed. ${outcome}`);
      await hooks.fire('tlsFailedClient', data);
      return undefined;
    }
    watchDistrust(outcome, shownName(arrival), this.proxy.clock, (cause) => {
      log.warn(`${peerOf(client)}: ${cause}`);
    });
    await hooks.fire('tlsEstablishedClient', data);
    return outcome;
  }

  async connect(
    { client }: ClientContext,
    duplex: Duplex,
    server: ServerConnection,
    options: ServerHandshakeOptions,
  ): Promise<Duplex> {
    const { hooks, log } = this.proxy;
    const { serverName, alpn } = options;
    server.tls = true;
    server.sni = isIP(serverName) === 0 ? serverName : undefined;
    server.alpnOffers = alpn;
    const data: TlsData = { client, connection: server, secureContext: undefined };
    await hooks.fire('tlsStartServer', data);
    try {
      const socket = await this.connectServer(duplex, server, options, data.secureContext);
      await hooks.fire('tlsEstablishedServer', data);
      return socket;
    } catch (error) {
      duplex.destroy();
      server.error = isError(error) ? error.message : String(error);
      log.warn(`${peerOf(client)}: ${server.error}`);
      await hooks.fire('tlsFailedServer', data);
      throw error;
    }
  }

  /** The handshake with a client; a text is why there is none. */
  private async acceptClient(
    { client, mode }: ClientContext,
    arrival: TlsArrival,
    given: SecureContext | undefined,
  ): Promise<TLSSocket | string> {
    const { store, clock } = this.proxy;
    let shown: Shown | undefined;
    try {
      if (given === undefined) {
        const contexts = this.clientContexts[leafKeyType(arrival.hello, store.values)];
        const address = mode.type === 'reverse' ? client.sockname?.[0] : undefined;
        shown = (await contexts.of(store.values)).for(arrival, store.values, address);
      }
    } catch (error) {
      return `The proxy has no certificate to show: ${messageOf(error)}.`;
    }
    const { requestClientCert } = store.values;
    const protocol = clientProtocol(arrival);
    const accepted = await acceptTls(arrival.duplex, {
      // One of the two is there.
      context: given ?? (shown as Shown).context,
      alpn: protocol === undefined ? [] : [protocol],
      requestCertificate: requestClientCert,
      keyLog: this.keyLog,
    });
    if ('failure' in accepted) return tlsClientFailure(accepted.error, shownName(arrival));
    fillIn(client, accepted.socket, clock.now());
    client.mitmcert = shown && Buffer.from(shown.certificate.pem, 'latin1');
    if (requestClientCert) client.certificateList = tlsChain(accepted.socket);
    return accepted.socket;
  }

  private async connectServer(
    duplex: Duplex,
    server: ServerConnection,
    { serverName, alpn, signal }: ServerHandshakeOptions,
    given: SecureContext | undefined,
  ): Promise<TLSSocket> {
    const { store, clock } = this.proxy;
    const address = server.address === undefined ? serverName : formatAddress(...server.address);
    let context = given;
    try {
      context ??= await (await this.serverContexts.of(store.values)).for(serverName);
    } catch (cause) {
      throw new ConnectionError(`TLS with ${address} failed: ${messageOf(cause)}`, 'tls', address, { cause });
    }
    const verify = !store.values.sslInsecure;
    const { keyLog } = this;
    const socket = await secureServer(duplex, { context, serverName, alpn, verify, keyLog, signal, address });
    fillIn(server, socket, clock.now());
    server.certificateList = tlsChain(socket);
    return socket;
  }
}

/** What a finished handshake came to. */
function fillIn(connection: ClientConnection | ServerConnection, socket: TLSSocket, now: number): void {
  connection.alpn = typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : '';
  connection.cipher = socket.getCipher().name;
  connection.tlsVersion = socket.getProtocol() ?? undefined;
  connection.timestampTlsSetup = now / 1000;
}

/** What the client was shown a certificate for, for messages. */
function shownName({ hello, host, port }: TlsArrival): string {
  const name = hello.serverName ?? host;
  return port === undefined ? name : formatAddress(name, port);
}

function peerOf({ peername }: ClientConnection): string {
  return peername === undefined ? 'a client' : formatAddress(...peername);
}

function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}
