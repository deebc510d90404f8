/** Where the request of an exchange goes: as its stream decides, or as the request says itself, or an addon. */
import { ExchangeFailure } from './exchange-failure.js';
import { ServerConnection } from './flow/connection.js';
import type { HttpFlow } from './flow/http-flow.js';
import type { Request } from './message/request.js';
import { defaultPort, demandAuthority, formatHostPort } from './message/url.js';
import type { Route } from './route.js';
import type { Destination } from './server-link.js';

/** Has a request that was received say where it goes, and in reverse mode its Host field as well. */
export function aimRequest(request: Request, route: Route): void {
  const { fixed } = route;
  if (fixed === undefined) {
    if (request.method === 'CONNECT') return;
    if (request.host === '') aimByHost(request, route.clientTls);
    // What a proxy is told, a server is not.
    else if (route.via === undefined && !request.isHttp2) request.authority = '';
    return;
  }
  const [host, port] = fixed.address;
  const scheme = fixed.tls ? 'https' : 'http';
  request.aimAt(scheme, host, port);
  if (!route.rewritesHost) return;
  const hostHeader = authorityOf(scheme, host, port);
  if (request.hostHeader !== hostHeader) request.hostHeader = hostHeader;
}

/** What a Host field or a URL says of a host and a port: an IPv6 address is in brackets (RFC 3986, section 3.2.2). */
export function authorityOf(scheme: string, host: string, port: number): string {
  return formatHostPort(scheme, host.includes(':') ? `[${host}]` : host, port);
}

/** A target that is a path says nothing; its Host field does, when there is one that can be read. */
function aimByHost(request: Request, clientTls: boolean): void {
  const scheme = clientTls ? 'https' : 'http';
  try {
    const { host, port = defaultPort(scheme) ?? 80 } = demandAuthority(request.hostHeader ?? '');
    request.aimAt(scheme, host, port);
  } catch {
    // An addon may know better; without one the request is refused once the hooks are through.
    request.aimAt(scheme, '', 0);
  }
}

/** A connection that is not made yet: what flows tell of it until it is. */
export function plannedConnection(request: Request, { fixed, via }: Route): ServerConnection {
  const connection = new ServerConnection();
  connection.address = fixed?.address ?? [request.host, request.port];
  connection.tls = request.scheme === 'https';
  connection.sni = connection.tls ? (fixed?.sni ?? connection.address[0]) : undefined;
  connection.via = fixed === undefined ? via : fixed.via;
  return connection;
}

/**
 * Where a connection for the request of a flow is to lead.
 * @throws {ExchangeFailure} when nothing says so
 */
export function destinationOf(flow: HttpFlow, { fixed }: Route): Destination {
  const { host, port, scheme } = flow.request;
  const { via } = flow.serverConn;
  const tls = scheme === 'https';
  if (fixed !== undefined && via === fixed.via) {
    if (tls === fixed.tls && host === fixed.address[0] && port === fixed.address[1]) return fixed;
  }
  if (host === '') {
    throw new ExchangeFailure(
      'the request does not say where it goes: it has no Host header field. This is a proxy: set it as one in the client',
      400,
    );
  }
  return { address: [host, port], tls, sni: undefined, via, tunnel: fixed?.via !== undefined };
}
