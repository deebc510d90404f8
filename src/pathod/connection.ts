/**
 * The life of one connection: what the client speaks is found out from its first bytes, and after each
 * CONNECT anew.
 *
 *     socket -> TLS? -> HTTP/1 -> CONNECT -> TLS? -> HTTP/1 -> ...
 *                    '> HTTP/2
 */
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { isOwnError, ProtocolError } from '../errors.js';
import { hangUp } from '../net/hang-up.js';
import { peek } from '../net/peek.js';
import type { Peeked } from '../net/peek.js';
import { Stillness } from '../net/stillness.js';
import type { TlsFacts } from '../net/tls-facts.js';
import { readClientHello } from '../wire/client-hello.js';
import type { ClientHello } from '../wire/client-hello.js';
import { sniff } from '../wire/sniff.js';
import type { Protocol } from '../wire/sniff.js';
import { plainOnTls } from './errors-800.js';
import type { RemoteAddress } from './exchange-entry.js';
import { Http1Session } from './http1-session.js';
import { NoteEntry } from './note-entry.js';
import { Outgoing } from './outgoing.js';
import type { Service } from './service.js';
import { hostOfTunnel } from './tunnel-host.js';

/** A stream, and what is known of it before its first bytes are. */
interface Layer {
  readonly duplex: Duplex;
  /** What was read from the stream already. */
  readonly first: Buffer;
  /** What encrypts it; undefined for plain text. */
  readonly tls: TlsFacts | undefined;
  /** The host of the CONNECT that opened it. */
  readonly tunnelHost: string | undefined;
  /** Whether TLS may begin here, and whether anything else may. */
  readonly encryption: 'required' | 'possible' | 'none';
}

/** What serves a layer. */
interface Session {
  readonly busy: boolean;
}

/** TLS within TLS that is worth the effort: each layer works on all bytes again. */
const deepest = 8;

const nothing: Buffer = Buffer.alloc(0);

/** A layer of which nothing is known. */
const bare = { first: nothing, tls: undefined, tunnelHost: undefined, encryption: 'none' } as const;

export class Connection {
  private session: Session | undefined;
  private duplex: Duplex;
  private isShakingHands = false;
  private timedOut = false;
  private depth = 0;

  constructor(
    private readonly service: Service,
    private readonly socket: Socket,
    private readonly remote: RemoteAddress,
  ) {
    this.duplex = socket;
  }

  /** Whether a request or a frame is half read, an answer is being sent, or a handshake is under way. */
  get busy(): boolean {
    return this.isShakingHands || this.session?.busy === true;
  }

  /** Serves until either side closes. Never rejects: what goes wrong is logged. */
  async run(): Promise<void> {
    const encryption = this.service.ssl ? 'required' : 'none';
    let layer: Layer | undefined = { ...bare, duplex: this.socket, encryption };
    try {
      while (layer !== undefined) layer = await this.serve(layer);
    } catch (error) {
      this.note(isOwnError(error) ? error.message : `Internal error: ${String(error)}`);
    }
    this.service.settled();
    await hangUp(this.duplex, this.service.clock, this.service.signal);
  }

  /** @returns what is to be served next */
  private async serve(layer: Layer): Promise<Layer | undefined> {
    const { duplex, encryption, tls } = layer;
    this.duplex = duplex;
    if (tls?.alpn === 'h2') return this.serveHttp2(layer);
    if (encryption === 'none' && !this.service.h2c) return this.serveHttp1(layer, layer.first);
    const seen = await this.look(layer);
    const protocol = sniff(seen.bytes);
    if (seen.how === 'seen' && protocol === 'tls' && encryption !== 'none') return this.serveTls(layer, seen.bytes);
    if (encryption === 'required') return this.turnAway(protocol, seen.bytes);
    if (seen.how === 'seen' && protocol === 'http2' && this.service.h2c) return this.serveHttp2(layer);
    return this.serveHttp1(layer, seen.how === 'seen' ? nothing : seen.bytes);
  }

