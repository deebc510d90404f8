/**
 * Passes the messages of a WebSocket between a client and a server, and keeps them.
 *
 * A message is passed on when it is complete and the hooks have seen it: with the frames, the compression and the
 * masks that it came with when nothing was changed. Pings and pongs pass at once and are not kept. A Close frame is
 * passed on, and the other side's answer is waited for. An addon changes a message by giving it another `content`:
 * bytes that are changed in place go unnoticed.
 *
 * WebSockets over HTTP/2 (RFC 8441) are not offered to clients and not asked of servers.
 */
import { isError } from '../errors.js';
import { isUtf8 } from 'node:buffer';
import { drained } from '../net/drained.js';
import { relayBare } from './bare-relay.js';
import { abnormalClosure, mayBeSent, noStatus } from '../wire/websocket-close.js';
import type { CloseReason } from '../wire/websocket-close.js';
import { agreedDeflate, readExtensions } from '../wire/websocket-deflate.js';
import type { DeflateAgreement, WebSocketExtension } from '../wire/websocket-deflate.js';
import { WebSocketError } from '../wire/websocket-error.js';
import { opcodeNames } from '../wire/websocket-frames.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import type { MessageEvent, WebSocketEvent } from '../wire/websocket-reader.js';
import type { ClientContext } from './context.js';
import type { HttpFlow } from './flow/http-flow.js';
import { WebSocketData, WebSocketMessage } from './flow/websocket.js';
import type { TakenOver } from './http-stream.js';
import { muteEnd } from './mute-end.js';
import { openWebSocketOf, openWebSockets } from './open-websockets.js';
import { RelayEnds } from './relay-ends.js';
import type { Side } from './relay-ends.js';
import { serverDisconnected } from './server-disconnected.js';
import { Turns } from './turns.js';
import type { ReceivedMessage } from './websocket-outlet.js';
import { websocketWay } from './websocket-way.js';
import type { WebSocketWay } from './websocket-way.js';

/** Bytes that a message may have, compressed or not, when no limit is set for bodies. */
const defaultMaximum = 128 * 1024 * 1024;
/** Milliseconds that a side has to answer a Close frame. */
const closePatience = 10_000;
const opcodeOfPing = 9;

/**
 * Relays until the WebSocket is closed or one side is lost, and closes both sides. Never rejects.
 * @param flow its response has switched protocols, and says which extensions were agreed on
 */
export async function relayWebSocket(
  context: ClientContext,
  flow: HttpFlow,
  client: TakenOver,
  server: TakenOver,
): Promise<void> {
  const extensions = flow.response?.headers.getAll('sec-websocket-extensions').flatMap(readExtensions) ?? [];
  const [first] = extensions;
  const agreement = first === undefined ? undefined : agreedDeflate(first);
  if (extensions.length > (agreement === undefined ? 0 : 1))
    await relayUnread(context, flow, client, server, extensions);
  else await new WebSocketRelay(context, flow, client, server, agreement).run();
  await serverDisconnected(context, flow.serverConn);
}

/**
 * Speaks with a client on a WebSocket that no server is behind: what it is told comes from addons. Pings are answered,
 * and so is a Close frame.
 */
export async function answerWebSocket(context: ClientContext, flow: HttpFlow, client: TakenOver): Promise<void> {
  const nobody = { duplex: muteEnd(), rest: Buffer.alloc(0) };
  await new WebSocketRelay(context, flow, client, nobody, undefined, true).run();
}

/**
 * Sends a message as if the other side had sent it. Hooks are called as for any message; it is flagged `injected`.
 * @throws {TypeError} when the flow has no open WebSocket
 */
export function injectWebSocketMessage(flow: HttpFlow, toClient: boolean, content: Buffer, isText: boolean): void {
  openWebSocketOf(flow).inject(toClient, content, isText);
}

/** An extension that is not known may change what frames mean: they pass unread. */
async function relayUnread(
  { proxy }: ClientContext,
  flow: HttpFlow,
  client: TakenOver,
  server: TakenOver,
  extensions: readonly WebSocketExtension[],
): Promise<void> {
  const names = extensions.map(({ name }) => name).join(', ');
  proxy.log.warn(`WebSocket ${flow.request.prettyUrl} passes unread: its extension is not known: ${names}`);
  const data = (flow.websocket ??= new WebSocketData());
  await proxy.hooks.fireFlow('websocketStart', flow);
  await relayBare(proxy, client.duplex, server.duplex, { fromClient: client.rest, fromServer: server.rest });
  Object.assign(data, { closeCode: noStatus, closeReason: '', timestampEnd: proxy.clock.now() / 1000 });
  await proxy.hooks.fire('websocketEnd', flow);
  flow.live = false;
}

