/** Flows as text: a line or more for each part of one, in the ancestor's layout. */
import { dnsData, dnsOpCode, dnsType } from '../flow/dns-text.js';
import type { DnsFlow } from '../flow/dns-flow.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import type { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import type { Headers } from '../message/headers.js';
import type { Message } from '../message/message.js';
import { reasonPhrase } from '../message/reason-phrase.js';
import type { Response } from '../message/response.js';
import { dotControls, escapeBytes } from '../views/escaped-text.js';
import { formatAddress, prettySize } from '../views/human-text.js';
import { showContent } from '../views/show-content.js';
import type { Line, Style } from '../views/view.js';
import { closeCodeName, isOrderlyClose } from './close-code.js';
import type { Look, Paint } from './paint.js';

/** How much is told, and how. */
export interface FlowTextSettings {
  /** 1 lines alone, 2 headers too, 3 the first lines of bodies too, 4 all. */
  readonly detail: number;
  /** Whether URLs have the host of the Host header. */
  readonly showHost: boolean;
  /** The content view of bodies. */
  readonly view: string;
  /** Lines of a body that are told at detail 3. */
  readonly linesLimit: number;
  /** Characters in a line of the terminal. */
  readonly columns: number;
  readonly paint: Paint;
}

/** The least room that a URL gets at detail 1. */
const leastUrl = 50;
/** What stands before and behind a URL, about. */
const besideUrl = 25;

const indent = '    ';

const looks: Readonly<Record<Style, Look>> = {
  text: { colour: 'green' },
  header: { colour: 'green', bold: true },
  offset: { colour: 'blue' },
  ...{ error: {}, json_string: {}, json_number: {}, json_boolean: {} },
};

/** A request, its response and its error, as far as there are these. */
export function httpText(flow: HttpFlow, settings: FlowTextSettings): string {
  let text = requestText(flow, settings);
  if (flow.response) text += responseText(flow, flow.response, settings);
  return text + errorText(flow, settings);
}

/** The newest message of a WebSocket. */
export function webSocketMessageText(flow: HttpFlow, message: WebSocketMessage, settings: FlowTextSettings): string {
  const path = dotControls(flow.request.path);
  const what = `WebSocket ${message.isText ? 'text' : 'binary'} message`;
  const server = formatAddress(flow.serverConn.address) + path;
  return messageText(flow, message, what, server, settings);
}

/** How a WebSocket was closed. */
export function webSocketEndText(flow: HttpFlow, websocket: WebSocketData, { paint }: FlowTextSettings): string {
  const { closeCode, closeReason, closedByClient } = websocket;
  if (isOrderlyClose(closeCode)) {
    const by = closedByClient === true ? 'client' : 'server';
    return `WebSocket connection closed by ${by}: ${String(closeCode)} ${dotControls(closeReason ?? 'None')}\n`;
  }
  const reason = closeReason === undefined || closeReason === '' ? '' : ` (reason: ${dotControls(closeReason)})`;
  const server = formatAddress(flow.serverConn.address);
  const error = `Error in WebSocket connection to ${server}: WebSocket Error: ${closeCodeName(closeCode)}${reason}`;
  return `${paint(error, { colour: 'red' })}\n`;
}

/** The newest message of a TCP connection or a flow of datagrams. */
export function streamMessageText(flow: TcpFlow | UdpFlow, settings: FlowTextSettings): string {
  const message = flow.messages.at(-1);
  if (message === undefined) return '';
  return messageText(flow, message, flow.type, formatAddress(flow.serverConn.address), settings);
}

/** Why a TCP connection or a flow of datagrams failed. */
export function streamErrorText(flow: TcpFlow | UdpFlow, { paint }: FlowTextSettings): string {
  const server = formatAddress(flow.serverConn.address);
  const why = dotControls(flow.error?.message ?? '');
  const text = `Error in ${flow.type.toUpperCase()} connection to ${server}: ${why}`;
  return `${paint(text, { colour: 'red' })}\n`;
}

/** A DNS query with its answers. */
export function dnsResponseText(flow: DnsFlow, settings: FlowTextSettings): string {
  const { paint } = settings;
  const answers = flow.response?.answers.map((record) =>
    paint(dotControls(dnsData(record)), { colour: 'bright-blue' }),
  );
  return `${dnsQueryText(flow, settings)}${paint(' <<', { bold: true })} ${(answers ?? []).join(', ')}\n`;
}

/** A DNS query that has failed. */
export function dnsErrorText(flow: DnsFlow, settings: FlowTextSettings): string {
  return dnsQueryText(flow, settings) + errorText(flow, settings);
}

function dnsQueryText(flow: DnsFlow, { paint }: FlowTextSettings): string {
  const { questions, opCode } = flow.request;
  const [question] = questions;
  const what = `DNS ${dnsOpCode(opCode)} (${question === undefined ? '' : dnsType(question.type)})`;
  const name = paint(dotControls(question?.name ?? ''), { bold: true });
  return `${clientOf(flow, paint)}: ${paint(what, { colour: 'red' })} ${name}\n`;
}

