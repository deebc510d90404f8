/** HTTP Archive 1.2 of flows, for the network panels of browsers. */
import { version } from '../../version.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { WebSocketData } from '../flow/websocket.js';
import { parseHttpDate } from '../message/http-date.js';
import type { Headers } from '../message/headers.js';
import type { Message } from '../message/message.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import type { SetCookie } from '../message/set-cookie.js';
import { decodeUtf8 } from '../message/utf8.js';
import type {
  Har,
  HarContent,
  HarCookie,
  HarEntry,
  HarHeader,
  HarPair,
  HarPostData,
  HarRequest,
  HarResponse,
  HarTimings,
  HarWebSocketClose,
  HarWebSocketMessage,
} from './har.js';
import { harPercent, harText, keptText } from './har-text.js';
import { harUrl } from './har-url.js';

/** The archive of flows. Those that are not HTTP are left out: the format has no place for them. */
export function harOf(flows: Iterable<Flow>): Har {
  const entries: HarEntry[] = [];
  for (const flow of flows) if (flow.type === 'http') entries.push(entryOf(flow));
  return { log: { version: '1.2', creator: { name: 'pathod', version }, pages: [], entries } };
}

function entryOf(flow: HttpFlow): HarEntry {
  const timings = timingsOf(flow);
  const parts = [timings.connect, timings.send, timings.wait, timings.receive];
  const address = flow.serverConn.peername?.[0];
  return {
    startedDateTime: isoTime(flow.request.timestampStart),
    time: parts.reduce((sum, part) => sum + Math.max(part, 0), 0),
    request: requestOf(flow.request, flow.websocket !== undefined),
    response: responseOf(flow),
    cache: {},
    timings,
    ...(address !== undefined && { serverIPAddress: harText(address) }),
    connection: harText(flow.serverConn.id),
    ...(flow.comment !== '' && keptText('comment', flow.comment)),
    ...(flow.websocket !== undefined && webSocketOf(flow.websocket)),
  };
}

function webSocketOf(data: WebSocketData): Partial<HarEntry> {
  const close = closeOf(data);
  return {
    _resourceType: 'websocket',
    _webSocketMessages: data.messages.map(
      ({ fromClient, timestamp, opcode, content, isText }): HarWebSocketMessage => ({
        type: fromClient ? 'send' : 'receive',
        time: timestamp,
        opcode,
        ...(isText ? keptText('data', decodeUtf8(content)) : { data: content.toString('base64') }),
      }),
    ),
    ...(Object.keys(close).length > 0 && { _webSocketClose: close }),
  };
}

/** Nothing of one that is open. */
function closeOf({ closedByClient, closeCode, closeReason, timestampEnd }: WebSocketData): HarWebSocketClose {
  return {
    ...(closedByClient !== undefined && { closedBy: closedByClient ? 'client' : 'server' }),
    ...(closeCode !== undefined && { code: closeCode }),
    ...(closeReason !== undefined && keptText('reason', closeReason)),
    ...(timestampEnd !== undefined && { time: timestampEnd }),
  };
}

function requestOf(request: Request, isWebSocket: boolean): HarRequest {
  const postData = postDataOf(request);
  const url = harUrl(request);
  return {
    ...keptText('method', request.method),
    url: isWebSocket ? url.replace(/^http/, 'ws') : url,
    httpVersion: harText(request.httpVersion),
    cookies: pairs(request.cookies, harText),
    headers: headersOf(request.headers),
    queryString: pairs(request.query, harPercent),
    headersSize: headersSize(request.headers),
    bodySize: request.rawContent?.length ?? -1,
    ...(postData !== undefined && { postData }),
  };
}

function postDataOf(request: Request): HarPostData | undefined {
  const content = request.getContent(false);
  if (content === undefined || content.length === 0) return undefined;
  const text = plainText(content);
  const params = pairs(request.urlencodedForm, harPercent);
  return {
    mimeType: harText(request.headers.get('content-type') ?? ''),
    // Beside the text, as browsers have it.
    ...(params.length > 0 && { params }),
    ...(text === undefined ? { text: content.toString('base64'), _encoding: 'base64' } : { text }),
  };
}

