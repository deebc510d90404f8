import { formatCookies, parseCookies } from './cookies.js';
import { Headers } from './headers.js';
import type { HeadersInit } from './headers.js';
import { Message } from './message.js';
import type { MessageInit } from './message.js';
import { boundaryFor, decodeMultipart, encodeMultipart } from './multipart.js';
import { MultiView } from './multi-view.js';
import { joinPath, splitPath } from './path-parts.js';
import type { PathParts } from './path-parts.js';
import { decodePairs, decodePercent, encodePairs, encodePercent } from './query.js';
import { defaultPort, formatHostPort, formatUrl, parseAuthority, parseUrl } from './url.js';
import { encodeUtf8 } from './utf8.js';

/** What a request is made with. */
export interface RequestInit extends MessageInit {
  /** As it is sent, whatever its case. */
  readonly method?: string | undefined;
  readonly scheme?: string | undefined;
  /** Where it goes. */
  readonly host: string;
  readonly port: number;
  /** The authority of an absolute target, of CONNECT, or `:authority`; empty when there is none. */
  readonly authority?: string | undefined;
  /** With its query; `*` for OPTIONS. */
  readonly path?: string | undefined;
}

/** The form of a request target: a path, a whole URL, or a host and a port (RFC 9112, section 3.2). */
export type FirstLineFormat = 'relative' | 'absolute' | 'authority';

const codings = ['gzip', 'identity', 'deflate', 'br', 'zstd'];
const formType = 'application/x-www-form-urlencoded';

/** A request. */
export class Request extends Message {
  /** The method as it was sent. */
  rawMethod: string;
  /** `http` or `https`; empty for CONNECT. */
  scheme: string;
  port: number;
  authority: string;
  path: string;
  private target: string;

  constructor(init: RequestInit) {
    super(init);
    this.rawMethod = init.method ?? 'GET';
    this.scheme = init.scheme ?? 'http';
    this.target = init.host;
    this.port = init.port;
    this.authority = init.authority ?? '';
    this.path = init.path ?? '/';
  }

  /**
   * A request of one's own.
   * @throws {TypeError} when the URL is not absolute
   */
  static make(method: string, url: string, content: Buffer | string = '', headers: HeadersInit = {}): Request {
    const request = new Request({
      method,
      host: '',
      port: 80,
      headers: new Headers(headers),
      rawContent: Buffer.alloc(0),
    });
    request.url = url;
    if (typeof content === 'string') request.text = content;
    else request.content = content;
    return request;
  }

  /** The method in upper case. */
  get method(): string {
    return this.rawMethod.toUpperCase();
  }

  set method(method: string) {
    this.rawMethod = method;
  }

  /** Where the request goes. Setting it changes the Host header and the authority, where there are such. */
  get host(): string {
    return this.target;
  }

  set host(host: string) {
    this.target = host;
    if (this.headers.has('host')) this.headers.set('Host', host);
    if (this.authority !== '') this.authority = formatHostPort(this.scheme, host, this.port);
  }

  /** Says where the request goes, and leaves alone what its headers say about that. */
  aimAt(scheme: string, host: string, port: number): void {
    this.scheme = scheme;
    this.target = host;
    this.port = port;
  }

  /** What the request itself says about its host: the Host header, or `:authority` in HTTP/2. */
  get hostHeader(): string | undefined {
    const host = this.headers.get('host');
    return this.isHttp2 || this.isHttp3 ? this.authority || host : host;
  }

  set hostHeader(host: string | undefined) {
    const isAuthority = this.isHttp2 || this.isHttp3;
    if (isAuthority) this.authority = host ?? '';
    if (host === undefined) this.headers.delete('host');
    else if (!isAuthority || this.headers.has('host')) this.headers.set('Host', host);
  }

  get firstLineFormat(): FirstLineFormat {
    if (this.rawMethod.toUpperCase() === 'CONNECT') return 'authority';
    return this.authority === '' ? 'relative' : 'absolute';
  }

  /** The URL the request goes to. Setting it sets scheme, host, port and path. @throws {TypeError} for no URL */
  get url(): string {
    if (this.firstLineFormat === 'authority') return `${this.host}:${String(this.port)}`;
    return formatUrl(this.scheme, this.host, this.port, this.path);
  }

  set url(url: string) {
    const { scheme, host, port, path } = parseUrl(url);
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
  }

  /** The host as the client named it: that of {@link hostHeader}, else {@link host}. */
  get prettyHost(): string {
    const header = this.hostHeader;
    return header === undefined || header === '' ? this.host : parseAuthority(header).host || this.host;
  }

  /** The URL as the client meant it: with the host of {@link hostHeader}. */
  get prettyUrl(): string {
    if (this.firstLineFormat === 'authority') return this.authority;
    const header = this.hostHeader;
    if (header === undefined || header === '') return this.url;
    const { host, port } = parseAuthority(header);
    return formatUrl(this.scheme, host || this.host, port ?? defaultPort(this.scheme) ?? 80, this.path);
  }

