/**
 * Compression of WebSocket messages: permessage-deflate (RFC 7692).
 *
 * The two sides of a relay need not see the same messages: some are changed, dropped or put in between. What the
 * sender's compressor refers back to, and what the receiver's decompressor can refer back to, are therefore kept
 * apart: two windows of the last 32 KiB of plain content, and no stream of zlib's. Each message is inflated and
 * deflated by itself with its window as the dictionary, in 8 us and in 45 us for a small one. While the windows are
 * equal, a message that was not changed may be sent on as it was compressed.
 */
import { isError } from '../errors.js';
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import { asciiLowerCase } from './field-text.js';
import { WebSocketError } from './websocket-error.js';

/** What client and server agreed on. */
export interface DeflateAgreement {
  readonly client: DeflateDirectionAgreement;
  readonly server: DeflateDirectionAgreement;
}

/** What holds for the messages of one side. */
export interface DeflateDirectionAgreement {
  /** Whether a message may refer back to those before it. */
  readonly takeover: boolean;
  /** The base-2 logarithm of the size of the window, 8 to 15. */
  readonly windowBits: number;
}

/** An extension, as it stands in Sec-WebSocket-Extensions. */
export interface WebSocketExtension {
  readonly name: string;
  /** The parameters; the value of one without a value is `true`. */
  readonly parameters: ReadonlyMap<string, string | true>;
}

const extensionPattern =
  /[ \t]*([^ \t;,="]+)[ \t]*((?:;[ \t]*[^ \t;,="]+[ \t]*(?:=[ \t]*(?:"(?:[^"\\]|\\.)*"|[^ \t;,"]*)[ \t]*)?)*)(?:,|$)/gy;
const parameterPattern = /;[ \t]*([^ \t;,="]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^ \t;,"]*)))?/g;

/** The extensions that a Sec-WebSocket-Extensions field names (RFC 6455, section 9.1), as far as it can be read. */
export function readExtensions(field: string): readonly WebSocketExtension[] {
  return [...field.matchAll(extensionPattern)].map(([, name = '', list = '']) => ({
    name: asciiLowerCase(name),
    parameters: new Map(
      [...list.matchAll(parameterPattern)].map(([, key = '', quoted, bare]) => [
        asciiLowerCase(key),
        quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? true,
      ]),
    ),
  }));
}

/** What a server's response agrees to, when that is permessage-deflate (RFC 7692, section 7.1). */
export function agreedDeflate({ name, parameters }: WebSocketExtension): DeflateAgreement | undefined {
  if (name !== 'permessage-deflate') return undefined;
  const of = (side: 'client' | 'server'): DeflateDirectionAgreement => {
    const bits = Number(parameters.get(`${side}_max_window_bits`));
    return {
      takeover: !parameters.has(`${side}_no_context_takeover`),
      windowBits: bits >= 8 && bits <= 15 ? bits : 15,
    };
  };
  return { client: of('client'), server: of('server') };
}

/** The end of a message that was flushed, which is not sent (RFC 7692, section 7.2.1). */
const flushed = Buffer.of(0, 0, 0xff, 0xff);
/** An empty message: the flush of nothing. */
const emptyDeflated = Buffer.of(0);
const largestWindow = 32 * 1024;
/** Bytes from which the work is done on another thread: it would keep all other connections waiting for a millisecond. */
const worthThread = 64 * 1024;
/** zlib has no window of 256 bytes. */
const smallestWindowBits = 9;

/** The messages of one direction between two sides that have agreed on compression. */
export class DeflateDirection {
  /** What the sender can refer back to. */
  private readonly sent = new Window();
  /** What the receiver can. */
  private readonly received = new Window();
  private apart = false;

  /** @param maximum bytes that a message may have */
  constructor(
    private readonly agreement: DeflateDirectionAgreement,
    private readonly maximum: number,
  ) {}

