import { Http2Connection } from '../../src/wire/http2-connection.js';
import { Http2Error } from '../../src/wire/http2-error.js';
import type { Http2Event } from '../../src/wire/http2-event.js';
import type { Http2ConnectionOptions } from '../../src/wire/http2-options.js';
import { http2ErrorName } from '../../src/wire/http2-registry.js';

type Options = Partial<Http2ConnectionOptions>;

/** One core under a test's hand, and all that it reported. */
export class Side {
  readonly core: Http2Connection;
  readonly events: Http2Event[] = [];
  /** Its connection error, when it had one. */
  error: Http2Error | undefined;
  /** Called for each event, as a program would act upon it. */
  act: (event: Http2Event) => void = () => undefined;

  constructor(options: Http2ConnectionOptions) {
    this.core = new Http2Connection(options);
  }

  /** Gives the core bytes and pulls all events. */
  take(bytes: Buffer): void {
    this.core.receive(bytes);
    this.pull();
  }

  pull(): void {
    if (this.error) return;
    try {
      for (let event = this.core.next(); event; event = this.core.next()) {
        this.events.push(event);
        this.act(event);
      }
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.error = error;
    }
  }

  /** All that was reported about streams, in brief, data joined. */
  get story(): string[] {
    const lines: string[] = [];
    for (const event of this.events) {
      if (event.type === 'data' && lines.at(-1)?.startsWith(`data ${event.streamId} `)) {
        lines.push(`${lines.pop() ?? ''}${event.data.toString('latin1')}`);
      } else lines.push(...inBrief(event));
    }
    return this.error ? [...lines, `error ${this.error.errorName}: ${this.error.message}`] : lines;
  }
}

function inBrief(event: Http2Event): string[] {
  switch (event.type) {
    case 'headers':
    case 'trailers':
      return [[event.type, event.streamId, ...event.headers.map(({ name, value }) => `${name}=${value}`)].join(' ')];
    case 'push':
      return [`push ${event.streamId} ${event.promisedStreamId}`];
    case 'data':
      return [`data ${event.streamId} ${event.data.toString('latin1')}`];
    case 'end':
      return [`end ${event.streamId}`];
    case 'reset':
      return [`reset ${event.streamId} ${http2ErrorName(event.errorCode)} by ${event.by}`];
    case 'goaway':
      return [`goaway ${event.lastStreamId} ${http2ErrorName(event.errorCode)}`];
    case 'ping':
      return [`ping${event.ack ? ' ack' : ''} ${event.opaque.toString('latin1')}`];
    case 'violation':
      return [`violation ${event.error.message}`];
    case 'close':
      return [`close ${event.openStreams.join(',')}${event.midFrame ? ' in a frame' : ''}`];
    case 'unknown':
      return [`unknown ${event.frame.type}`];
    case 'drain':
      return [`drain ${event.streamId}`];
    case 'settings':
    case 'settings_ack':
      return [];
  }
}

/** A client and a server that talk to each other in memory. */
export class Pair {
  readonly client: Side;
  readonly server: Side;

  constructor(client: Options = {}, server: Options = {}) {
    this.client = new Side({ role: 'client', ...client });
    this.server = new Side({ role: 'server', ...server });
  }

  /** Carries bytes to and fro until both have nothing to say; `cut` cuts them up. */
  settle(cut: (bytes: Buffer) => Buffer[] = (bytes) => [bytes]): this {
    let moved = true;
    while (moved) {
      const [up, down] = [this.client.core.takeOutput(), this.server.core.takeOutput()];
      moved = up.length + down.length > 0;
      for (const chunk of cut(up)) this.server.take(chunk);
      for (const chunk of cut(down)) this.client.take(chunk);
    }
    return this;
  }
}

/** A request's fields. */
export function request(path = '/'): { name: string; value: string }[] {
  return [
    { name: ':method', value: 'GET' },
    { name: ':scheme', value: 'http' },
    { name: ':path', value: path },
    { name: ':authority', value: 'x' },
  ];
}

/** A response's fields. */
export function response(status = 200): { name: string; value: string }[] {
  return [{ name: ':status', value: String(status) }];
}
