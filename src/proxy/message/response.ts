import { demandText, demandWhole } from './demand.js';
import { Headers } from './headers.js';
import type { HeadersInit } from './headers.js';
import { Message } from './message.js';
import type { MessageInit } from './message.js';
import { MultiView } from './multi-view.js';
import { reasonPhrase } from './reason-phrase.js';
import { refreshedHeaders } from './refresh.js';
import { formatSetCookie, parseSetCookie } from './set-cookie.js';
import type { CookieValue } from './set-cookie.js';

/** What a response is made with. */
export interface ResponseInit extends MessageInit {
  readonly statusCode: number;
  /** Empty in HTTP/2. */
  readonly reason?: string | undefined;
}

/** A response. */
export class Response extends Message {
  private code: number;
  private phrase: string;

  constructor(init: ResponseInit) {
    super(init);
    this.code = init.statusCode;
    this.phrase = init.reason ?? '';
  }

  /**
   * A response of one's own. Text is sent in the charset of Content-Type, UTF-8 where that cannot express it.
   * @throws {TypeError} for what is not of its type, and a code that has not three digits
   */
  static make(statusCode = 200, content: Buffer | string = '', headers: HeadersInit = {}): Response {
    const response = new Response({
      statusCode: demandCode(statusCode),
      reason: reasonPhrase(statusCode) ?? '',
      headers: new Headers(headers),
    });
    const isGiven = response.headers.has('content-length');
    if (typeof content === 'string') response.text = content;
    else response.content = content;
    // A server must not send one with these (RFC 9110, section 8.6).
    if (!isGiven && (statusCode < 200 || statusCode === 204)) response.headers.delete('content-length');
    return response;
  }

  /** A response of one's own with a value as JSON (RFC 8259). */
  static json(value: unknown, statusCode = 200): Response {
    return Response.make(statusCode, JSON.stringify(value), { 'Content-Type': 'application/json' });
  }

  get statusCode(): number {
    return this.code;
  }

  set statusCode(code: number) {
    this.code = demandCode(code);
  }

  /** The reason phrase; ISO 8859-1 text. */
  get reason(): string {
    return this.phrase;
  }

  set reason(reason: string) {
    this.phrase = demandText('reason', reason);
  }

  /** The cookies that are set, with their attributes. */
  get cookies(): MultiView<CookieValue> {
    return new MultiView(
      () => this.headers.getAll('set-cookie').flatMap((header) => parseSetCookie(header)),
      (pairs) => this.setCookies(pairs),
    );
  }

  set cookies(pairs: Iterable<readonly [name: string, value: CookieValue]>) {
    this.setCookies([...pairs]);
  }

  /**
   * Makes an old response look as if it were sent now: moves the times in Date, Expires, Last-Modified and
   * of cookies by the time that passed.
   * @param now seconds since 1970
   */
  refresh(now: number): void {
    this.headers = refreshedHeaders(this.headers, now - this.timestampStart);
  }

  clone(): Response {
    const { statusCode, reason } = this;
    return new Response({ ...this.initOf(), statusCode, reason });
  }

  override facts(): readonly unknown[] {
    return [...super.facts(), this.statusCode, this.reason];
  }

  private setCookies(pairs: readonly (readonly [name: string, value: CookieValue])[]): void {
    this.headers.setAll(
      'set-cookie',
      pairs.map((pair) => formatSetCookie([pair])),
    );
  }
}

/** @throws {TypeError} for what has not three digits (RFC 9110, section 15) */
function demandCode(given: number): number {
  return demandWhole('statusCode', given, 100, 999);
}
