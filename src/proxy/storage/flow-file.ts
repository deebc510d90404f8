/** Flow files on disk. */
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Flow } from '../flow/flow.js';
import { FlowReader } from './flow-reader.js';
import { flowsOfHar } from './har-import.js';
import type { FlowLayout } from './layout.js';
import { encodeFlow } from './origin.js';

/**
 * The flows of a file, one after the other; of a damaged one, those before the damage.
 * @throws {FlowFileError} where the file is damaged
 * @throws {Error} Node's own, when the file cannot be read
 */
export async function* readFlowFile(path: string): AsyncGenerator<Flow, void, undefined> {
  yield* readFlows(createReadStream(path, { highWaterMark: 256 * 1024 }));
}

/** As {@link readFlowFile}, of bytes from anywhere. What begins with a brace is an HTTP archive. */
export async function* readFlows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Flow, void, undefined> {
  const reader = new FlowReader();
  const archive: Buffer[] = [];
  let isFirst = true;
  for await (const chunk of chunks) {
    if ((isFirst && beginsArchive(chunk)) || archive.length > 0) archive.push(chunk);
    else reader.receive(chunk);
    isFirst = false;
    yield* reader;
  }
  if (archive.length > 0) yield* flowsOfHar(Buffer.concat(archive).toString());
  reader.finish();
  yield* reader;
}

/** A brace, perhaps behind a byte order mark. */
function beginsArchive(bytes: Buffer): boolean {
  return bytes[0] === 0x7b || bytes.toString('latin1', 0, 4) === '\xef\xbb\xbf{';
}

/** How a flow file is written. */
export interface FlowFileOptions {
  /** Keeps what is in the file and writes behind it. */
  readonly append?: boolean | undefined;
  /** 17, which mitmproxy 8.1.1 and all later ones read, or 21, the newest. */
  readonly layout?: FlowLayout | undefined;
}

/**
 * Writes flows to a file, each in one piece behind the last, as soon as the piece before it is written.
 * What was written survives the end of the process, however it ends; flows that wait are lost with it.
 */
export class FlowFileWriter {
  /** Encoded flows that wait, and how many bytes they are. */
  private waiting: Buffer[] = [];
  private bytes = 0;
  private writing: Promise<void> | undefined;
  private failure: unknown;

  private constructor(
    private readonly file: FileHandle,
    private readonly layout: FlowLayout,
  ) {}

  /**
   * Opens a file for writing. Directories that are missing are made.
   * @throws {Error} Node's own, when it cannot be written
   */
  static async open(path: string, options: FlowFileOptions = {}): Promise<FlowFileWriter> {
    await mkdir(dirname(path), { recursive: true });
    return new FlowFileWriter(await open(path, options.append === true ? 'a' : 'w'), options.layout ?? 17);
  }

  /** Bytes that wait to be written: whoever writes faster than the disk should wait for {@link flush}. */
  get waitingBytes(): number {
    return this.bytes;
  }

  /** Writes a flow as it is now. */
  write(flow: Flow): void {
    const item = encodeFlow(flow, this.layout);
    this.waiting.push(item);
    this.bytes += item.length;
    this.writing ??= this.writeAll();
  }

  /** Settles when all flows given so far are with the operating system. @throws {Error} when writing failed */
  async flush(): Promise<void> {
    await this.writing;
    if (this.failure !== undefined) throw this.failure as Error;
  }

  /** Writes what waits and closes the file. @throws {Error} when writing failed */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.file.close();
    }
  }

  private async writeAll(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const batch = Buffer.concat(this.waiting);
        this.waiting = [];
        for (let at = 0; at < batch.length;) at += (await this.file.write(batch, at)).bytesWritten;
        this.bytes -= batch.length;
      }
    } catch (error) {
      this.failure ??= error;
      this.waiting = [];
      this.bytes = 0;
    } finally {
      this.writing = undefined;
    }
  }
}
