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
  statusCode: number;
  /** The reason phrase; ISO 8859-1 text. */
  reason: string;

  constructor(init: ResponseInit) {
    super(init);
    this.statusCode = init.statusCode;
    this.reason = init.reason ?? '';
  }

  /** A response of one's own. Text is sent in the charset of Content-Type, UTF-8 where that cannot express it. */
  static make(statusCode = 200, content: Buffer | string = '', headers: HeadersInit = {}): Response {
    const response = new Response({
      statusCode,
      reason: reasonPhrase(statusCode) ?? '',
      headers: new Headers(headers),
    });
    if (typeof content === 'string') response.text = content;
    else response.content = content;
    return response;
  }

  /** A response of one's own with a value as JSON (RFC 8259). */
  static json(value: unknown, statusCode = 200): Response {
    return Response.make(statusCode, JSON.stringify(value), { 'Content-Type': 'application/json' });
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
