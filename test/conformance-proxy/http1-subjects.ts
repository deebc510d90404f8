/** Vectors of HTTP/1 heads: read, judged and written. */
import { bodySizeOf } from '../../src/proxy/body-size.js';
import { closesConnection } from '../../src/proxy/connection-close.js';
import { requestOf, responseOf } from '../../src/proxy/http1-messages.js';
import { requestWithBody, wholeMessage } from '../../src/proxy/http1-writer.js';
import { Headers } from '../../src/proxy/message/headers.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { encodeUtf8 } from '../../src/proxy/message/utf8.js';
import { validateHeaders } from '../../src/proxy/validate-headers.js';
import { Http1RequestReader, Http1ResponseReader } from '../../src/wire/http1-reader.js';

type Pairs = readonly (readonly [name: string, value: string])[];

export const http1Subjects = {
  http1_assemble_request: assembleRequest,
  http1_connection_close: ({ version, hs }: { version: string; hs: Pairs }) =>
    closesConnection({ httpVersion: version, headers: new Headers(hs) }),
  http1_expected_body_size: expectedBodySize,
  http1_read_request_head: readRequestHead,
  http1_read_response_head: readResponseHead,
  http1_validate_headers: (fields: Pairs) => {
    validateHeaders(new Headers(fields));
    return null;
  },
};

interface Assembly {
  readonly method: string;
  readonly path: string;
  readonly hs: Pairs;
  readonly auth: string;
  readonly body_hex: string;
  readonly ver: string;
}

function assembleRequest({ method, path, hs, auth, body_hex, ver }: Assembly): string {
  const body = Buffer.from(body_hex, 'hex');
  // A request of HTTP/2 is sent as one of HTTP/1.1, with a Host field; the ancestor does so one step before this one.
  const request = new Request({
    ...{ method, path, scheme: 'http', host: 'h.test', port: 80, authority: auth },
    ...{ headers: new Headers(hs), rawContent: body, httpVersion: 'HTTP/1.1' },
  });
  const text = Buffer.concat(wholeMessage(requestWithBody(request, body, false), body)).toString('latin1');
  return Buffer.from(text.replace('HTTP/1.1\r\n', `${ver}\r\n`), 'latin1').toString('hex');
}

interface BodySizeCase {
  readonly method: string;
  /** 0 for the request itself. */
  readonly code: number;
  readonly req: Pairs;
  readonly resp: Pairs;
}

function expectedBodySize({ method, code, req, resp }: BodySizeCase): number | null {
  const request = { method, headers: new Headers(req) };
  const response = code === 0 ? undefined : new Response({ statusCode: code, headers: new Headers(resp) });
  const size = bodySizeOf(request, response);
  return size === 'chunks' ? null : size === 'close' ? -1 : size;
}

function readRequestHead(head: string): unknown {
  const reader = new Http1RequestReader({ strict: true });
  reader.receive(wholeHead(head));
  reader.finish();
  const event = reader.next();
  if (event?.type !== 'head') throw new Error('Invalid headers');
  const { host, port, rawMethod, scheme, authority, path, httpVersion, headers } = requestOf(event.head, 0);
  return {
    ...{ host, port, method_raw: latin1(rawMethod), scheme, authority, path: latin1(path) },
    ...{ http_version: httpVersion, headers: fieldsOf(headers) },
  };
}

function readResponseHead(head: string): unknown {
  const reader = new Http1ResponseReader();
  reader.receive(wholeHead(head));
  const event = reader.next();
  if (event?.type !== 'head') throw new Error('no head');
  const { httpVersion, statusCode, reason, headers } = responseOf(event.head, 0);
  return {
    ...{ http_version: httpVersion, status_code: statusCode },
    ...{ reason_hex: Buffer.from(reason, 'latin1').toString('hex'), headers: fieldsOf(headers) },
  };
}

/** The bytes of a head whose last line ends are left out. */
function wholeHead(hex: string): Buffer {
  const text = Buffer.from(hex, 'hex')
    .toString('latin1')
    .replace(/(?:\r\n)*$/, '');
  return Buffer.from(`${text}\r\n\r\n`, 'latin1');
}

/** Folded lines are passed on as they came; the ancestor writes a space where a tab was. */
function fieldsOf(headers: Headers): [name: string, value: string][] {
  return headers.fields.map(([name, value]) => [
    name.toString('hex'),
    Buffer.from(value.toString('latin1').replace(/\r\n[ \t]+/g, '\r\n '), 'latin1').toString('hex'),
  ]);
}

/** The corpus has text with a character a byte. */
function latin1(text: string): string {
  return encodeUtf8(text).toString('latin1');
}
