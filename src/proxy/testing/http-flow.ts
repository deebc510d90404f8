import { HttpFlow } from '../flow/http-flow.js';
import type { WebSocketData } from '../flow/websocket.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { clientConnection, serverConnection } from './connections.js';
import { checkFlowParts, dressed } from './flow-parts.js';
import type { FlowParts } from './flow-parts.js';
import { requestOf, responseOf } from './message-parts.js';
import type { RequestParts, ResponseParts } from './message-parts.js';

/** What an HTTP flow is made with. */
export interface HttpFlowParts extends FlowParts {
  /** A URL stands for a GET. Default: `http://example.com/`. */
  readonly request?: string | RequestParts | Request | undefined;
  /** A number is a status code; `true` is 200 with the text `hello`. Default: there is none yet. */
  readonly response?: true | number | ResponseParts | Response | undefined;
  readonly websocket?: WebSocketData | undefined;
}

/**
 * An HTTP exchange. Its connections are such as its URL asks for.
 * @example httpFlow({ request: 'https://example.com/a', response: 404 })
 * @throws {TypeError} when the URL is not absolute, and for a part that there is not
 */
export function httpFlow(parts: HttpFlowParts = {}): HttpFlow {
  checkFlowParts('an HTTP flow', parts, ['request', 'response', 'websocket']);
  const request = requestOf(parts.request ?? {});
  const { host, port } = request;
  const tls = request.scheme === 'https';
  const spoken = tls ? { tls, sni: host, ...(request.isHttp2 && { alpn: 'h2', alpnOffers: ['h2', 'http/1.1'] }) } : {};
  const flow = new HttpFlow(request, {
    clientConn: clientConnection({ ...spoken, ...parts.client }),
    serverConn: serverConnection({ address: [host, port], ...spoken, ...parts.server }),
  });
  if (parts.response !== undefined) flow.response = responseOf(parts.response);
  flow.websocket = parts.websocket;
  return dressed(flow, parts);
}