class WebSocketRelay {
  private readonly data: WebSocketData;
  private readonly ends: RelayEnds;
  private readonly turns = new Turns();
  private readonly over = new AbortController();
  private readonly fromClient: WebSocketWay;
  private readonly fromServer: WebSocketWay;

  constructor(
    private readonly context: ClientContext,
    private readonly flow: HttpFlow,
    client: TakenOver,
    server: TakenOver,
    agreement: DeflateAgreement | undefined,
    /** Whether nobody is on the side of the server. */
    private readonly isAnswered = false,
  ) {
    const { proxy } = context;
    this.data = flow.websocket ??= new WebSocketData();
    const maximum = proxy.store.values.bodySizeLimit ?? defaultMaximum;
    this.fromClient = websocketWay('client', client, server.duplex, agreement?.client, maximum);
    this.fromServer = websocketWay('server', server, client.duplex, agreement?.server, maximum);
    this.ends = new RelayEnds(proxy, client.duplex, server.duplex, { flow, onStop: this.goAway });
  }

  async run(): Promise<void> {
    const { flow, data, ends, context } = this;
    const { hooks, clock } = context.proxy;
    flow.live = true;
    openWebSockets.set(flow, this);
    await this.turns.take(() => hooks.fireFlow('websocketStart', flow));
    void this.carry(this.fromClient);
    void this.carry(this.fromServer);
    const ending = await ends.finished();
    openWebSockets.delete(flow);
    // The default reason, an error with its stack, is costly.
    this.over.abort('over');
    // What an addon still does with the last message comes before the end.
    await this.turns.take(() => undefined);
    this.noteClose(ending.how === 'lost' ? ending.side : undefined, abnormalClosure);
    data.timestampEnd = clock.now() / 1000;
    await hooks.fire('websocketEnd', flow);
    flow.live = false;
    await ends.close();
  }

  inject(toClient: boolean, content: Buffer, isText: boolean): void {
    const way = toClient ? this.fromServer : this.fromClient;
    const message = this.messageOf(way, isText ? 1 : 2, content);
    message.injected = true;
    const done = this.turns.take(() => this.pass(way, message));
    if (done !== undefined) done.catch(this.giveUp);
  }

  close(close: CloseReason): void {
    if (this.fromServer.closed || this.ends.over) return;
    const closing = this.turns.take(() => {
      if (!mayBeSent(close.status) && close.status !== noStatus) {
        this.ends.finish({ how: 'lost', side: 'server', error: undefined });
        return;
      }
      this.fromServer.outlet.close(close);
      this.receiveClose(this.fromServer, close);
    });
    if (closing !== undefined) closing.catch(this.giveUp);
  }

  private async carry(way: WebSocketWay): Promise<void> {
    const { ends } = this;
    try {
      for (;;) {
        const event = way.reader.next();
        if (event === undefined) {
          const reading = way.source.read();
          const chunk = reading instanceof Promise ? await reading : reading;
          if (chunk === undefined) break;
          way.reader.receive(chunk);
          way.outlet.gather();
          continue;
        }
        // Others than messages are not held up by messages of the other side.
        const handling =
          event.kind === 'message' ? this.turns.take(() => this.receive(way, event)) : this.control(way, event);
        if (handling !== undefined) await handling;
        const draining = drained(way.outlet.duplex);
        if (draining !== undefined) await draining;
        if (ends.over || way.closed) return;
      }
    } catch (error) {
      if (error instanceof WebSocketError) this.refuse(way, error);
      else this.giveUp(error);
      return;
    }
    const { ending } = way.source;
    const error = ending?.how === 'closed' ? ending.error : undefined;
    ends.finish({ how: 'lost', side: way.from, error });
  }

  private control(way: WebSocketWay, event: Exclude<WebSocketEvent, MessageEvent>): undefined {
    way.outlet.forward(event.frame);
    if (this.isAnswered) this.answer(event);
    if (event.kind === 'close') this.receiveClose(way, event.close);
    else this.logControl(way, event.frame);
  }

