/** Messages as HTTP/1 would send them, their bodies without coding. */
import { ContentError } from '../../errors.js';
import { chunkOf, endOfChunks } from '../http1-outgoing-body.js';
import { headBytes } from '../http1-writer.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { encodeUtf8 } from '../message/utf8.js';

const between = Buffer.from('\r\n\r\n');

/** The request. @throws {ContentError} when its body was not kept */
export function rawRequest({ request }: HttpFlow): Buffer {
  if (request.rawContent === undefined) throw new ContentError('the body of the request was not kept');
  return messageBytes(request, requestLine(request));
}

/** The response. @throws {ContentError} when there is none, or its body was not kept */
export function rawResponse({ response }: HttpFlow): Buffer {
  if (response === undefined) throw new ContentError('the flow has no response');
  if (response.rawContent === undefined) throw new ContentError('the body of the response was not kept');
  return messageBytes(response, statusLine(response));
}

/** What there is of the two, with a blank line between. @throws {ContentError} when there is neither */
export function rawFlow(flow: HttpFlow): Buffer {
  const { request, response } = flow;
  const hasRequest = request.rawContent !== undefined;
  const hasResponse = response?.rawContent !== undefined;
  if (hasRequest && hasResponse) return Buffer.concat([rawRequest(flow), between, rawResponse(flow)]);
  return !hasRequest && hasResponse ? rawResponse(flow) : rawRequest(flow);
}

function messageBytes(message: Request | Response, startLine: string): Buffer {
  const copy = message.clone();
  copy.decode(false);
  const content = copy.rawContent ?? Buffer.alloc(0);
  const isChunked = /(?:^|,)\s*chunked\s*$/i.test(copy.headers.get('transfer-encoding') ?? '');
  const body = isChunked
    ? Buffer.concat([...(content.length === 0 ? [] : [chunkOf(content)]), endOfChunks(copy.trailers)])
    : content;
  return headBytes(startLine, copy.headers.lines, body);
}

function requestLine(request: Request): string {
  const { rawMethod, scheme, authority, path, httpVersion } = request;
  const targets = { authority, absolute: `${scheme}://${authority}${path}`, relative: path };
  return latin1(`${rawMethod} ${targets[request.firstLineFormat]} ${httpVersion}`);
}

function statusLine({ httpVersion, statusCode, reason }: Response): string {
  return `${httpVersion} ${String(statusCode)} ${reason}`;
}

/** Its UTF-8, a character a byte. */
function latin1(text: string): string {
  return encodeUtf8(text).toString('latin1');
}
