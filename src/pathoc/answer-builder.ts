/** From the events of a reader to one response. */
import { ProtocolError } from '../errors.js';
import type { ResponseEvent } from '../wire/http1-reader.js';
import { receivedHead, ResponseBuilder } from './response.js';
import type { ReceivedHead, ReceivedResponse } from './response.js';

/** Answers with a code 1xx that a request may have. A peer that sends them for ever is not listened to for ever. */
const maximumInformational = 1000;
/** Bytes that their heads may have together. */
const maximumInformationalBytes = 1024 * 1024;

/** Gathers the answers to one request. */
export class AnswerBuilder {
  /** The answers with a code 1xx, in order. */
  readonly informational: ReceivedHead[] = [];
  private informationalBytes = 0;
  private builder: ResponseBuilder | undefined;

  /** @param maximumBody bytes of the body that are kept */
  constructor(private readonly maximumBody: number) {}

  /**
   * The response, once it is complete.
   * @throws {ProtocolError} for more answers with a code 1xx than anybody needs
   */
  take(event: ResponseEvent): ReceivedResponse | undefined {
    switch (event.type) {
      case 'informational':
        this.addInformational(receivedHead(event.head));
        return undefined;
      case 'head':
        this.builder = new ResponseBuilder(receivedHead(event.head), this.maximumBody);
        return undefined;
      case 'data':
        this.builder?.add(event.data);
        return undefined;
      case 'trailers':
        if (this.builder !== undefined) this.builder.trailers = event.headers;
        return undefined;
      case 'end':
        return this.builder?.finish(this.informational);
    }
  }

  private addInformational(head: ReceivedHead): void {
    if (this.informational.length === maximumInformational) {
      throw new ProtocolError(`more than ${String(maximumInformational)} informational responses`);
    }
    this.informationalBytes += head.bytes.length;
    if (this.informationalBytes > maximumInformationalBytes) {
      throw new ProtocolError(`more than ${String(maximumInformationalBytes)} bytes of informational responses`);
    }
    this.informational.push(head);
  }
}