function responseOf({ response, error }: HttpFlow): HarResponse {
  const failure = error === undefined ? {} : keptText('_error', error.message);
  if (response === undefined) {
    const content = { size: 0, mimeType: 'x-unknown' };
    const none = { status: 0, statusText: '', httpVersion: '', cookies: [], headers: [], redirectURL: '' };
    return { ...none, content, headersSize: -1, bodySize: -1, ...failure };
  }
  return {
    status: response.statusCode,
    ...keptText('statusText', response.reason),
    httpVersion: harText(response.httpVersion),
    cookies: Array.from(response.cookies, cookieOf),
    headers: headersOf(response.headers),
    content: contentOf(response),
    redirectURL: harPercent(response.headers.get('location') ?? ''),
    headersSize: headersSize(response.headers),
    bodySize: response.rawContent?.length ?? -1,
    ...failure,
  };
}

function contentOf(response: Response): HarContent {
  const mimeType = harText(response.headers.get('content-type') ?? 'x-unknown');
  const content = response.getContent(false);
  if (content === undefined) return { size: 0, mimeType };
  const saved = content.length - (response.rawContent?.length ?? 0);
  const text = plainText(content);
  return {
    size: content.length,
    ...(saved > 0 && { compression: saved }),
    mimeType,
    ...(text === undefined ? { text: content.toString('base64'), encoding: 'base64' } : { text }),
  };
}

function cookieOf([name, { value, attributes }]: SetCookie): HarCookie {
  const found = new Map(attributes.map(([key, setting]) => [key.toLowerCase(), harText(setting)]));
  const [path, domain, sameSite] = ['path', 'domain', 'samesite'].map((key) => found.get(key));
  const expires = parseHttpDate(found.get('expires') ?? '');
  return {
    ...{ name: harText(name), value: harText(value) },
    ...(path !== undefined && { path }),
    ...(domain !== undefined && { domain }),
    ...(expires !== undefined && { expires: isoTime(expires) }),
    httpOnly: found.has('httponly'),
    secure: found.has('secure'),
    ...(sameSite !== undefined && { sameSite }),
  };
}

function timingsOf({ request, response, serverConn }: HttpFlow): HarTimings {
  const { timestampStart: opened, timestampTcpSetup: connected, timestampTlsSetup: secured } = serverConn;
  const sent = request.timestampEnd ?? request.timestampStart;
  const answered = response?.timestampStart;
  const ssl = between(connected, secured);
  const connect = between(opened, connected);
  return {
    ...{ blocked: -1, dns: -1 },
    connect: connect === -1 ? -1 : connect + Math.max(ssl, 0),
    ssl,
    send: Math.max(between(request.timestampStart, sent), 0),
    wait: Math.max(between(sent, answered), 0),
    receive: Math.max(between(answered, endOf(response)), 0),
  };
}

function endOf(message: Message | undefined): number | undefined {
  return message?.timestampEnd ?? message?.timestampStart;
}

/** Milliseconds from one time to another, -1 when one is not known. */
function between(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? -1 : Math.round((to - from) * 1e6) / 1e3;
}

/** A time that the format cannot express is 1970. */
function isoTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

function headersOf(headers: Headers): HarHeader[] {
  return Array.from(headers, ([name, value]) => ({ ...keptText('name', name), ...keptText('value', value) }));
}

function pairs(from: Iterable<readonly [name: string, value: string]>, textOf: (text: string) => string): HarPair[] {
  return Array.from(from, ([name, value]) => ({ name: textOf(name), value: textOf(value) }));
}

/** Bytes of the field lines and the blank line. */
function headersSize(headers: Headers): number {
  return headers.block.length + 2;
}

/** The text of a body that is UTF-8 without control characters that editors choke on. */
function plainText(content: Buffer): string | undefined {
  const text = decodeUtf8(content);
  return text.isWellFormed() && !text.includes('\0') ? text : undefined;
}
