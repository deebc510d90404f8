/** Vectors of one change to a request, and what the request is afterwards. */
import { Request } from '../../src/proxy/message/request.js';

type Pairs = [name: string, value: string][];

/** A request and what is done to it. */
export interface Mutation {
  readonly set: [operation: string, value: unknown];
  readonly hs: Pairs;
  readonly auth?: string;
  readonly ver?: string;
  readonly body_hex?: string;
}

/** The request after the change. */
export function mutatedRequest({
  set: [operation, value],
  hs,
  auth = '',
  ver,
  body_hex: body = '',
}: Mutation): unknown {
  const request = new Request({
    ...{ method: 'POST', scheme: 'http', host: 'h.test', port: 8080, path: '/p/q?a=1&b#f', headers: hs },
    authority: auth,
    httpVersion: ver,
    rawContent: Buffer.from(body, 'hex'),
  });
  if (!Object.hasOwn(changes, operation)) throw new Error(`there is no operation ${operation}`);
  // The value has the shape that its operation takes.
  changes[operation]?.(request, value as never);
  if (operation === 'constrain_encoding') {
    const accepted = request.headers.get('accept-encoding');
    return { sorted_tokens: accepted === undefined ? null : accepted.split(', ').sort() };
  }
  return {
    method: request.method,
    scheme: request.scheme,
    host: request.host,
    port: request.port,
    path: request.path,
    authority: request.authority,
    headers: [...request.headers],
    body_hex: request.rawContent?.toString('hex') ?? null,
  };
}

const changes: Readonly<Record<string, (request: Request, value: never) => unknown>> = {
  query: (request, pairs: Pairs) => (request.query = pairs as never),
  cookies: (request, pairs: Pairs) => (request.cookies = pairs as never),
  urlencoded_form: (request, pairs: Pairs) => (request.urlencodedForm = pairs as never),
  host: (request, host: string) => (request.host = host),
  port: (request, port: number) => (request.port = port),
  scheme: (request, scheme: string) => (request.scheme = scheme),
  method: (request, method: string) => (request.method = method),
  path: (request, path: string) => (request.path = path),
  url: (request, url: string) => (request.url = url),
  path_components: (request, parts: string[]) => (request.pathComponents = parts),
  host_header: (request, host: string | null) => (request.hostHeader = host ?? undefined),
  authority: (request, authority: string) => (request.authority = authority),
  http_version: (request, version: string) => (request.httpVersion = version),
  content: (request, hex: string | null) => (request.content = hex === null ? undefined : Buffer.from(hex, 'hex')),
  text: (request, text: string | null) => (request.text = text ?? undefined),
  anticache: (request) => request.anticache(),
  anticomp: (request) => request.anticomp(),
  constrain_encoding: (request) => request.constrainEncoding(),
  decode: (request) => request.decode(),
  decode_lax: (request) => request.decode(false),
  encode: (request, coding: string) => request.encode(coding),
  header_del: (request, name: string) => {
    if (!request.headers.delete(name)) throw new Error(`there is no ${name}`);
  },
  header_set: (request, [name, value]: [string, string]) => request.headers.set(name, value),
  header_add: (request, [name, value]: [string, string]) => request.headers.add(name, value),
  header_insert: (request, [index, name, value]: [number, string, string]) =>
    request.headers.insert(index, name, value),
  header_set_all: (request, [name, values]: [string, string[]]) => request.headers.setAll(name, values),
};
