import { Duplex } from 'node:stream';
import { absorbErrors } from './absorb-errors.js';
import { layOn } from './carrier.js';

/**
 * A stream that lies on another one and hands everything on: for TLS on TLS, where Node otherwise loses
 * the `close` of what lies above, and for a connection that ends after so many bytes.
 */
export class Forwarding extends Duplex {
  /** @param left bytes that may still be written: then our side ends */
  constructor(
    private readonly carrier: Duplex,
    private left: number = Infinity,
  ) {
    super({ allowHalfOpen: true });
    absorbErrors(this);
    absorbErrors(carrier);
    layOn(this, carrier);
    carrier.on('data', this.receive).on('end', this.finish).on('close', this.close);
  }

  override _read(): void {
    this.carrier.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const part = chunk.subarray(0, this.left);
    this.left -= part.length;
    if (part.length > 0 && this.left > 0) this.carrier.write(part, done);
    else if (part.length > 0) this.carrier.end(part, done);
    else done();
  }

  override _final(done: () => void): void {
    if (this.carrier.writableEnded) done();
    else this.carrier.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.carrier.off('data', this.receive).off('end', this.finish).off('close', this.close);
    this.carrier.destroy();
    done(error);
  }

  private readonly receive = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.carrier.pause();
  };

  private readonly finish = (): void => {
    this.push(null);
  };

  private readonly close = (): void => {
    this.destroy();
  };
}
