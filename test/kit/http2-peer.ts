import type { BlockPart } from '../../src/wire/hpack-encoder.js';
import { Http2Connection } from '../../src/wire/http2-connection.js';
import type { Http2Event } from '../../src/wire/http2-event.js';
import type { Http2Frame } from '../../src/wire/http2-frames.js';
import type { Http2ConnectionOptions } from '../../src/wire/http2-options.js';
import { connect } from './connect.js';
import type { Peer } from './peer.js';

/** How a peer behaves: a client, unless its role is another. */
export interface Http2PeerOptions extends Partial<Omit<Http2ConnectionOptions, 'onFrame'>> {
  /** Forgets the data that it gets, but for its length. */
  readonly forget?: boolean;
}

/** An HTTP/2 peer under a test's hand, frame by frame: every event is kept, and bytes of its own can be sent. */
export class Http2Peer {
  readonly core: Http2Connection;
  readonly events: Http2Event[] = [];
  readonly frames: Http2Frame[] = [];
  /** Bytes of DATA received on each stream. */
  readonly received = new Map<number, number>();
  /** The error of the connection that it found. */
  failure: unknown;
  private readonly watchers = new Set<() => void>();

  constructor(
    readonly peer: Peer,
    { forget = false, ...options }: Http2PeerOptions,
  ) {
    this.core = new Http2Connection({
      role: 'client',
      ...options,
      onFrame: (frame) => {
        if (!forget) this.frames.push(frame);
      },
    });
    const { socket } = peer;
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      this.core.receive(chunk);
      this.pull(forget);
      this.flush();
      this.look();
    });
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        this.look();
      });
    }
    this.flush();
  }

  /** Sends what the core has to say. */
  flush(): this {
    const { socket } = this.peer;
    for (let bytes = this.core.takeOutput(); bytes.length > 0; bytes = this.core.takeOutput()) {
      if (socket.writable) socket.write(bytes);
    }
    return this;
  }

  /** Sends a request and gives the id of its stream. */
  request(
    path: string,
    fields: readonly BlockPart[] = [],
    options: { method?: string; endStream?: boolean } = {},
  ): number {
    const { method = 'GET', endStream = true } = options;
    const id = this.core.openStream();
    const pseudo = [
      { name: ':method', value: method },
      { name: ':scheme', value: 'http' },
      { name: ':path', value: path },
      { name: ':authority', value: 'test' },
    ];
    this.core.sendHeaders(id, [...pseudo, ...fields], { endStream });
    this.flush();
    return id;
  }

  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): this {
    this.core.sendRaw(bytes);
    return this.flush();
  }

  /** Sends the request and resolves once its stream is over: to what came, in brief. */
  async ask(path: string): Promise<string> {
    const id = this.request(path);
    await this.over(id);
    return this.answer(id);
  }

  /** What came on a stream, in brief: `200 content-length=5 hello`. */
  answer(id: number): string {
    const parts: string[] = [];
    let body = '';
    for (const event of this.events) {
      if (!('streamId' in event) || event.streamId !== id) continue;
      if (event.type === 'headers' || event.type === 'trailers') {
        if (body !== '') parts.push(body);
        body = '';
        parts.push(...event.headers.map(({ name, value }) => (name === ':status' ? value : `${name}=${value}`)));
      } else if (event.type === 'data') body += event.data.toString('latin1');
      else if (event.type === 'reset') body += ` reset ${event.errorCode} by ${event.by}`;
    }
    return [...parts, ...(body === '' ? [] : [body])].join(' ');
  }

  /** Resolves once the answer on a stream has ended, or the stream was reset. */
  async over(id: number): Promise<void> {
    await this.until(() =>
      this.events.some((event) => (event.type === 'end' || event.type === 'reset') && event.streamId === id),
    );
  }

  /** The first event of a kind, once there is one. */
  async event<T extends Http2Event['type']>(type: T): Promise<Extract<Http2Event, { type: T }>> {
    const find = (): Extract<Http2Event, { type: T }> | undefined =>
      this.events.find((event): event is Extract<Http2Event, { type: T }> => event.type === type);
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`no ${type}`);
    return found;
  }

  /** Resolves once it is the case; rejects when the connection ends before. */
  until(isTheCase: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = (): void => {
        if (isTheCase()) resolve();
        else if (this.peer.socket.closed || this.peer.socket.readableEnded) {
          reject(new Error(`the connection ended before; ${this.peer.error?.message ?? 'in order'}`));
        } else return;
        this.watchers.delete(watch);
      };
      this.watchers.add(watch);
      watch();
    });
  }

  private pull(forget: boolean): void {
    if (this.failure !== undefined) return;
    try {
      for (let event = this.core.next(); event; event = this.core.next()) {
        if (event.type === 'data') {
          this.received.set(event.streamId, (this.received.get(event.streamId) ?? 0) + event.data.length);
          if (forget) continue;
        }
        this.events.push(event);
      }
    } catch (error) {
      this.failure = error;
    }
  }

  private look(): void {
    for (const watch of this.watchers) watch();
  }
}

/** A client of a local port that speaks HTTP/2 with prior knowledge. It is destroyed when the test that made it is over. */
export async function http2Peer(port: number, options: Http2PeerOptions = {}): Promise<Http2Peer> {
  return new Http2Peer(await connect(port), options);
}
