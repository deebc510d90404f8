/**
 * Passes bytes between a client and a server when nothing is known of what they mean.
 *
 * The end of one side ends the writing to the other side only; a reset is passed on as a reset. Each direction is as
 * fast as its reader.
 */
import type { Duplex } from 'node:stream';
import { ByteSource } from '../net/byte-source.js';
import { drained } from '../net/drained.js';
import { formatAddress } from '../net/format-address.js';
import { systemReason } from '../net/system-error.js';
import { relayBare } from './bare-relay.js';
import type { ClientContext } from './context.js';
import type { ServerConnection } from './flow/connection.js';
import { KeptMessage } from './flow/kept-message.js';
import { TcpFlow } from './flow/stream-flow.js';
import type { StreamMessage } from './flow/stream-flow.js';
import type { TakenOver } from './http-stream.js';
import { RelayEnds } from './relay-ends.js';
import type { RelayEnding } from './relay-ends.js';
import { serverDisconnected } from './server-disconnected.js';
import { Turns } from './turns.js';

/** The server's end of a relay; a `ServerLink` is one. */
export interface RelayedServer {
  readonly duplex: Duplex;
  /** What was read from it already. */
  readonly rest?: Buffer | undefined;
  /** What flows tell of it. */
  readonly connection: ServerConnection;
}

export interface TcpRelayOptions {
  /** Whether there is a flow of what passes. Without one nothing is seen of it, and nothing kept. */
  readonly kept: boolean;
}

const nothing: Buffer = Buffer.alloc(0);
const relays = new WeakMap<TcpFlow, TcpRelay>();

/**
 * Relays until both sides have ended, or one has failed, and closes both. Never rejects.
 *
 * All messages stay in `flow.messages`, chunk by chunk as they came: the memory of a flow grows with what passes.
 */
export async function relayTcp(
  context: ClientContext,
  client: TakenOver,
  server: RelayedServer,
  options: TcpRelayOptions,
): Promise<void> {
  const fromServer = server.rest ?? nothing;
  const { proxy } = context;
  const ending = options.kept
    ? await new TcpRelay(context, client, { ...server, rest: fromServer }).run()
    : await relayBare(proxy, client.duplex, server.duplex, { fromClient: client.rest, fromServer });
  if (ending.how === 'idle') {
    const seconds = String(proxy.store.values.tcpTimeout);
    proxy.log.info(`${nameOf(server.connection)}: nothing was sent for ${seconds} seconds; the connection is closed`);
  }
  await serverDisconnected(context, server.connection);
}

/**
 * Sends bytes as if the other side had sent them. Hooks are called as for any message.
 * @throws {TypeError} when the flow is on no connection
 */
export function injectTcpMessage(flow: TcpFlow, toClient: boolean, content: Buffer): void {
  const relay = relays.get(flow);
  if (relay === undefined) throw new TypeError('nothing can be sent: the flow is not live');
  relay.inject(toClient, content);
}

class TcpRelay {
  private readonly flow: TcpFlow;
  private readonly ends: RelayEnds;
  private readonly turns = new Turns();
  private open = 2;

  constructor(
    private readonly context: ClientContext,
    private readonly client: TakenOver,
    private readonly server: TakenOver & RelayedServer,
  ) {
    const { proxy } = context;
    this.flow = new TcpFlow({
      clientConn: context.client,
      serverConn: server.connection,
      timestampCreated: proxy.clock.now() / 1000,
    });
    const seconds = proxy.store.values.tcpTimeout;
    this.ends = new RelayEnds(proxy, client.duplex, server.duplex, { seconds, flow: this.flow });
  }

  async run(): Promise<RelayEnding> {
    const { flow, ends, client, server, context } = this;
    const { hooks } = context.proxy;
    flow.live = true;
    relays.set(flow, this);
    await this.turns.take(() => hooks.fireFlow('tcpStart', flow));
    void this.carry(true, new ByteSource(client.duplex, client.rest), server.duplex);
    void this.carry(false, new ByteSource(server.duplex, server.rest), client.duplex);
    const ending = await ends.finished();
    relays.delete(flow);
    // What an addon still does with the last message comes before the end.
    await this.turns.take(() => undefined);
    this.noteFailure(ending);
    await hooks.fire(flow.error === undefined ? 'tcpEnd' : 'tcpError', flow);
    flow.live = false;
    await ends.close();
    return ending;
  }

  inject(toClient: boolean, content: Buffer): void {
    const sink = (toClient ? this.client : this.server).duplex;
    void this.turns.take(() => this.pass(!toClient, content, sink));
  }

  private async carry(fromClient: boolean, source: ByteSource, sink: Duplex): Promise<void> {
    const { ends, turns } = this;
    for (;;) {
      const reading = source.read();
      const chunk = reading instanceof Promise ? await reading : reading;
      if (chunk === undefined) break;
      ends.touch();
      const passing = turns.take(() => this.pass(fromClient, chunk, sink));
      if (passing !== undefined) await passing;
      const draining = drained(sink);
      if (draining !== undefined) await draining;
      // Nobody reads what is for a side that is gone; its own direction tells of it.
      if (ends.over || sink.destroyed) return;
    }
    const { ending } = source;
    if (ending?.how === 'closed') {
      ends.finish({ how: 'lost', side: fromClient ? 'client' : 'server', error: ending.error });
      return;
    }
    sink.end();
    this.open--;
    if (this.open === 0) ends.finish({ how: 'end' });
  }

  /** Keeps a message, calls the hook, and sends what became of it. */
  private pass(fromClient: boolean, content: Buffer, sink: Duplex): void | Promise<void> {
    const { context, flow, ends } = this;
    const { clock, hooks } = context.proxy;
    if (ends.over) return undefined;
    const message = new KeptMessage(fromClient, content, clock.now() / 1000);
    flow.messages.push(message);
    const waiting = hooks.fireFlow('tcpMessage', flow);
    if (waiting === undefined) {
      this.send(message, sink);
      return undefined;
    }
    return waiting.then(() => {
      this.send(message, sink);
    });
  }

  private send({ content }: StreamMessage, sink: Duplex): void {
    if (content.length > 0 && !this.ends.over && sink.writable) sink.write(content);
  }

  private noteFailure(ending: RelayEnding): void {
    const { flow, context } = this;
    if (ending.how !== 'lost' || ending.error === undefined) return;
    const who = ending.side === 'client' ? 'Client' : 'Server';
    flow.error ??= {
      message: `${who} connection failed: ${systemReason(ending.error).reason}`,
      timestamp: context.proxy.clock.now() / 1000,
    };
  }
}

function nameOf({ address, peername }: ServerConnection): string {
  const known = address ?? peername;
  return known === undefined ? 'server' : formatAddress(...known);
}
