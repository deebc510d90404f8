/**
 * HTTP Archive 1.2, as far as it is written and read here. Members that begin with `_` are Chromium's, but for
 * `_webSocketClose` and those that end with `Base64`: they are ours. The latter have the bytes of the member of that name
 * where these are no UTF-8.
 */

export interface Har {
  readonly log: {
    readonly version: string;
    readonly creator: { readonly name: string; readonly version: string };
    readonly pages: readonly unknown[];
    readonly entries: readonly HarEntry[];
  };
}

export interface HarEntry {
  /** ISO 8601. */
  readonly startedDateTime: string;
  /** Milliseconds, as everywhere in this format. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: Readonly<Record<string, never>>;
  readonly timings: HarTimings;
  readonly serverIPAddress?: string;
  readonly connection?: string;
  readonly comment?: string;
  readonly _commentBase64?: string;
  readonly _resourceType?: string;
  readonly _webSocketMessages?: readonly HarWebSocketMessage[];
  readonly _webSocketClose?: HarWebSocketClose;
}

export interface HarPair {
  readonly name: string;
  readonly value: string;
}

export interface HarHeader extends HarPair {
  readonly _nameBase64?: string;
  readonly _valueBase64?: string;
}

export interface HarCookie extends HarPair {
  readonly path?: string;
  readonly domain?: string;
  /** ISO 8601. */
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: string;
}

export interface HarRequest {
  readonly method: string;
  readonly _methodBase64?: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarHeader[];
  readonly queryString: readonly HarPair[];
  readonly headersSize: number;
  /** -1 when the body was not kept. */
  readonly bodySize: number;
  readonly postData?: HarPostData;
}

export interface HarPostData {
  readonly mimeType: string;
  /** The fields of a form in `application/x-www-form-urlencoded`. */
  readonly params?: readonly HarPair[];
  readonly text: string;
  /** `base64` for a body that is no text; an addition of ours, which the format lacks for requests. */
  readonly _encoding?: string;
}

export interface HarResponse {
  /** 0 when there was none. */
  readonly status: number;
  readonly statusText: string;
  readonly _statusTextBase64?: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarHeader[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  /** -1 when the body was not kept. */
  readonly bodySize: number;
  readonly _error?: string;
  readonly _errorBase64?: string;
}

export interface HarContent {
  /** Bytes when decoded. */
  readonly size: number;
  /** Bytes that the coding saved. */
  readonly compression?: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: string;
}

export interface HarTimings {
  /** -1 for what did not happen, or is not known. */
  readonly blocked: number;
  readonly dns: number;
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** A message as Chromium writes it. */
export interface HarWebSocketMessage {
  readonly type: 'send' | 'receive';
  /** Seconds since 1970. */
  readonly time: number;
  readonly opcode: number;
  /** In base64 when the message is binary. */
  readonly data: string;
  readonly _dataBase64?: string;
}

/** How a WebSocket ended, as far as it is known; an addition of ours, since browsers do not tell. */
export interface HarWebSocketClose {
  readonly closedBy?: 'client' | 'server';
  /** RFC 6455, section 7.4. */
  readonly code?: number;
  readonly reason?: string;
  readonly _reasonBase64?: string;
  /** Seconds since 1970. */
  readonly time?: number;
}