  /**
   * The content of a compressed message.
   * @throws {WebSocketError} or rejects with one: 1007 when it cannot be inflated, 1009 when it is too large
   */
  inflate(deflated: Buffer): Buffer | Promise<Buffer> {
    const whole = Buffer.concat([deflated, flushed]);
    const options: ZlibOptions = {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: this.maximum,
      ...dictionary(this.agreement.takeover ? this.sent.bytes : undefined),
    };
    if (deflated.length >= worthThread / 4) {
      return new Promise((resolve, reject) => {
        inflateRaw(whole, options, (error, content) => {
          if (error === null) resolve(this.inflated(content));
          else reject(inflateFailure(error, this.maximum));
        });
      });
    }
    try {
      return this.inflated(inflateRawSync(whole, options));
    } catch (error) {
      throw inflateFailure(error, this.maximum);
    }
  }

  private inflated(content: Buffer): Buffer {
    if (this.agreement.takeover) this.sent.push(content);
    // zlib gives a view of 16 KiB for the smallest message, and messages are kept.
    return 2 * content.length < content.buffer.byteLength ? Buffer.from(content) : content;
  }

  /** Whether the receiver would understand a message as the sender compressed it. To be asked before inflating it. */
  get inStep(): boolean {
    // The windows differ after a change, until as much as they hold has passed since.
    if (this.apart && this.sent.bytes.equals(this.received.bytes)) this.apart = false;
    return !this.apart;
  }

  /** Notes that a message was sent on as it was compressed. */
  passed(content: Buffer): void {
    if (this.agreement.takeover) this.received.push(content);
  }

  /** Notes that a compressed message was not sent on. */
  withheld(): void {
    this.apart = this.agreement.takeover;
  }

  /**
   * Compresses a message of our own, or one that was changed.
   * @returns undefined when it is to be sent as it is
   */
  deflate(content: Buffer): Buffer | undefined | Promise<Buffer> {
    const { agreement } = this;
    this.withheld();
    if (agreement.windowBits < smallestWindowBits) return undefined;
    const options: ZlibOptions = {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits: agreement.windowBits,
      ...dictionary(agreement.takeover ? this.received.last(1 << agreement.windowBits) : undefined),
    };
    if (content.length < worthThread) return this.deflated(deflateRawSync(content, options), content);
    return new Promise((resolve, reject) => {
      deflateRaw(content, options, (error, deflated) => {
        // It fails for want of memory alone.
        if (error === null) resolve(this.deflated(deflated, content));
        else reject(error);
      });
    });
  }

  private deflated(deflated: Buffer, content: Buffer): Buffer {
    this.passed(content);
    return content.length === 0 ? emptyDeflated : deflated.subarray(0, -flushed.length);
  }
}

/** An empty dictionary is refused. */
function dictionary(bytes: Buffer | undefined): { dictionary?: Buffer } {
  return bytes === undefined || bytes.length === 0 ? {} : { dictionary: bytes };
}

function inflateFailure(error: unknown, maximum: number): WebSocketError {
  const isTooLarge = error instanceof RangeError;
  return isTooLarge
    ? new WebSocketError(`a message of more than ${String(maximum)} bytes`, 1009)
    : new WebSocketError(`a compressed message that cannot be inflated: ${reasonOf(error)}`, 1007);
}

function reasonOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** The last 32 KiB of what was pushed. */
class Window {
  private memory = Buffer.alloc(0);
  private end = 0;

  get bytes(): Buffer {
    return this.last(largestWindow);
  }

  last(length: number): Buffer {
    return this.memory.subarray(Math.max(0, this.end - length), this.end);
  }

  push(content: Buffer): void {
    const added = content.length > largestWindow ? content.subarray(-largestWindow) : content;
    if (this.end + added.length > this.memory.length) this.make(added.length);
    this.memory.set(added, this.end);
    this.end += added.length;
  }

  /** Makes room behind what must be kept: in new memory, as zlib may still read the old on its thread. */
  private make(room: number): void {
    const kept = this.last(largestWindow);
    const size = Math.min(4 * largestWindow, Math.max(1024, 2 * (kept.length + room)));
    const grown = Buffer.allocUnsafeSlow(Math.max(size, kept.length + room));
    grown.set(kept);
    this.memory = grown;
    this.end = kept.length;
  }
}
