/** One connection of a client: it sends requests, reads what comes, and may leave with a reset at any moment. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { absorbErrors } from '../../src/net/absorb-errors.js';
import { ByteSource } from '../../src/net/byte-source.js';
import { Http1ResponseReader } from '../../src/wire/http1-reader.js';
import type { SoakRequest } from './requests.js';

/** Milliseconds that a client waits for the whole of a response; then it ends its side. Of a fault it expects little. */
const patience = 30_000;
const faultPatience = 1_500;

/** Milliseconds that it then waits for the end of the connection. */
const lastPatience = 20_000;

/** Bytes of a response after which a client has enough and leaves: some have no end. */
const enough = 2 * 1024 * 1024;

/** What came of a request, as its client sees it. */
export type Met =
  /** It was answered. */
  | 'answered'
  /** All of it was sent, and the proxy closed the connection, or the client ended its side in order. */
  | 'closed'
  /** The connection was closed behind the response before it; the proxy has perhaps not read it. */
  | 'crossed'
  /** The client left before the proxy was bound to have seen it. */
  | 'left'
  /** The proxy did not close the connection in time. */
  | 'stuck';

export class SoakClient {
  private readonly raw: Socket;
  private readonly duplex: Duplex;
  private readonly source: ByteSource;
  private readonly reader = new Http1ResponseReader();
  private isClosed = false;
  private isUsed = false;
  /** Bytes that came of the response. */
  private received = 0;

  constructor(port: number, tls: boolean) {
    this.raw = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    absorbErrors(this.raw);
    this.duplex = tls ? connectTls({ socket: this.raw, rejectUnauthorized: false }) : this.raw;
    this.source = new ByteSource(this.duplex);
  }

  /** Whether another request can be sent. */
  get isOpen(): boolean {
    return !this.isClosed && this.source.ending === undefined;
  }

  async send(request: SoakRequest): Promise<Met> {
    const isFirst = !this.isUsed;
    this.isUsed = true;
    this.received = 0;
    const met = await this.sendNext(request);
    return met === 'closed' && !isFirst && this.received === 0 ? 'crossed' : met;
  }

  private async sendNext(request: SoakRequest): Promise<Met> {
    const bytes = bytesOf(request);
    switch (request.reset) {
      case 'in the request':
        this.duplex.write(bytes.subarray(0, request.number % bytes.length));
        await setTimeout(request.number % 5);
        return this.leave();
      case 'at once':
        this.duplex.write(bytes);
        return this.leave();
      case 'after a while':
        this.duplex.write(bytes);
        await setTimeout(request.number % 50);
        return this.leave();
      case 'at the first bytes':
      case 'never':
        this.duplex.write(bytes);
        return this.receive(request.reset === 'never', request.isFault ? faultPatience : patience);
    }
  }

  /** Leaves without a word. */
  reset(): void {
    this.isClosed = true;
    this.raw.resetAndDestroy();
    this.duplex.destroy();
  }

  /** Ends in order. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.source.ending === undefined) {
      this.duplex.end();
      await this.drain(lastPatience);
    }
    this.duplex.destroy();
    this.raw.destroy();
  }

  private leave(): 'left' {
    this.reset();
    return 'left';
  }

  private async receive(all: boolean, ms: number): Promise<Met> {
    const over = new AbortController();
    const late = setTimeout(ms, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
    try {
      for (;;) {
        const event = this.reader.next();
        if (event?.type === 'end') return 'answered';
        if (event !== undefined) continue;
        const reading = this.source.read();
        const chunk = reading instanceof Promise ? await Promise.race([reading, late]) : reading;
        if (chunk === 'late') return await this.finish();
        if (chunk === undefined) {
          this.reader.finish();
          if (this.source.ending?.how === 'closed') return 'closed';
          continue;
        }
        this.received += chunk.length;
        if (!all || this.received > enough) {
          this.reset();
          return 'closed';
        }
        this.reader.receive(chunk);
      }
    } catch {
      // Whatever the server sent wrong, the proxy may have passed on.
      return this.finish();
    } finally {
      over.abort();
    }
  }

  /** Ends the client's side, and waits for the proxy to do so. */
  private async finish(): Promise<Met> {
    this.isClosed = true;
    this.duplex.end();
    return (await this.drain(lastPatience)) ? 'closed' : 'stuck';
  }

  /** @returns whether the connection ended in time */
  private async drain(ms: number): Promise<boolean> {
    const over = new AbortController();
    const late = setTimeout(ms, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
    this.source.detach();
    this.duplex.resume();
    const gone = new Promise((resolve) => {
      if (this.duplex.destroyed || this.duplex.readableEnded) resolve('gone');
      else this.duplex.once('end', resolve).once('close', resolve);
    });
    const isLate = (await Promise.race([gone, late])) === 'late';
    over.abort();
    this.duplex.destroy();
    this.raw.destroy();
    return !isLate;
  }
}

function bytesOf({ number, spec, body, isChunked }: SoakRequest): Buffer {
  const method = body === undefined ? 'GET' : 'POST';
  const head = `${method} /p/${spec} HTTP/1.1\r\nHost: soak\r\nX-Soak: ${String(number)}\r\n`;
  if (body === undefined) return Buffer.from(`${head}\r\n`);
  const content = Buffer.alloc(body, 'b');
  if (!isChunked || body === 0)
    return Buffer.concat([Buffer.from(`${head}Content-Length: ${String(body)}\r\n\r\n`), content]);
  const size = body.toString(16);
  return Buffer.concat([
    Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n${size}\r\n`),
    content,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}
