import { ProtocolError } from '../errors.js';
import { Http1ResponseReader } from '../wire/http1-reader.js';
import type { ResponseEvent } from '../wire/http1-reader.js';
import { formatAddress } from './format-address.js';
import type { ProxyHandshake } from './proxy-handshake.js';

/** Answers with a code 1xx that are skipped; the final one must come then. */
const maximumInformational = 100;

/** Whom a proxy is to connect to. */
export interface ProxyConnectTarget {
  readonly host: string;
  readonly port: number;
  /** `USER:PASS`, sent with the Basic scheme (RFC 7617). */
  readonly credentials?: string | undefined;
}

/** The handshake of HTTP CONNECT (RFC 9110, section 9.3.6), without its connection. */
export class ProxyConnect implements ProxyHandshake {
  private readonly reader = new Http1ResponseReader();
  private readonly request: Buffer;
  private isSent = false;
  private informational = 0;

  /** @param request the target of the request, or all bytes of its head */
  constructor(request: ProxyConnectTarget | Buffer) {
    this.reader.requestMethod = 'CONNECT';
    this.request = Buffer.isBuffer(request) ? request : requestFor(request);
  }

  receive(chunk: Buffer): void {
    this.reader.receive(chunk);
  }

  finish(): void {
    this.reader.finish();
  }

  /** @throws {ProtocolError} for an answer other than 2xx, or none */
  next(): { readonly type: 'send'; readonly bytes: Buffer } | { readonly type: 'connected' } | undefined {
    if (!this.isSent) {
      this.isSent = true;
      return { type: 'send', bytes: this.request };
    }
    for (let event = this.reader.next(); event !== undefined; event = this.reader.next()) {
      if (this.isGranted(event)) return { type: 'connected' };
    }
    return undefined;
  }

  detach(): Buffer {
    return this.reader.detach();
  }

  private isGranted(event: ResponseEvent): boolean {
    if (event.type === 'informational' && ++this.informational > maximumInformational) {
      throw new ProtocolError(`more than ${String(maximumInformational)} informational responses`);
    }
    if (event.type !== 'head') return false;
    const { code, codeText, reason } = event.head;
    if (code >= 200 && code < 300) return true;
    throw new ProtocolError(`${codeText} ${reason.toString('latin1')}`.trimEnd());
  }
}

function requestFor({ host, port, credentials }: ProxyConnectTarget): Buffer {
  const target = formatAddress(host, port);
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (credentials !== undefined) {
    lines.push(`Proxy-Authorization: Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`);
  }
  return Buffer.from([...lines, '', ''].join('\r\n'), 'latin1');
}
