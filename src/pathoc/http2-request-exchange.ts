/**
 * One request over HTTP/2, and the answer to it.
 *
 *     sending    |- HEADERS, DATA ... -| . . . . . .
 *     receiving  . . . |- 1xx -| . |- HEADERS, DATA -|
 *
 * As over HTTP/1 both go on at the same time. A stream that is given up is reset, and the connection goes on.
 */
import type { Http2RequestMessage, Settings, StreamIds } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { Stillness } from '../net/stillness.js';
import type { Exchange } from './exchange.js';
import type { AnsweredStream, Http2Line } from './http2-line.js';
import { sendHttp2Request } from './http2-request-sender.js';

/** What became of a message. */
export type Http2Outcome = Pick<Exchange, 'response' | 'informational' | 'failure' | 'disconnected' | 'unsent'>;

/** What a request is sent with. */
export interface RequestPorts {
  readonly line: Http2Line;
  readonly streams: StreamIds;
  readonly clock: Clock;
  /** Seconds. */
  readonly timeout: number | undefined;
  /** Bytes of the body to keep. */
  readonly maximumBody: number;
}

/**
 * Seconds in which a server that has answered must take something, if it does not have all of the request, as
 * over HTTP/1.
 */
const patience = 5;

/**
 * Sends a request and waits for what comes of it. What the server does is told, not thrown.
 * @throws {FileAccessDenied | RenderError} when it cannot be turned into bytes
 */
export function exchangeHttp2(
  ports: RequestPorts,
  message: Http2RequestMessage,
  settings: Settings,
): Promise<Http2Outcome> {
  return new RequestExchange(ports, message, settings).run();
}

class RequestExchange {
  private readonly stillness: Stillness;
  private patience: Stillness | undefined;
  private stream: AnsweredStream | undefined;
  private isStill = false;
  private isStopped = false;
  private isSending = true;

  constructor(
    private readonly ports: RequestPorts,
    private readonly message: Http2RequestMessage,
    private readonly settings: Settings,
  ) {
    this.stillness = new Stillness(ports.clock, ports.timeout, this.giveUp);
    ports.line.moved = () => {
      this.stillness.touch();
      this.patience?.touch();
    };
  }

  async run(): Promise<Http2Outcome> {
    const { line } = this.ports;
    try {
      await this.until(() => line.connection.canOpen || line.refusal !== undefined);
      if (!this.isCut && line.refusal === undefined) await this.converse();
    } finally {
      this.stillness.stop();
      this.patience?.stop();
      line.moved = undefined;
    }
    return this.outcome();
  }

  private async converse(): Promise<void> {
    const { line, streams, maximumBody, clock } = this.ports;
    const { message } = this;
    const id = line.connection.openStream();
    streams.opened(id);
    const stream = line.expect(id, { left: maximumBody }, message.method);
    this.stream = stream;
    const settings = { ...this.settings, ...streams.settings() };
    const sending = sendHttp2Request(line, id, { message, settings }, () => this.isStopped || this.isCut).finally(
      () => {
        this.isSending = false;
        line.wake();
      },
    );
    // It is awaited below, and may fail before.
    sending.catch(() => undefined);
    await this.until(() => stream.isOver);
    if (stream.response !== undefined && this.isSending) {
      this.patience = new Stillness(clock, patience, this.giveUp);
      await this.until(() => !this.isSending);
    }
    this.isStopped = true;
    line.writer.look();
    await sending;
    line.abandon(stream);
  }

  private outcome(): Http2Outcome {
    const { stream } = this;
    const response = stream?.response;
    return {
      response,
      informational: stream?.builder.informational ?? [],
      failure: stream?.failure ?? (response === undefined ? this.reason() : undefined),
      disconnected: false,
      unsent: response !== undefined && stream?.allSent === false,
    };
  }

  /** Why there is no answer. */
  private reason(): Exchange['failure'] {
    const { line } = this.ports;
    if (line.failure !== undefined) return line.failure;
    if (line.ended) return line.disconnection(this.stream?.builder);
    return this.isStill ? 'timeout' : (line.refusal ?? line.disconnection());
  }

  /** Whether nothing more can come, or nothing more is waited for. */
  private get isCut(): boolean {
    return this.isStill || this.ports.line.isOver;
  }

  private async until(isTheCase: () => boolean): Promise<void> {
    while (!isTheCase() && !this.isCut) await this.ports.line.event();
  }

  private readonly giveUp = (): void => {
    this.isStill = true;
    this.ports.line.wake();
    this.ports.line.writer.look();
  };
}
