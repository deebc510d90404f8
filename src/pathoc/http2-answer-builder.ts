/** From what comes on a stream to one response. */
import { ProtocolError } from '../errors.js';
import { bytesRepr } from '../wire/bytes-repr.js';
import { GatheredBytes } from '../wire/gathered-bytes.js';
import { fieldSize } from '../wire/header-field.js';
import type { HeaderField } from '../wire/header-field.js';
import { HeaderFields } from '../wire/headers.js';
import type { ReceivedHead, ReceivedResponse } from './response.js';

/** Answers with a code 1xx that a request may have. A peer that sends them for ever is not listened to for ever. */
const maximumInformational = 1000;
/** Bytes that their fields may have together, each counting 32 more. */
const maximumInformationalBytes = 1024 * 1024;

/** Bytes of bodies that may still be kept; builders may share one. */
export interface BodyBudget {
  left: number;
}

const nothing = Buffer.alloc(0);

/** Gathers the answers on one stream. */
export class Http2AnswerBuilder {
  /** The answers with a code 1xx, in order. */
  readonly informational: ReceivedHead[] = [];
  private informationalBytes = 0;
  private head: ReceivedHead | undefined;
  private trailers: HeaderFields | undefined;
  private readonly kept = new GatheredBytes();
  private length = 0;

  /** @param method that of the request, when it is known */
  constructor(
    private readonly budget: BodyBudget,
    private readonly method?: string,
  ) {}

  /** Bytes of the body that came. */
  get bodyLength(): number {
    return this.length;
  }

  /** Whether the final answer has begun. */
  get begun(): boolean {
    return this.head !== undefined;
  }

  /**
   * Takes the fields that an answer begins with.
   * @throws {ProtocolError} when they hold no status, or for more answers with a code 1xx than anybody needs
   */
  addHead(fields: readonly HeaderField[], informational: boolean): void {
    const head = receivedHead(fields);
    if (!informational) {
      this.head = head;
      return;
    }
    if (this.informational.length === maximumInformational) {
      throw new ProtocolError(`more than ${String(maximumInformational)} informational responses`);
    }
    this.informationalBytes += fields.reduce((sum, field) => sum + fieldSize(field), 0);
    if (this.informationalBytes > maximumInformationalBytes) {
      throw new ProtocolError(`more than ${String(maximumInformationalBytes)} bytes of informational responses`);
    }
    this.informational.push(head);
  }

  addData(data: Buffer): void {
    this.length += data.length;
    const part = data.subarray(0, this.budget.left);
    if (part.length === 0) return;
    this.budget.left -= part.length;
    this.kept.write(part);
  }

  addTrailers(fields: readonly HeaderField[]): void {
    this.trailers = HeaderFields.ofList(fields);
  }

  /** The response, now that its stream has ended; undefined when there was none. */
  finish(): ReceivedResponse | undefined {
    if (this.head === undefined) return undefined;
    const kept = this.kept.length;
    return {
      ...this.head,
      body: kept === 0 ? nothing : this.kept.take(),
      bodyLength: this.length,
      truncated: this.length > kept,
      trailers: this.trailers,
      informational: this.informational,
    };
  }

  /** What is wrong with a response that has ended: a length that is not that of the body (RFC 9113, section 8.1.1). */
  get complaint(): ProtocolError | undefined {
    const claimed = this.head?.headers.get('content-length');
    if (claimed === undefined || this.method === 'HEAD' || this.head?.code === 304) return undefined;
    if (claimed === String(this.length) || (this.method === undefined && this.length === 0)) return undefined;
    const value = bytesRepr(Buffer.from(claimed, 'latin1'));
    return new ProtocolError(`content-length is ${value}, but the body has ${String(this.length)} bytes`);
  }
}

/** @throws {ProtocolError} when there is no one status */
function receivedHead(fields: readonly HeaderField[]): ReceivedHead {
  const [status, another] = fields.filter(({ name }) => name === ':status');
  if (status === undefined) throw new ProtocolError('a response without :status');
  if (another !== undefined) throw new ProtocolError('a response with two :status fields');
  if (!/^\d+$/.test(status.value)) {
    throw new ProtocolError(`the :status of a response is ${bytesRepr(Buffer.from(status.value, 'latin1'))}`);
  }
  return {
    httpVersion: 'HTTP/2',
    code: Number(status.value),
    codeText: status.value,
    reason: '',
    headers: HeaderFields.ofList(fields.filter((field) => field !== status)),
    startLine: nothing,
    bytes: nothing,
  };
}
