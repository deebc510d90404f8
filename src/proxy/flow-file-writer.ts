/**
 * Writes flows behind one another to a file. Flows of one turn of the event loop are written together when it ends,
 * and are with the operating system then: they survive the end of the process, however it ends. Files that take long,
 * and what is no plain file, are written to in the background; flows wait in memory meanwhile.
 */
import { isError } from '../errors.js';
import { ftruncateSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory } from '../net/make-directory.js';
import type { Flow } from './flow/flow.js';
import { privateMode } from './replace-file.js';
import { endOfFlows } from './storage/end-of-flows.js';
import { FlowBatch } from './storage/flow-batch.js';
import { checkLayout } from './storage/layout.js';
import type { FlowLayout } from './storage/layout.js';
import { viewFlow } from './storage/origin.js';

/** How a flow file is written. */
export interface FlowFileOptions {
  /** Keeps what is in the file and writes behind it. */
  readonly append?: boolean | undefined;
  /** 17, which mitmproxy 8.1.1 and all later ones read, or 21, the newest. */
  readonly layout?: FlowLayout | undefined;
  /** Milliseconds, to tell how long writing takes. Without it, no plain file is taken for a slow one. */
  readonly now?: (() => number) | undefined;
  /** Is told once that writing has failed. Nothing is written from then on. */
  readonly onFailure?: ((error: Error) => void) | undefined;
}

/** Bytes that are not kept until the end of the turn. */
const fullBatch = 256 * 1024;
/** Bytes that may wait before whoever writes must. */
const maximumWaiting = 16 * 1024 * 1024;
/** A write that takes longer, in milliseconds, would hold up the traffic. */
const longWrite = 20;

export class FlowFileWriter {
  /** Flows that wait. */
  private waiting = new FlowBatch();
  /** Flows that are being written in the background. */
  private inWork = new FlowBatch();
  private turn: NodeJS.Immediate | undefined;
  private writing: Promise<void> | undefined;
  private failure: Error | undefined;
  /** Whether writing takes long, or may never end, as it does in a pipe. */
  private isSlow: boolean;
  private closing: Promise<void> | undefined;
  private readonly now: () => number;

  private constructor(
    private readonly file: FileHandle,
    private readonly isPlain: boolean,
    /** Bytes in the file, of whole flows. */
    private size: number,
    /** Bytes of a flow that was not whole, at the end of a file that is appended to. They are gone. */
    readonly removed: number,
    private readonly options: FlowFileOptions,
  ) {
    this.isSlow = !isPlain;
    this.now = options.now ?? never;
  }

  /**
   * Opens a file for writing. Directories that are missing are made. A file that is made can be read by its owner only.
   * @throws {OptionError} when there is no such layout: nothing is touched then
   * @throws {FlowFileError} when flows would be appended to what holds none
   * @throws {Error} Node's own, when it cannot be written
   */
  static async open(path: string, options: FlowFileOptions = {}): Promise<FlowFileWriter> {
    const { append = false } = options;
    checkLayout(options.layout);
    await makeDirectory(dirname(path));
    const file = await open(path, append ? 'a+' : 'w', privateMode);
    try {
      const facts = await file.stat();
      const size = append && facts.isFile() ? await endOfFlows(file, path) : 0;
      const removed = append && facts.isFile() ? facts.size - size : 0;
      if (removed > 0) await file.truncate(size);
      return new FlowFileWriter(file, facts.isFile(), size, removed, options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that wait to be written. */
  get waitingBytes(): number {
    return this.waiting.length + this.inWork.length;
  }

  /**
   * Writes a flow as it is now.
   * @returns what to wait for before more is written, when too much waits already
   * @throws {TypeError} for a UDP flow in layout 17
   */
  write(flow: Flow): Promise<void> | undefined {
    if (this.failure !== undefined || this.closing !== undefined) return undefined;
    this.waiting.add(viewFlow(flow, this.options.layout));
    if (this.writing === undefined) {
      if (this.waiting.length >= fullBatch) this.writeAll();
      else this.turn ??= setImmediate(() => this.writeAll());
    }
    return this.waiting.length > maximumWaiting ? this.writing : undefined;
  }

  /** Settles when all flows given so far are with the operating system. @throws {Error} when writing failed */
  async flush(): Promise<void> {
    if (this.writing === undefined) this.writeAll();
    await this.writing;
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Writes what waits and closes the file: what is given later is left out. May be called again.
   * @throws {Error} when writing failed, each time
   */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.file.close();
    }
  }

  private writeAll(): void {
    clearImmediate(this.turn);
    this.turn = undefined;
    if (this.waiting.length === 0) return;
    if (this.isSlow) this.writing = this.writeInBackground();
    else this.writeAtOnce(this.waiting);
  }

  private writeAtOnce(batch: FlowBatch): void {
    const { bytes } = batch;
    const start = this.now();
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.file.fd, bytes, at);
    } catch (error) {
      this.fail(error, batch.endOfWhole(at));
    }
    this.size += at;
    batch.clear();
    this.isSlow = this.now() - start > longWrite;
  }

  /** Until nothing waits any more. */
  private async writeInBackground(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      [this.waiting, this.inWork] = [this.inWork, batch];
      const { bytes } = batch;
      const start = this.now();
      let at = 0;
      try {
        while (at < bytes.length) at += (await this.file.write(bytes, at)).bytesWritten;
      } catch (error) {
        this.fail(error, batch.endOfWhole(at));
      }
      this.size += at;
      batch.clear();
      this.isSlow = !this.isPlain || this.now() - start > longWrite;
    }
    this.writing = undefined;
  }

  /** @param whole bytes of whole flows that were written behind those in the file before */
  private fail(error: unknown, whole: number): void {
    this.failure = isError(error) ? error : new Error(String(error));
    this.waiting.clear();
    if (this.isPlain) this.cut(this.size + whole);
    this.options.onFailure?.(this.failure);
  }

  /** Takes a flow that was written in part out of the file, so that what is in it can be read. */
  private cut(size: number): void {
    try {
      ftruncateSync(this.file.fd, size);
    } catch {
      // The file stays as it is; a reader gives the flows before the damage.
    }
  }
}

/** A clock that stands still. */
function never(): number {
  return 0;
}