function requestText(flow: HttpFlow, settings: FlowTextSettings): string {
  const { request } = flow;
  const { paint } = settings;
  const colour = { GET: 'green', DELETE: 'red' }[request.method.toUpperCase()] ?? 'magenta';
  // The two colours above are colours.
  const method = paint(dotControls(request.method), { colour: colour as Look['colour'], bold: true });
  const pushed = flow.metadata['h2-pushed-stream'] === true ? ' PUSH_PROMISE' : '';
  const url = paint(urlOf(flow, settings), { bold: true });
  const version = showsVersions(flow) ? ` ${dotControls(request.httpVersion)}` : '';
  const first = `${clientOf(flow, paint)}: ${method}${pushed} ${url}${version}\n`;
  return first + bodyAndHeaders(request, flow, settings);
}

function urlOf({ request }: HttpFlow, { showHost, detail, columns }: FlowTextSettings): string {
  const url = showHost ? request.prettyUrl : request.url;
  const room = Math.max(columns - besideUrl, leastUrl);
  // A URL that long has no characters beyond U+FFFF but for those that nobody escaped.
  const characters = detail === 1 && url.length > room ? [...url] : [];
  return dotControls(characters.length > room ? `${characters.slice(0, room).join('')}…` : url);
}

function responseText(flow: HttpFlow, response: Response, settings: FlowTextSettings): string {
  const { paint, detail } = settings;
  const replay = flow.isReplay === 'response' ? '[replay]' : '';
  const version = showsVersions(flow) ? `${dotControls(response.httpVersion)} ` : '';
  // At detail 1, the arrows stand below one another.
  const room = detail === 1 ? formatAddress(flow.clientConn.peername).length - 2 : 0;
  const gap = ' '.repeat(Math.max(0, room - version.length - replay.length));
  const colour = colourOfStatus(response.statusCode);
  const code = paint(String(response.statusCode), { colour, bold: true, blink: response.statusCode === 418 });
  const reason = paint(dotControls(reasonOf(response)), { colour, bold: true });
  const size = response.rawContent === undefined ? '(content missing)' : prettySize(response.rawContent.length);
  const start = replay === '' ? '' : paint(replay, { colour: 'yellow', bold: true });
  const arrow = paint(' <<', { bold: true });
  const first = `${start}${gap}${arrow} ${version}${code} ${reason} ${paint(size, { bold: true })}\n`;
  return first + bodyAndHeaders(response, flow, settings);
}

/** HTTP/2 has no reason phrases; the usual one is told. */
function reasonOf(response: Response): string {
  return response.isHttp2 ? (reasonPhrase(response.statusCode) ?? '') : response.reason;
}

function colourOfStatus(code: number): Look['colour'] {
  if (code >= 200 && code < 300) return 'green';
  if (code >= 300 && code < 400) return 'magenta';
  return code >= 400 && code < 600 ? 'red' : undefined;
}

/** Versions are told unless both are HTTP/1.1, or both HTTP/1.0. */
function showsVersions({ request, response }: HttpFlow): boolean {
  if (!request.isHttp10 && !request.isHttp11) return true;
  return response !== undefined && response.httpVersion !== request.httpVersion;
}

function errorText(flow: Flow, { paint }: FlowTextSettings): string {
  if (flow.error === undefined) return '';
  return `${paint(` << ${dotControls(flow.error.message)}`, { colour: 'red', bold: true })}\n`;
}

function clientOf(flow: Flow, paint: Paint): string {
  if (flow.isReplay === 'request') return paint('[replay]', { colour: 'yellow', bold: true });
  return flow.clientConn.peername === undefined ? '' : formatAddress(flow.clientConn.peername);
}

function messageText(
  flow: Flow,
  message: { readonly fromClient: boolean; readonly content: Buffer },
  what: string,
  server: string,
  settings: FlowTextSettings,
): string {
  const arrow = message.fromClient ? '->' : '<-';
  const first = `${formatAddress(flow.clientConn.peername)} ${arrow} ${what} ${arrow} ${server}\n`;
  return settings.detail >= 3 ? first + bodyText(message, flow, settings) : first;
}

function bodyAndHeaders(message: Message, flow: Flow, settings: FlowTextSettings): string {
  const { detail, paint } = settings;
  if (detail < 2) return '';
  const body = detail >= 3 ? bodyText(message, flow, settings) : '';
  return headersText(message.headers, paint) + body + trailersText(message.trailers, paint);
}

/** Header or trailer fields, a line each. */
export function headersText(headers: Headers, paint: Paint): string {
  return headers.fields
    .map(([name, value]) => `${indent}${paint(escapeBytes(name), { colour: 'blue' })}: ${escapeBytes(value)}`)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function trailersText(trailers: Headers | undefined, paint: Paint): string {
  if (trailers === undefined || trailers.size === 0) return '';
  return `${paint(`${indent}--- HTTP Trailers`, { colour: 'magenta' })}\n${headersText(trailers, paint)}`;
}

function bodyText(
  message: Message | { readonly content: Buffer },
  flow: Flow,
  { detail, view, linesLimit, paint }: FlowTextSettings,
): string {
  const lines: string[] = [];
  const limit = detail === 3 ? linesLimit : Infinity;
  let isCut = false;
  for (const line of showContent(view, message, flow).lines) {
    isCut = lines.length >= limit;
    if (isCut) break;
    lines.push(indent + lineText(line, paint));
  }
  const body = lines.length === 0 ? '' : `${lines.join('\r\n')}\n`;
  const note = isCut ? `${paint(`${indent}(cut off)`, { dim: true })}\n` : '';
  return `\n${body}${note}${lines.length > 0 ? '\n' : ''}`;
}

/** A line of a content view, without its end. */
export function lineText(line: Line, paint: Paint): string {
  return line.map(([style, text]) => paint(text, looks[style])).join('');
}
