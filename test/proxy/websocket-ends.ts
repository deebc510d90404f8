import type { Clock } from '../../src/net/clock.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { WebSocketData } from '../../src/proxy/flow/websocket.js';
import type { Addon } from '../../src/proxy/hooks/addon.js';
import type { ProxyInput } from '../../src/proxy/options.js';
import { relayWebSocket } from '../../src/proxy/websocket-relay.js';
import { FrameReader } from '../../src/wire/websocket-frames.js';
import type { ReceivedFrame } from '../../src/wire/websocket-frames.js';
import { encodeFrame } from '../../src/wire/websocket-writer.js';
import { connect } from '../kit/connect.js';
import type { Peer } from '../kit/peer.js';
import { rawServer } from '../kit/raw-server.js';
import { clientContext } from './client-context.js';
import { switchingProxy } from './switching-proxy.js';

/** What the relay is to be tried in. */
export interface WebSocketSettings {
  readonly addon?: Addon;
  readonly options?: ProxyInput;
  readonly clock?: Clock;
  /** What the server answers in Sec-WebSocket-Extensions. */
  readonly extensions?: string;
  /** Stops the proxy. */
  readonly signal?: AbortSignal;
}

/** Both ends in the test's hand, behind their handshakes. */
export async function websocketEnds({ addon = {}, options = {}, clock, extensions, signal }: WebSocketSettings = {}) {
  const whole = clientContext({ addons: [addon], options, ...(clock && { clock }) });
  const context = signal === undefined ? whole : { ...whole, proxy: { ...whole.proxy, signal } };
  const agreed = extensions === undefined ? '' : `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  const server = await rawServer((peer) => {
    void peer.until('\r\n\r\n').then(() => {
      peer.send(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${agreed}\r\n`);
    });
  });
  const proxy = await switchingProxy(context, server.port, relayWebSocket);
  const client = await connect(proxy.port, { allowHalfOpen: true });
  client.send('GET /chat HTTP/1.1\r\nHost: server.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await client.until('\r\n\r\n');
  return {
    context,
    proxy,
    client: new WebSocketEnd(client),
    server: new WebSocketEnd(await server.peer()),
    flow: () => flowOf(proxy.flows),
  };
}

/** The only flow, which has a WebSocket. */
export function flowOf(flows: readonly HttpFlow[]): HttpFlow & { websocket: WebSocketData } {
  const [flow] = flows;
  if (flow?.websocket === undefined) throw new Error('there is no WebSocket');
  // As was just seen.
  return flow as HttpFlow & { websocket: WebSocketData };
}

/** One end that speaks in frames. */
export class WebSocketEnd {
  private readonly handshake: number;

  constructor(readonly peer: Peer) {
    this.handshake = peer.received.indexOf('\r\n\r\n') + 4;
  }

  get bytes(): Buffer {
    return this.peer.received.subarray(this.handshake);
  }

  get frames(): readonly ReceivedFrame[] {
    const reader = new FrameReader();
    reader.receive(Buffer.from(this.bytes));
    const frames: ReceivedFrame[] = [];
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
    return frames;
  }

  /** The frames, once there are so many. */
  async until(count: number): Promise<readonly ReceivedFrame[]> {
    await this.peer.until(() => this.frames.length >= count);
    return this.frames;
  }
}

const key = Buffer.of(1, 2, 3, 4);

/** A frame as a client sends it, or, without a key, a server. */
export function frame(
  opcode: number,
  payload: string | Buffer,
  { fin = true, masked = true, compressed = false } = {},
): Buffer {
  return encodeFrame({ opcode, fin, compressed, payload: Buffer.from(payload), key: masked ? key : undefined });
}

/** For frames of a server. */
export const bare = { masked: false };
/** What a Close frame says. */
export const closing = (status: number, reason = ''): Buffer =>
  Buffer.from([status >> 8, status & 0xff, ...Buffer.from(reason)]);
