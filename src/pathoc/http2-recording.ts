import { Transcript } from './transcript.js';

/**
 * The bytes of a connection since somebody last took them, so that all that is taken, one behind the other, is
 * all that went over the connection.
 */
export class Http2Recording {
  // What goes on before the first message belongs to it, should its bytes be wanted.
  private kept: Transcript | undefined = new Transcript();

  readonly add = (bytes: Buffer): void => {
    this.kept?.add(bytes);
  };

  /** Bytes are wanted, or not, from now on. */
  want(wanted: boolean): void {
    if (!wanted) this.kept = undefined;
    else this.kept ??= new Transcript();
  }

  /** All bytes since the last time; undefined when they are not wanted. */
  take(): Transcript | undefined {
    const { kept } = this;
    if (kept !== undefined) this.kept = new Transcript();
    return kept;
  }
}
