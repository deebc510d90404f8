/**
 * All hooks: what each is told, and when it is called. The names are mitmproxy's, in camel case:
 * `tls_clienthello` is `tlsClienthello`.
 */
import type { ClientConnection } from '../flow/connection.js';
import type { DnsFlow } from '../flow/dns-flow.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import type {
  LogEntry,
  NextLayerData,
  ServerConnectionData,
  Socks5AuthData,
  TlsClientHelloData,
  TlsData,
} from './hook-data.js';
import type { Loader } from './loader.js';

/** Hooks about a flow. Behind each of them, a flow that was intercepted is held until it is resumed. */
export interface FlowHookTable {
  requestheaders: HttpFlow;
  request: HttpFlow;
  responseheaders: HttpFlow;
  response: HttpFlow;
  error: HttpFlow;
  httpConnect: HttpFlow;
  httpConnectUpstream: HttpFlow;
  httpConnected: HttpFlow;
  httpConnectError: HttpFlow;
  websocketStart: HttpFlow;
  websocketMessage: HttpFlow;
  websocketEnd: HttpFlow;
  tcpStart: TcpFlow;
  tcpMessage: TcpFlow;
  tcpEnd: TcpFlow;
  tcpError: TcpFlow;
  udpStart: UdpFlow;
  udpMessage: UdpFlow;
  udpEnd: UdpFlow;
  udpError: UdpFlow;
  dnsRequest: DnsFlow;
  dnsResponse: DnsFlow;
  dnsError: DnsFlow;
}

/** Every hook, and what its function is given. */
export interface HookTable extends FlowHookTable {
  load: Loader;
  configure: ReadonlySet<string>;
  running: undefined;
  done: undefined;
  update: readonly Flow[];
  addLog: LogEntry;
  clientConnected: ClientConnection;
  clientDisconnected: ClientConnection;
  serverConnect: ServerConnectionData;
  serverConnected: ServerConnectionData;
  serverDisconnected: ServerConnectionData;
  serverConnectError: ServerConnectionData;
  nextLayer: NextLayerData;
  socks5Auth: Socks5AuthData;
  tlsClienthello: TlsClientHelloData;
  tlsStartClient: TlsData;
  tlsStartServer: TlsData;
  tlsEstablishedClient: TlsData;
  tlsEstablishedServer: TlsData;
  tlsFailedClient: TlsData;
  tlsFailedServer: TlsData;
}

export type HookName = keyof HookTable;
export type FlowHookName = keyof FlowHookTable;

/** When each hook is called, for the documentation. */
export const hookHelp: Readonly<Record<HookName, string>> = {
  load: 'The addon was added. It may declare options and commands.',
  configure:
    'Options were changed: the names of those that were, of all of them at the start. An OptionError refuses the change.',
  running: 'The proxy listens. Clients are served when it is over, or after ten seconds.',
  done: 'The addon was removed, or the proxy stops. Nothing is called after that.',
  update: 'Flows were changed by somebody else.',
  addLog: 'A line was written to the log.',
  clientConnected: 'A client has connected. Setting `client.error` turns it away.',
  clientDisconnected: 'A client has gone, or was let go.',
  serverConnect: 'A server is about to be connected to. Setting `server.error` refuses that.',
  serverConnected: 'A server was connected to.',
  serverDisconnected: 'The connection to a server was closed.',
  serverConnectError: 'A server could not be connected to; `server.error` tells why.',
  nextLayer: 'The first bytes of a stream were seen. Setting `layer` decides what is spoken on it.',
  requestheaders: 'The head of a request was read. Setting `request.stream` lets the body pass as it arrives.',
  request: 'A request was read. Setting `response` answers it from here.',
  responseheaders: 'The head of a response was read. Setting `response.stream` lets the body pass as it arrives.',
  response: 'A response was read, or made by an addon.',
  error: 'The exchange failed; `error` tells why. Of a live flow either `response` or `error` is called.',
  httpConnect: 'A CONNECT request was read. Setting a `response` that is not 2xx refuses it.',
  httpConnectUpstream: 'A CONNECT request is about to be sent to a proxy.',
  httpConnected: 'A CONNECT request was granted.',
  httpConnectError: 'A CONNECT request was not granted.',
  socks5Auth: 'A SOCKS client gave a user name and a password. Setting `valid` lets it in.',
  tlsClienthello: 'A ClientHello was read.',
  tlsStartClient: 'A handshake with a client is about to be made.',
  tlsStartServer: 'A handshake with a server is about to be made.',
  tlsEstablishedClient: 'A handshake with a client was made.',
  tlsEstablishedServer: 'A handshake with a server was made.',
  tlsFailedClient: 'A handshake with a client has failed; `connection.error` tells why.',
  tlsFailedServer: 'A handshake with a server has failed; `connection.error` tells why.',
  websocketStart: 'A WebSocket was opened.',
  websocketMessage: 'A message was received on a WebSocket: the last of `websocket.messages`.',
  websocketEnd: 'A WebSocket was closed.',
  tcpStart: 'A connection begins of which nothing is known but its bytes.',
  tcpMessage: 'Bytes were received: the last of `messages`.',
  tcpEnd: 'The connection was closed.',
  tcpError: 'The connection has failed.',
  udpStart: 'Datagrams begin to flow. Read from files; not proxied.',
  udpMessage: 'A datagram was received: the last of `messages`.',
  udpEnd: 'The flow of datagrams has ended.',
  udpError: 'The flow of datagrams has failed.',
  dnsRequest: 'A DNS query was read. Read from files; not proxied.',
  dnsResponse: 'A DNS response was read.',
  dnsError: 'A DNS query has failed.',
};

/** The names of all hooks. */
// Object.keys forgets which keys there are.
export const hookNames: readonly HookName[] = Object.keys(hookHelp) as HookName[];
