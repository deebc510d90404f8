import type { OutgoingBody } from './http-stream.js';
import type { Http2Line } from './http2-line.js';
import { trailerFields } from './http2-message.js';
import type { FieldsOptions } from './http2-message.js';
import type { Headers } from './message/headers.js';

/** Somebody who waits, and those who wait with him. */
interface Wait {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** The body that is sent on a stream of HTTP/2, as fast as the peer's windows allow. */
export class Http2OutgoingBody implements OutgoingBody {
  /** Whether nothing is to follow what was sent. */
  isEnded = false;
  private isOpening: boolean;
  private opening: Wait | undefined;
  private draining: Wait | undefined;

  /** @param streamId 0 for a stream that is still to be opened: see {@link open} */
  constructor(
    private readonly line: Http2Line,
    private streamId: number,
    private readonly options: FieldsOptions,
  ) {
    this.isOpening = streamId === 0;
  }

  /** The stream is open now, or will never be. */
  open(streamId: number): void {
    this.streamId = streamId;
    this.isOpening = false;
    this.opening?.resolve();
    this.opening = undefined;
  }

  write(piece: Buffer): void | Promise<void> {
    if (this.isOpening) return this.opened().then(() => this.write(piece));
    if (piece.length === 0) return undefined;
    this.line.connection.sendData(this.streamId, piece);
    return this.sent();
  }

  get isLost(): boolean {
    if (this.isEnded) return false;
    return this.line.isOver || (!this.isOpening && !this.line.connection.isOpen(this.streamId));
  }

  /** @throws {ProtocolError} when HTTP/2 has no place for the trailers: the stream is not ended then */
  end(trailers?: Headers): void | Promise<void> {
    if (this.isOpening) return this.opened().then(() => this.end(trailers));
    const { connection } = this.line;
    if (trailers === undefined || trailers.size === 0) connection.sendData(this.streamId, nothing, { endStream: true });
    else connection.sendHeaders(this.streamId, trailerFields(trailers, this.options), { endStream: true });
    this.isEnded = true;
    return this.sent();
  }

  /** Sends all of a body, and ends the stream. */
  sendAll(body: Buffer, trailers: Headers | undefined): void | Promise<void> {
    if (this.isOpening) return this.opened().then(() => this.sendAll(body, trailers));
    const isAll = trailers === undefined || trailers.size === 0;
    if (body.length > 0 || isAll) this.line.connection.sendData(this.streamId, body, { endStream: isAll });
    if (!isAll) return this.end(trailers);
    this.isEnded = true;
    return this.sent();
  }

  /** There is room again, or nothing can be sent any more. */
  drained(): void {
    this.draining?.resolve();
    this.draining = undefined;
  }

  private opened(): Promise<void> {
    this.opening ??= newWait();
    return this.opening.promise;
  }

  private sent(): void | Promise<void> {
    this.line.worked();
    this.line.sendSoon();
    if (this.line.isOver || this.line.connection.takesData(this.streamId)) return undefined;
    this.draining ??= newWait();
    return this.draining.promise;
  }
}

const nothing = Buffer.alloc(0);

function newWait(): Wait {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
