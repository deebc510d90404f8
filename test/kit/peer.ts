import type { Socket } from 'node:net';

/** One end of a connection under a test's hand: it sends, records, and waits for what must come. */
export class Peer {
  private chunks: Buffer[] = [];
  private length = 0;
  private readonly watchers = new Set<() => void>();
  /** The error that the connection ended with. */
  error: NodeJS.ErrnoException | undefined;
  /** Whether the other side ended its sending side in order. */
  ended = false;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      this.look();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('end', () => {
      this.ended = true;
      this.look();
    });
    socket.on('close', () => {
      this.look();
    });
  }

  /** All that came so far. */
  get received(): Buffer {
    const all = Buffer.concat(this.chunks, this.length);
    this.chunks = [all];
    return all;
  }

  /** All that came so far, a character a byte. */
  get text(): string {
    return this.received.toString('latin1');
  }

  /** Sends bytes, or text with a byte a character. */
  send(data: string | Uint8Array): this {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
    return this;
  }

  /** Ends the sending side, and goes on receiving when the socket may be half open. */
  end(): this {
    this.socket.end();
    return this;
  }

  /** Resolves with all that came once it holds the text, is that long, or satisfies the predicate. */
  async until(wanted: string | number | ((received: Buffer) => boolean)): Promise<Buffer> {
    const satisfied = (): boolean => {
      if (typeof wanted === 'number') return this.length >= wanted;
      return typeof wanted === 'string' ? this.received.includes(wanted, 0, 'latin1') : wanted(this.received);
    };
    await this.when(satisfied, typeof wanted === 'function' ? 'what was awaited' : JSON.stringify(wanted));
    return this.received;
  }

  /** Resolves with all that came once the other side ended. */
  async untilEnd(): Promise<Buffer> {
    await this.when(() => this.ended, 'the end');
    return this.received;
  }

  /** Resolves with all that came once the connection is closed, in order or not. */
  async closed(): Promise<Buffer> {
    await this.when(() => this.socket.closed, 'closing');
    return this.received;
  }

  private when(satisfied: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = (): void => {
        if (satisfied()) resolve();
        else if (this.socket.closed)
          reject(new Error(`connection closed before ${what}; received ${JSON.stringify(this.text)}`));
        else return;
        this.watchers.delete(watch);
      };
      this.watchers.add(watch);
      watch();
    });
  }

  private look(): void {
    for (const watch of this.watchers) watch();
  }
}