  /** The parameters of the query. */
  get query(): MultiView<string> {
    return new MultiView(
      () => (this.firstLineFormat === 'authority' ? [] : decodePairs(splitPath(this.path).query)),
      (pairs) => this.changePath({ query: encodePairs(pairs) }),
    );
  }

  set query(pairs: Iterable<readonly [name: string, value: string]>) {
    this.changePath({ query: encodePairs([...pairs]) });
  }

  /** The parts of the path between slashes, decoded; empty ones are left out. */
  get pathComponents(): readonly string[] {
    // Of a target that is a host and a port, the ancestor takes the port for a path, or all of it.
    const isAuthority = this.firstLineFormat === 'authority';
    const path = isAuthority ? this.url.replace(/^[a-z][a-z0-9+.-]*:/i, '') : splitPath(this.path).path;
    if (path === '*') return [];
    return path
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodePercent(part));
  }

  set pathComponents(components: readonly string[]) {
    this.changePath({ path: `/${components.map((part) => encodePercent(part, '')).join('/')}` });
  }

  /** The cookies that the client sent. */
  get cookies(): MultiView<string> {
    return new MultiView(
      () => this.headers.getAll('cookie').flatMap((header) => parseCookies(header)),
      (pairs) => this.headers.set('cookie', formatCookies(pairs)),
    );
  }

  set cookies(pairs: Iterable<readonly [name: string, value: string]>) {
    this.headers.set('cookie', formatCookies([...pairs]));
  }

  /** The fields of a form in `application/x-www-form-urlencoded`; empty for any other body. */
  get urlencodedForm(): MultiView<string> {
    return new MultiView(
      () => {
        const isForm = (this.headers.get('content-type') ?? '').toLowerCase().includes(formType);
        return isForm ? decodePairs(this.getText(false) ?? '') : [];
      },
      (pairs) => this.setUrlencodedForm(pairs),
    );
  }

  set urlencodedForm(pairs: Iterable<readonly [name: string, value: string]>) {
    this.setUrlencodedForm([...pairs]);
  }

  /** The fields of a form in `multipart/form-data`; empty for any other body, and one that cannot be read. */
  get multipartForm(): MultiView<Buffer> {
    return new MultiView(
      () => {
        const type = this.headers.get('content-type') ?? '';
        if (!type.toLowerCase().includes('multipart/form-data')) return [];
        return decodeMultipart(type, this.getContent(false) ?? Buffer.alloc(0)) ?? [];
      },
      (pairs) => this.setMultipartForm(pairs),
    );
  }

  set multipartForm(pairs: Iterable<readonly [name: string, value: Buffer]>) {
    this.setMultipartForm([...pairs]);
  }

  /** Removes what would let the server answer "not modified". */
  anticache(): void {
    this.headers.delete('if-modified-since');
    this.headers.delete('if-none-match');
  }

  /** Asks for a response that is not encoded. */
  anticomp(): void {
    this.headers.set('accept-encoding', 'identity');
  }

  /** Leaves in Accept-Encoding what can be decoded here. */
  constrainEncoding(): void {
    const accepted = this.headers.get('accept-encoding');
    if (accepted === undefined || accepted === '') return;
    this.headers.set('accept-encoding', codings.filter((coding) => accepted.includes(coding)).join(', '));
  }

  clone(): Request {
    const { rawMethod: method, scheme, host, port, authority, path } = this;
    return new Request({ ...this.initOf(), method, scheme, host, port, authority, path });
  }

  override facts(): readonly unknown[] {
    const { rawMethod, scheme, host, port, authority, path } = this;
    return [...super.facts(), rawMethod, scheme, host, port, authority, path];
  }

  protected override replaceIn(change: (text: string) => string): void {
    this.path = change(this.path);
    super.replaceIn(change);
  }

  private changePath(change: Partial<PathParts>): void {
    this.path = joinPath({ ...splitPath(this.path), ...change });
  }

  private setUrlencodedForm(pairs: readonly (readonly [name: string, value: string])[]): void {
    this.headers.set('content-type', formType);
    this.content = encodeUtf8(encodePairs(pairs, this.getText(false) ?? ''));
  }

  private setMultipartForm(pairs: readonly (readonly [name: string, value: Buffer])[]): void {
    let type = this.headers.get('content-type') ?? '';
    if (!type.toLowerCase().startsWith('multipart/form-data')) {
      type = `multipart/form-data; boundary=${boundaryFor(pairs)}`;
      this.headers.set('content-type', type);
    }
    this.content = encodeMultipart(type, pairs) ?? Buffer.alloc(0);
  }
}
