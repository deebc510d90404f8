/** What is spoken on a stream of a client, as far as its first bytes tell. */
import { readClientHello } from '../wire/client-hello.js';
import { sniff } from '../wire/sniff.js';
import type { Address } from './flow/connection.js';
import type { LayerKind } from './hooks/hook-data.js';
import type { HostLists } from './host-lists.js';
import type { Purpose } from './layer.js';

/** What is known when it is to be decided what is spoken. */
export interface LayerFacts {
  readonly purpose: Purpose;
  /** Where the stream leads; undefined when requests say so. */
  readonly target: Address | undefined;
  /** What the client sent so far. */
  readonly bytes: Buffer;
  /** Whether the client waits: it sent nothing more for a while, or has ended its side. */
  readonly quiet: boolean;
  /** Whether the server sent something already. */
  readonly serverSpoke: boolean;
  /** The name that the client asked for, and the protocol agreed upon, when the stream comes out of TLS. */
  readonly tls: { readonly serverName: string | undefined; readonly alpn: string | undefined } | undefined;
  readonly lists: HostLists;
  /** The option `rawtcp`: whether there may be other protocols than HTTP. */
  readonly rawtcp: boolean;
}

/**
 * Decides what is spoken.
 *
 * A client that is silent may wait for the server to speak first, or may have connected before it has anything to ask:
 * only the server can tell. So `more` of a quiet client means: connect to the server, and decide again when either
 * speaks.
 * @returns `more` when it takes more bytes to know
 */
export function decideLayer(facts: LayerFacts): LayerKind | 'more' {
  const { purpose, target, bytes, quiet, serverSpoke, tls, lists } = facts;
  // TLS begins with this byte, and the next tells whether it is.
  if (bytes.length === 1 && bytes[0] === 0x16 && !quiet) return 'more';
  const isTls = sniff(bytes) === 'tls';
  const silent = bytes.length === 0 && !quiet && !serverSpoke;
  if (tls === undefined && purpose !== 'requests' && lists.ignoresAny && !silent) {
    const ignored = isIgnored(facts, isTls);
    if (ignored !== false) return ignored === true ? 'ignore' : 'more';
  }
  if (isTls) return 'tls';
  const known = tls !== undefined || bytes.length > 0;
  if (purpose === 'requests') return known ? 'http' : 'more';
  if (purpose === 'bytes') return known || !silent ? 'tcp' : 'more';
  if (lists.isTcp({ ...addressOf(target), serverName: tls?.serverName })) return known || !silent ? 'tcp' : 'more';
  if (purpose === 'http') return known ? 'http' : 'more';
  return decideProtocol(facts);
}

/** Whether the stream is to be passed on; for TLS that takes the name in the ClientHello. */
function isIgnored({ target, lists, bytes }: LayerFacts, isTls: boolean): boolean | 'more' {
  const address = addressOf(target);
  if (!isTls) return lists.isIgnored({ ...address, serverName: undefined });
  const hello = read(bytes);
  return hello === undefined ? 'more' : lists.isIgnored({ ...address, serverName: hello.serverName });
}

function addressOf(target: Address | undefined): { readonly host: string | undefined; readonly port?: number } {
  return target === undefined ? { host: undefined } : { host: target[0], port: target[1] };
}

function read(bytes: Buffer): { readonly serverName: string | undefined } | undefined {
  try {
    return readClientHello(bytes);
  } catch {
    return { serverName: undefined };
  }
}

/** What is spoken where anything may be, and it is not TLS. */
function decideProtocol({ bytes, tls, quiet, serverSpoke, rawtcp }: LayerFacts): LayerKind | 'more' {
  if (tls?.alpn === 'h2' || tls?.alpn === 'http/1.1') return 'http';
  const isHttp = beginsHttp(bytes, quiet);
  if (isHttp === true) return 'http';
  if (isHttp === false || serverSpoke) return rawtcp ? 'tcp' : 'http';
  return 'more';
}

/**
 * Methods whose requests are HTTP even when they are malformed (RFC 9110, section 9.3; RFC 5789; RFC 4918, section 9).
 */
const knownMethods = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK'],
];

/** A method of reasonable length, and what stands behind it in its line (RFC 9112, section 3). */
const beginning = /^(?<method>[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32})(?:(?<space> +)(?<target>[^\r\n]*))?(?<end>[^]*)$/;

/** Characters of a request line that are looked at. */
const longestLine = 16 * 1024;

/**
 * Whether bytes begin with HTTP; undefined when more of them would tell. Names of methods are free, so a line of
 * another protocol may look like the beginning of a request: behind what is no known method there must be a version.
 * @param quiet whether nothing more will come before somebody answers
 */
function beginsHttp(bytes: Buffer, quiet: boolean): boolean | undefined {
  if (bytes.length === 0) return undefined;
  const kind = sniff(bytes);
  if (kind === 'http2') return true;
  if (kind === 'unknown') return false;
  // Empty lines may stand before a request (RFC 9112, section 2.2).
  const text = bytes.toString('latin1', 0, longestLine).replace(/^[\r\n]+/, '');
  if (text === '') return quiet ? false : undefined;
  const { method, space, target = '', end = '' } = beginning.exec(text)?.groups ?? {};
  if (method === undefined) return false;
  const isKnown =
    space === undefined ? knownMethods.some((name) => name.startsWith(method)) : knownMethods.includes(method);
  if (isKnown && /^(?:[/*]|https?:)/i.test(target)) return true;
  // The end of the line is still to come; who stopped within the name of a known method will go on.
  const isOpen = end === '' && text.length < longestLine;
  if (isOpen && (!quiet || (isKnown && target === ''))) return undefined;
  return / HTTP\/\d/.test(target);
}