  /** Does what the server would do with a frame that is no message. */
  private answer(event: Exclude<WebSocketEvent, MessageEvent>): void {
    const { outlet } = this.fromServer;
    if (event.kind !== 'close') {
      if (event.frame.opcode === opcodeOfPing) outlet.pong(event.frame.payload);
    } else if (!this.fromServer.closed) {
      outlet.close(event.close);
      this.fromServer.closed = true;
    }
  }

  private receive(way: WebSocketWay, event: MessageEvent): void | Promise<void> {
    const { frames, compressed } = event;
    if (this.ends.over) return undefined;
    const [first] = frames;
    const payload =
      frames.length === 1 && first !== undefined ? first.payload : Buffer.concat(frames.map((frame) => frame.payload));
    const inStep = way.deflate?.inStep ?? true;
    const content = compressed && way.deflate !== undefined ? way.deflate.inflate(payload) : payload;
    if (content instanceof Promise)
      return content.then((inflated) => this.take(way, { ...event, content: inflated, inStep }));
    return this.take(way, { ...event, content, inStep });
  }

  private take(way: WebSocketWay, received: ReceivedMessage): void | Promise<void> {
    const { opcode, content } = received;
    if (opcode === 1 && !isUtf8(content)) throw new WebSocketError('a text message is not UTF-8', 1007);
    return this.pass(way, this.messageOf(way, opcode, content), received);
  }

  /** Keeps a message, calls the hook, and sends what became of it. */
  private pass(way: WebSocketWay, message: WebSocketMessage, received?: ReceivedMessage): void | Promise<void> {
    const { flow, data, ends, context } = this;
    if (ends.over) return undefined;
    data.messages.push(message);
    const waiting = context.proxy.hooks.fireFlow('websocketMessage', flow);
    if (waiting === undefined) return ends.over ? undefined : way.outlet.send(message, received);
    return waiting.then(() => (ends.over ? undefined : way.outlet.send(message, received)));
  }

  private messageOf(way: WebSocketWay, opcode: 1 | 2, content: Buffer): WebSocketMessage {
    return new WebSocketMessage(opcode, way.from === 'client', content, this.context.proxy.clock.now() / 1000);
  }

  private receiveClose(way: WebSocketWay, close: CloseReason): void {
    const { ends, context, flow } = this;
    way.closed = true;
    way.outlet.closed = true;
    openWebSockets.delete(flow);
    this.noteClose(way.from, close.status, close.reason);
    const other = way.from === 'client' ? this.fromServer : this.fromClient;
    if (other.closed) {
      ends.finish({ how: 'end' });
      return;
    }
    const { signal } = this.over;
    void context.proxy.clock.wait(closePatience, signal).then(() => {
      if (signal.aborted) return;
      other.outlet.close(close);
      ends.finish({ how: 'end' });
    });
  }

  /** Notes who closed the WebSocket, and why: the first is right. */
  private noteClose(by: Side | undefined, status: number, reason?: string): void {
    if (this.data.closeCode !== undefined) return;
    const closedByClient = by === undefined ? undefined : by === 'client';
    Object.assign(this.data, { closedByClient, closeCode: status, closeReason: reason });
  }

  private readonly goAway = (): void => {
    const close = { status: 1001, reason: 'The proxy stops.' };
    this.closeBoth(close);
    this.noteClose('server', close.status, close.reason);
  };

  private refuse(way: WebSocketWay, error: WebSocketError): void {
    const close = { status: error.status, reason: error.message };
    this.context.proxy.log.warn(`WebSocket ${this.name} is closed: the ${way.from} sent ${error.message}`);
    this.noteClose(way.from, close.status, close.reason);
    this.closeBoth(close);
    this.ends.finish({ how: 'end' });
  }

  private closeBoth(close: CloseReason): void {
    this.fromClient.outlet.close(close);
    this.fromServer.outlet.close(close);
  }

  private readonly giveUp = (error: unknown): void => {
    this.context.proxy.log.error(`WebSocket ${this.name} is closed: ${isError(error) ? error.message : String(error)}`);
    this.ends.finish({ how: 'stopped' });
  };

  private logControl(way: WebSocketWay, { opcode, payload }: ReceivedFrame): void {
    const content = payload.length === 0 ? '' : `: ${payload.toString('latin1')}`;
    this.context.proxy.log.debug(
      `WebSocket ${opcodeNames.get(opcode) ?? ''} from the ${way.from} of ${this.name}${content}`,
    );
  }

  private get name(): string {
    return this.flow.request.prettyUrl;
  }
}
