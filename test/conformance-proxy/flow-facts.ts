/** A flow of ours in the form in which a corpus says what is in a file. */
import { createHash } from 'node:crypto';
import type { ClientConnection, ServerConnection } from '../../src/proxy/flow/connection.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import type { Headers } from '../../src/proxy/message/headers.js';
import type { Message } from '../../src/proxy/message/message.js';
import type { Request } from '../../src/proxy/message/request.js';
import type { Response } from '../../src/proxy/message/response.js';
import { encodeUtf8 } from '../../src/proxy/message/utf8.js';
import { certificateFacts } from './certificate-facts.js';
import { dnsFacts } from './dns-facts.js';
import { encodeDns } from '../../src/proxy/flow/dns-wire.js';
import { dnsData } from '../../src/proxy/flow/dns-text.js';

/** Everything that a corpus can say about a flow. */
export function flowFacts(flow: Flow): Record<string, unknown> {
  return {
    type: flow.type,
    id: flow.id,
    timestamp_created: flow.timestampCreated,
    intercepted: flow.intercepted,
    marked: flow.marked,
    is_replay: flow.isReplay ?? null,
    comment: flow.comment,
    metadata: flow.metadata,
    error: flow.error === undefined ? null : { msg: flow.error.message, timestamp: flow.error.timestamp },
    client_conn: { ...connectionFacts(flow.clientConn), mitmcert_cn: commonName(flow.clientConn.mitmcert) },
    server_conn: serverFacts(flow.serverConn),
    ...ownFacts(flow),
  };
}

function ownFacts(flow: Flow): Record<string, unknown> {
  switch (flow.type) {
    case 'http':
      return {
        request: requestFacts(flow.request),
        response: flow.response === undefined ? null : responseFacts(flow.response),
        websocket: flow.websocket === undefined ? null : webSocketFacts(flow.websocket),
      };
    case 'dns':
      return {
        request: dnsFacts(flow.request),
        request_packed: encodeDns(flow.request).toString('hex'),
        response: flow.response === undefined ? null : dnsFacts(flow.response),
        response_packed: flow.response === undefined ? null : encodeDns(flow.response).toString('hex'),
        answers_str: (flow.response?.answers ?? []).map(dnsData),
      };
    case 'tcp':
    case 'udp':
      return {
        messages: flow.messages.map(({ fromClient, content, timestamp }) => ({
          ...{ from_client: fromClient, content: content.toString('hex'), timestamp },
        })),
      };
  }
}

function webSocketFacts(data: NonNullable<Extract<Flow, { type: 'http' }>['websocket']>): unknown {
  return {
    closed_by_client: data.closedByClient ?? null,
    close_code: data.closeCode ?? null,
    close_reason: data.closeReason ?? null,
    timestamp_end: data.timestampEnd ?? null,
    messages: data.messages.map(({ opcode, fromClient, content, timestamp, dropped, injected }) => ({
      ...{ type: opcode, from_client: fromClient, content: content.toString('hex'), timestamp, dropped, injected },
    })),
  };
}

function connectionFacts(connection: ClientConnection | ServerConnection): Record<string, unknown> {
  return {
    id: connection.id,
    peername: connection.peername ?? null,
    sockname: connection.sockname ?? null,
    tls: connection.tls,
    tls_established: connection.tlsEstablished,
    alpn: connection.alpn === undefined ? null : hex(connection.alpn),
    sni: connection.sni ?? null,
    tls_version: connection.tlsVersion ?? null,
    cipher: connection.cipher ?? null,
    state: connection.state,
    error: connection.error ?? null,
    timestamp_start: connection.timestampStart ?? null,
    timestamp_end: connection.timestampEnd ?? null,
    timestamp_tls_setup: connection.timestampTlsSetup ?? null,
    certs: connection.certificateList.map(certificateFacts),
    alpn_offers: connection.alpnOffers.map(hex),
    n_cipher_list: connection.cipherList.length,
  };
}

function serverFacts(server: ServerConnection): Record<string, unknown> {
  return {
    ...connectionFacts(server),
    address: server.address ?? null,
    timestamp_tcp_setup: server.timestampTcpSetup ?? null,
    via: server.via ?? null,
  };
}

function commonName(pem: Buffer | undefined): unknown {
  return pem === undefined ? null : (certificateFacts(pem) as { readonly cn: unknown }).cn;
}

function messageFacts(message: Message): Record<string, unknown> {
  const raw = message.rawContent;
  const content = message.getContent(false);
  return {
    http_version: message.httpVersion,
    headers: headerFacts(message.headers),
    trailers: message.trailers === undefined ? null : headerFacts(message.trailers),
    raw_len: raw?.length ?? null,
    raw_sha256: digest(raw),
    content_strict: outcome(() => digest(message.content)),
    content_nonstrict_sha256: digest(content),
    content_len: content?.length ?? null,
    text_strict80: outcome(() => start(message.text)),
    text_nonstrict80: outcome(() => start(message.getText(false))),
    guessed_charset: message.charsetOf(content ?? Buffer.alloc(0)),
    timestamp_start: message.timestampStart,
    timestamp_end: message.timestampEnd ?? null,
  };
}

function requestFacts(request: Request): Record<string, unknown> {
  return {
    ...messageFacts(request),
    method: request.method,
    method_raw: hex(request.rawMethod),
    scheme: request.scheme,
    host: request.host,
    port: request.port,
    path: request.path,
    path_raw: hex(request.path),
    authority: request.authority,
    url: request.url,
    pretty_url: request.prettyUrl,
    pretty_host: request.prettyHost,
    host_header: request.hostHeader ?? null,
    first_line_format: request.firstLineFormat,
    query: [...request.query],
    cookies: [...request.cookies],
    urlencoded_form: [...request.urlencodedForm],
    multipart_form: Array.from(request.multipartForm, ([name, value]) => [hex(name), value.toString('hex')]),
    path_components: outcome(() => request.pathComponents),
  };
}

function responseFacts(response: Response): Record<string, unknown> {
  return {
    ...messageFacts(response),
    status_code: response.statusCode,
    reason: response.reason,
    reason_raw: Buffer.from(response.reason, 'latin1').toString('hex'),
    cookies: Array.from(response.cookies, ([name, { value, attributes }]) => [name, value, attributes]),
  };
}

function headerFacts(headers: Headers): unknown {
  return headers.fields.map((field) => field.map((part) => part.toString('hex')));
}

function hex(text: string): string {
  return encodeUtf8(text).toString('hex');
}

function digest(bytes: Buffer | undefined): string | null {
  return bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex');
}

/** The first 80 characters. */
function start(text: string | undefined): string | null {
  return text === undefined ? null : Array.from(text).slice(0, 80).join('');
}

function outcome(action: () => unknown): unknown {
  try {
    return { ok: action() };
  } catch {
    return { error: 'ValueError' };
  }
}
