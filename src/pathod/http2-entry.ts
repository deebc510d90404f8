/** A request over HTTP/2 and its answer, as the log keeps them. */
import type { TlsFacts } from '../net/tls-facts.js';
import type { HeaderField } from '../wire/header-field.js';
import type { RemoteAddress } from './exchange-entry.js';
import type { Http2Sent } from './http2-sent.js';
import type { CraftedRecord, RequestRecord } from './log-record.js';
import type { LogEntry } from './log.js';
import { dump, printable } from './text-log.js';
import type { TextStyle } from './text-log.js';

/** Bytes of memory of an entry itself, and of each header field besides its text. */
const ownWeight = 1024;
const fieldWeight = 64;

/** Where a request came from. */
export interface Http2Origin {
  readonly remote: RemoteAddress;
  /** Undefined when the connection was not encrypted. */
  readonly tls: TlsFacts | undefined;
}

/** What is told of an answer besides what was sent. */
export interface Http2Remarks {
  /** Why what was asked for was not served. */
  readonly refusal: string | undefined;
  /** What went wrong. */
  readonly remark: string | undefined;
}

export class Http2ExchangeEntry implements LogEntry {
  readonly weight: number;

  /** @param requestBytes all bytes of the request's frames, when they were to be kept */
  constructor(
    private readonly fields: readonly HeaderField[],
    private readonly origin: Http2Origin,
    private readonly sent: Http2Sent,
    private readonly remarks: Http2Remarks,
    private readonly requestBytes: Buffer | undefined,
  ) {
    const text = fields.reduce((sum, { name, value }) => sum + name.length + value.length + fieldWeight, 0);
    this.weight = ownWeight + text + sent.weight + (requestBytes?.length ?? 0);
  }

  get at(): number {
    return this.sent.ended;
  }

  record(id: number): CraftedRecord {
    const { refusal } = this.remarks;
    return {
      id,
      type: 'crafted',
      protocol: 'http',
      cipher: this.origin.tls?.cipher ?? null,
      request: this.request(),
      response: refusal === undefined ? this.sent.record() : { type: 'error', msg: refusal },
      ...(this.requestBytes && { requestBytes: this.requestBytes }),
      ...(this.sent.bytes && { responseBytes: this.sent.bytes }),
    };
  }

  text(style: TextStyle): string {
    const { remark, refusal } = this.remarks;
    let text = remark === undefined ? '' : `${printable(remark)}\n`;
    if (refusal !== undefined) text += `Refused: ${refusal}\n`;
    text += this.sent.text(style);
    if (style.logRequests && this.requestBytes) text += dump('Bytes read', this.requestBytes, style);
    return text;
  }

  private request(): RequestRecord {
    const { fields, origin } = this;
    const valueOf = (name: string): string => fields.find((field) => field.name === name)?.value ?? '';
    return {
      method: valueOf(':method'),
      path: valueOf(':path'),
      headers: fields.map(({ name, value }) => [name, value]),
      rawHeaders: fields.map(({ name, value }) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]),
      httpVersion: 'HTTP/2.0',
      firstLineFormat: valueOf(':method') === 'CONNECT' ? 'authority' : 'relative',
      remoteAddress: origin.remote,
      sni: origin.tls?.sni ?? null,
      alpn: origin.tls?.alpn ?? null,
      clientCertificate: origin.tls?.clientCertificate ?? null,
    };
  }
}
