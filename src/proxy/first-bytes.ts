/** Finds out what is spoken on a stream: from what the client sends, or from its waiting for the server. */
import { peek } from '../net/peek.js';
import type { Peeked } from '../net/peek.js';
import type { ClientContext } from './context.js';
import type { LayerKind, NextLayerData } from './hooks/hook-data.js';
import type { HostLists } from './host-lists.js';
import type { Layer } from './layer.js';
import { decideLayer } from './next-layer.js';
import type { LayerFacts } from './next-layer.js';
import type { ServerLink } from './server-link.js';

/** What the first bytes told: `none` when the client left without a word. */
export interface Seen {
  readonly layer: LayerKind | 'none';
  /** What the client sent first. */
  readonly bytes: Buffer;
  /** What of that is not in the stream any more. */
  readonly rest: Buffer;
  /** The connection to the server, if there is one by now. */
  readonly server: ServerLink | undefined;
}

/**
 * Milliseconds after which a client that said nothing, or too little to tell what it speaks, is taken to wait for the
 * server.
 */
const grace = 1_000;

const nothing: Buffer = Buffer.alloc(0);

export class FirstBytes {
  private server: ServerLink | undefined;

  /** @param connect connects to the server, unless that fails */
  constructor(
    private readonly context: ClientContext,
    private readonly layer: Layer,
    private readonly lists: HostLists,
    private readonly connect: () => Promise<ServerLink | undefined>,
  ) {
    this.server = layer.server;
  }

  /** Never rejects for what the network does. */
  async look(): Promise<Seen> {
    const { duplex, first, target, purpose } = this.layer;
    // Servers that are kept away are not waited for, unless nothing else can be meant.
    const isAway = purpose === 'any' && this.layer.server === undefined && this.context.proxy.hooks.keepServersAway;
    const mayWait = target !== undefined && (purpose === 'any' || purpose === 'bytes') && !isAway;
    let peeked: Peeked = { how: 'seen', bytes: first };
    let decided = this.decide(first, false, false);
    if (decided === 'more' || first.length > 0) {
      const isKnown = (bytes: Buffer): boolean => this.decide(bytes, false, false) !== 'more';
      if (!mayWait) peeked = await peek(duplex, first, isKnown);
      else {
        const either = await this.awaitEither(first, isKnown);
        peeked = either.peeked;
        if (either.serverSpoke) return this.seen(this.decide(peeked.bytes, true, true), peeked);
      }
      decided = this.decide(peeked.bytes, peeked.how !== 'seen', false);
    }
    return this.seen(decided, peeked);
  }

  /** Waits until the client or the server has said something that tells. */
  private async awaitEither(
    first: Buffer,
    isKnown: (bytes: Buffer) => boolean,
  ): Promise<{ peeked: Peeked; serverSpoke: boolean }> {
    const { clock, signal } = this.context.proxy;
    const early = new AbortController();
    void clock.wait(grace, AbortSignal.any([early.signal, signal])).then(() => {
      early.abort('over');
    });
    const quick = await this.race(first, isKnown, early);
    early.abort('over');
    if (quick.serverSpoke || quick.peeked.how !== 'seen' || isKnown(quick.peeked.bytes)) return quick;
    if (this.decide(quick.peeked.bytes, true, false) !== 'more') return { ...quick, serverSpoke: true };
    this.server ??= await this.connect();
    if (this.server === undefined) return { peeked: { how: 'closed', bytes: quick.peeked.bytes }, serverSpoke: false };
    return this.race(nothing, isKnown, new AbortController());
  }

  private async race(
    first: Buffer,
    isKnown: (bytes: Buffer) => boolean,
    over: AbortController,
  ): Promise<{ peeked: Peeked; serverSpoke: boolean }> {
    const client = peek(this.layer.duplex, first, isKnown, over.signal);
    const { server } = this;
    // Behind TLS that is still to be spoken, a server is silent.
    const isMute = server === undefined || this.layer.serverTls === true;
    if (isMute) return { peeked: await client, serverSpoke: false };
    const speech = peek(server.duplex, nothing, tellsOfServer, over.signal);
    const serverSpoke = await Promise.race([
      client.then(() => false),
      speech.then(({ bytes }) => tellsOfServer(bytes)),
    ]);
    over.abort('over');
    await speech;
    return { peeked: await client, serverSpoke };
  }

  private decide(bytes: Buffer, quiet: boolean, serverSpoke: boolean): LayerKind | 'more' {
    const { purpose, target, clientTls } = this.layer;
    const { client, proxy } = this.context;
    const facts: LayerFacts = {
      ...{ purpose, target, bytes, quiet, serverSpoke, lists: this.lists },
      tls: clientTls ? { serverName: client.sni, alpn: client.alpn } : undefined,
      rawtcp: proxy.store.values.rawtcp,
    };
    return decideLayer(facts);
  }

  private async seen(decided: LayerKind | 'more', { how, bytes }: Peeked): Promise<Seen> {
    const { server, layer, context } = this;
    const known = { bytes, rest: how === 'seen' ? nothing : bytes, server };
    if (decided === 'more') return { ...known, layer: 'none' };
    const { hooks } = context.proxy;
    if (!hooks.listens('nextLayer')) return { ...known, layer: decided };
    const data: NextLayerData = {
      client: context.client,
      target: layer.target,
      clientBytes: bytes,
      layer: decided,
    };
    await hooks.fire('nextLayer', data);
    return { ...known, layer: data.layer };
  }
}

/** A SETTINGS frame of 0 to 255 bytes on stream 0 (RFC 9113, section 6.5), but for its length. */
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/**
 * Whether what a server said first tells that it is the first to speak. A server of HTTP/2 that need not wait for TLS
 * sends its settings at once, and the client its preface at the same time.
 */
function tellsOfServer(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  return settings.subarray(0, bytes.length).some((byte, i) => i !== 2 && byte !== bytes[i]);
}