  private async serveHttp1(layer: Layer, first: Buffer): Promise<Layer | undefined> {
    const { duplex, tls } = layer;
    const session = new Http1Session(this.service, duplex, this.remote, tls);
    this.session = session;
    const tunnel = await session.run(first);
    if (tunnel === undefined) {
      if (tls !== undefined && !session.hasReceived) this.note(leftAfterHandshake);
      return undefined;
    }
    return {
      ...{ duplex, tls, first: tunnel.rest, tunnelHost: hostOfTunnel(tunnel.target) },
      encryption: this.service.tlsAfterConnect ? 'possible' : 'none',
    };
  }

  private async serveHttp2({ duplex, tls }: Layer): Promise<undefined> {
    const { Http2Session } = await import('./http2-session.js');
    const session = new Http2Session(this.service, duplex, this.remote, tls);
    this.session = session;
    await session.run();
  }

  /** Shakes hands; what is to be served next lies below the encryption. */
  private async serveTls({ duplex, tunnelHost }: Layer, begin: Buffer): Promise<Layer | undefined> {
    if (++this.depth > deepest) throw new ProtocolError(`SSL handshake error: TLS in TLS, ${String(this.depth)} deep`);
    this.isShakingHands = true;
    const stillness = this.watch();
    try {
      const tls = await this.service.tls();
      const hello = read(begin) ?? (await this.waitForHello(duplex));
      if (hello === undefined) {
        this.note('SSL handshake error: the client left in the middle of its ClientHello');
        return undefined;
      }
      const serverName = hello === 'broken' ? undefined : hello.serverName;
      const host = serverName ?? tunnelHost ?? this.socket.localAddress ?? 'localhost';
      const client = { serverName, host, isNamed: (serverName ?? tunnelHost) !== undefined };
      const admitted = await tls.admit(duplex, client, this.service, (msg) => {
        this.note(msg);
      });
      return admitted && { ...bare, duplex: admitted.duplex, tls: admitted.facts };
    } finally {
      stillness?.stop();
      this.isShakingHands = false;
      this.service.settled();
    }
  }

  /** @returns undefined when the client leaves before its end */
  private async waitForHello(duplex: Duplex): Promise<ClientHello | 'broken' | undefined> {
    let hello: ReturnType<typeof read>;
    await peek(duplex, nothing, (bytes) => (hello = read(bytes)) !== undefined);
    return hello;
  }

  /** What speaks no TLS where it should. HTTP gets an answer in plain text. */
  private async turnAway(protocol: Protocol | undefined, bytes: Buffer): Promise<undefined> {
    if (bytes.length === 0) return;
    if (protocol === 'http1') {
      this.note('SSL handshake error: the client speaks plain HTTP, and this port TLS');
      const { plan } = plainOnTls.servable.serve(this.service.seed);
      await new Outgoing(this.service, this.duplex).tell(plan);
    } else {
      const shown =
        protocol === 'http2' ? 'plain HTTP/2' : `neither TLS nor HTTP (${bytes.subarray(0, 4).toString('hex')})`;
      this.note(`SSL handshake error: the client speaks ${shown}, and this port TLS`);
    }
  }

  /** Waits for as many first bytes as tell what is spoken. */
  private async look({ duplex, first }: Layer): Promise<Peeked> {
    const stillness = this.watch();
    try {
      return await peek(duplex, first, (bytes) => sniff(bytes) !== undefined);
    } finally {
      stillness?.stop();
    }
  }

  /** Gives a client up that says nothing for too long before a session has begun. */
  private watch(): Stillness | undefined {
    const { clock, timeout, signal } = this.service;
    if (timeout === undefined) return undefined;
    return new Stillness(clock, timeout, () => {
      if (this.timedOut || signal.aborted) return;
      this.timedOut = true;
      this.service.log(NoteEntry.timeout(clock.now()));
      this.duplex.destroy();
    });
  }

  private note(msg: string): void {
    const { signal, clock } = this.service;
    if (!signal.aborted && !this.timedOut) this.service.log(NoteEntry.error(clock.now(), msg));
  }
}

const leftAfterHandshake =
  'SSL: the client left after the handshake without a request; some do when they do not trust the certificate';

/** The ClientHello in the bytes, once it is whole. What is broken is for OpenSSL, which knows best what to say of it. */
function read(bytes: Buffer): ClientHello | 'broken' | undefined {
  try {
    return readClientHello(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return 'broken';
    throw error;
  }
}
