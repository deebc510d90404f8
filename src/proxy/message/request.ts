import { formatCookies, parseCookies } from './cookies.js';
import { demandBytes, demandPairs, demandText, demandWhole, refusal } from './demand.js';
import { Headers } from './headers.js';
import type { HeadersInit } from './headers.js';
import { Message } from './message.js';
import type { MessageInit } from './message.js';
import { boundaryFor, changeMultipart, decodeMultipart } from './multipart.js';
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
const multipartType = 'multipart/form-data';

/** A request. */
export class Request extends Message {
  private verb: string;
  private schemeName: string;
  private portNumber: number;
  private authorityText: string;
  private pathText: string;
  private target: string;

  constructor(init: RequestInit) {
    super(init);
    this.verb = init.method ?? 'GET';
    this.schemeName = init.scheme ?? 'http';
    this.target = init.host;
    this.portNumber = init.port;
    this.authorityText = init.authority ?? '';
    this.pathText = init.path ?? '/';
  }

  /**
   * A request of one's own.
   * @throws {TypeError} when the URL is not absolute, and for what is not of its type
   */
  static make(method: string, url: string, content: Buffer | string = '', headers: HeadersInit = {}): Request {
    const request = new Request({
      method: demandText('method', method),
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
    return this.verb.toUpperCase();
  }

  set method(method: string) {
    this.verb = demandText('method', method);
  }

  /** The method as it was sent. */
  get rawMethod(): string {
    return this.verb;
  }

  set rawMethod(method: string) {
    this.verb = demandText('rawMethod', method);
  }

  /** `http` or `https`; empty for CONNECT. */
  get scheme(): string {
    return this.schemeName;
  }

  set scheme(scheme: string) {
    this.schemeName = demandText('scheme', scheme);
  }

  /** Where the request goes. Setting it changes the Host header and the authority, where there are such. */
  get host(): string {
    return this.target;
  }

  set host(host: string) {
    this.target = demandText('host', host);
    if (this.headers.has('host')) this.headers.set('Host', host);
    if (this.authority !== '') this.authority = formatHostPort(this.scheme, host, this.port);
  }

  get port(): number {
    return this.portNumber;
  }

  set port(port: number) {
    this.portNumber = demandWhole('port', port, 0, 65535);
  }

  get authority(): string {
    return this.authorityText;
  }

  set authority(authority: string) {
    this.authorityText = demandText('authority', authority);
  }

  get path(): string {
    return this.pathText;
  }

  set path(path: string) {
    this.pathText = demandText('path', path);
  }

  /** Says where the request goes, and leaves alone what its headers say about that. */
  aimAt(scheme: string, host: string, port: number): void {
    this.schemeName = scheme;
    this.target = host;
    this.portNumber = port;
  }

  /** What the request itself says about its host: the Host header, or `:authority` in HTTP/2. */
  get hostHeader(): string | undefined {
    const host = this.headers.get('host');
    return this.isHttp2 || this.isHttp3 ? this.authority || host : host;
  }

  set hostHeader(host: string | undefined) {
    const isAuthority = this.isHttp2 || this.isHttp3;
    if (host !== undefined) demandText('hostHeader', host);
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
    const { scheme, host, port, path } = parseUrl(demandText('url', url));
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
      (pairs) => this.setQuery(pairs),
    );
  }

  set query(pairs: Iterable<readonly [name: string, value: string]>) {
    this.setQuery(pairs);
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
      (pairs) => this.setCookies(pairs),
    );
  }

  set cookies(pairs: Iterable<readonly [name: string, value: string]>) {
    this.setCookies(pairs);
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
    this.setUrlencodedForm(pairs);
  }

  /**
   * The fields of a form in `multipart/form-data`; empty for any other body, and one that cannot be read. Values have no
   * line ends. A field that is changed keeps its headers, the name of a file among them; the others stay as they are.
   */
  get multipartForm(): MultiView<Buffer> {
    return new MultiView(
      () => {
        const type = this.headers.get('content-type') ?? '';
        if (!type.toLowerCase().includes(multipartType)) return [];
        return decodeMultipart(type, this.getContent(false) ?? Buffer.alloc(0)) ?? [];
      },
      (pairs) => this.setMultipartForm(pairs),
    );
  }

  set multipartForm(pairs: Iterable<readonly [name: string, value: Buffer]>) {
    this.setMultipartForm(pairs);
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

  private setQuery(given: Iterable<readonly [name: string, value: string]>): void {
    this.changePath({ query: encodePairs(demandPairs('query', given, demandText)) });
  }

  private setCookies(given: Iterable<readonly [name: string, value: string]>): void {
    this.headers.set('cookie', formatCookies(demandPairs('cookies', given, demandText)));
  }

  private setUrlencodedForm(given: Iterable<readonly [name: string, value: string]>): void {
    const pairs = demandPairs('urlencodedForm', given, demandText);
    this.headers.set('content-type', formType);
    this.content = encodeUtf8(encodePairs(pairs, this.getText(false) ?? ''));
  }

  private setMultipartForm(given: Iterable<readonly [name: string, value: Buffer]>): void {
    const pairs = demandPairs('multipartForm', given, demandValue);
    let type = this.headers.get('content-type') ?? '';
    const before = type.toLowerCase().includes(multipartType) ? this.getContent(false) : undefined;
    if (!type.toLowerCase().startsWith(multipartType)) {
      type = `${multipartType}; boundary=${boundaryFor(pairs)}`;
      this.headers.set('content-type', type);
    }
    this.content = changeMultipart(type, before ?? Buffer.alloc(0), pairs) ?? Buffer.alloc(0);
  }
}

function demandValue(what: string, given: unknown): Buffer {
  const value = demandBytes(what, given);
  if (value === undefined) throw refusal(what, 'a Buffer', given);
  return value;
}
