/** A request and its answer, as the log keeps them. */
import type { TlsFacts } from '../net/tls-facts.js';
import { Http1RequestReader } from '../wire/http1-reader.js';
import type { RequestHead } from '../wire/http1-head.js';
import { parseTarget } from '../wire/request-target.js';
import type { CraftedRecord, RequestRecord } from './log-record.js';
import type { LogEntry } from './log.js';
import type { SentMessage } from './sent-message.js';
import { dump, printable } from './text-log.js';
import type { TextStyle } from './text-log.js';

/** Where a request came from: address and port. */
export type RemoteAddress = readonly [address: string, port: number];

/** Bytes of memory of an entry itself. */
const ownWeight = 1024;

export class ExchangeEntry implements LogEntry {
  private readonly head: RequestHead | Buffer;
  readonly weight: number;

  /**
   * @param head views of what was received
   * @param tls undefined when the connection was not encrypted
   * @param refusal why what was asked for was not served
   * @param remark what went wrong
   * @param requestBytes all bytes of the request, when they were to be kept
   */
  constructor(
    head: RequestHead,
    private readonly remote: RemoteAddress,
    private readonly tls: TlsFacts | undefined,
    private readonly sent: SentMessage,
    private readonly refusal: string | undefined,
    private readonly remark: string | undefined,
    private readonly requestBytes: Buffer | undefined,
  ) {
    // A small part of a large chunk would keep all of the chunk alive.
    this.head = head.heldMemory > 2 * head.length ? Buffer.from(head.bytes) : head;
    this.weight = ownWeight + head.length + sent.weight + (requestBytes?.length ?? 0);
  }

  get at(): number {
    return this.sent.ended;
  }

  record(id: number): CraftedRecord {
    const { refusal } = this;
    return {
      id,
      type: 'crafted',
      protocol: 'http',
      cipher: this.tls?.cipher ?? null,
      request: this.request(),
      response: refusal === undefined ? this.sent.record() : { type: 'error', msg: refusal },
      ...(this.requestBytes && { requestBytes: this.requestBytes }),
      ...(this.sent.bytes && { responseBytes: this.sent.bytes }),
    };
  }

  text(style: TextStyle): string {
    const { remark, refusal } = this;
    let text = remark === undefined ? '' : `${printable(remark)}\n`;
    if (refusal !== undefined) text += `Refused: ${refusal}\n`;
    text += this.sent.text('crafting spec', style);
    if (style.logRequests && this.requestBytes) text += dump('Bytes read', this.requestBytes, style);
    return text;
  }

  private request(): RequestRecord {
    const head = Buffer.isBuffer(this.head) ? readAgain(this.head) : this.head;
    const target = parseTarget(head.target, head.method);
    return {
      method: head.method,
      path: target.path,
      headers: head.headers.entries(),
      rawHeaders: [...head.headers],
      httpVersion: head.httpVersion,
      firstLineFormat: target.form === 'absolute' ? 'absolute' : 'relative',
      remoteAddress: this.remote,
      sni: this.tls?.sni ?? null,
      alpn: this.tls?.alpn ?? null,
      clientCertificate: this.tls?.clientCertificate ?? null,
    };
  }
}

function readAgain(bytes: Buffer): RequestHead {
  const reader = new Http1RequestReader({ maximumHead: Infinity });
  reader.receive(bytes);
  const event = reader.next();
  if (event?.type !== 'head') throw new TypeError('a head that was read before cannot be read again');
  return event.head;
}
