/** Responses as they were received. */
import type { HeaderFields } from '../wire/headers.js';
import type { ResponseHead } from '../wire/http1-head.js';

/** Everything of a response before its body. Text is ISO 8859-1, a character a byte. */
export interface ReceivedHead {
  /** `HTTP/1.1` and the like. */
  readonly httpVersion: string;
  /** The status code; beyond 2^53 the nearest number that JavaScript has. */
  readonly code: number;
  /** The status code as sent, digit for digit: leading zeros and all. */
  readonly codeText: string;
  /** The reason phrase; may be empty. */
  readonly reason: string;
  /** The header fields: order, case and duplicates as sent. */
  readonly headers: HeaderFields;
  /** The status line without its line end, byte for byte. */
  readonly startLine: Buffer;
  /** The whole head, its blank line included, byte for byte. */
  readonly bytes: Buffer;
}

/** A response with its body. */
export interface ReceivedResponse extends ReceivedHead {
  /** The body, its chunked coding removed and its content coding left; cut at the bound that was given. */
  readonly body: Buffer;
  /** Bytes of the whole body, those cut off included. */
  readonly bodyLength: number;
  /** Whether `body` is not all of it. */
  readonly truncated: boolean;
  /** The fields behind a chunked body. */
  readonly trailers: HeaderFields | undefined;
  /** The answers with a code 1xx that came before, in order. */
  readonly informational: readonly ReceivedHead[];
}

/** A head in the form that callers get. */
export function receivedHead(head: ResponseHead): ReceivedHead {
  const { httpVersion, code, codeText, reason, headers, startLine, bytes } = head;
  return { httpVersion, code, codeText, reason: reason.toString('latin1'), headers, startLine, bytes };
}

const noBytes = Buffer.alloc(0);

/** Gathers a response while it comes in, and of its body no more than is wanted. */
export class ResponseBuilder {
  /** Fields behind a chunked body. */
  trailers: HeaderFields | undefined;
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private length = 0;

  constructor(
    private readonly head: ReceivedHead,
    private readonly maximumBody: number,
  ) {}

  add(data: Buffer): void {
    this.length += data.length;
    const part = data.subarray(0, this.maximumBody - this.kept);
    if (part.length === 0) return;
    this.chunks.push(part);
    this.kept += part.length;
  }

  finish(informational: readonly ReceivedHead[]): ReceivedResponse {
    return {
      ...this.head,
      body: this.kept === 0 ? noBytes : Buffer.concat(this.chunks, this.kept),
      bodyLength: this.length,
      truncated: this.length > this.kept,
      trailers: this.trailers,
      informational,
    };
  }
}
