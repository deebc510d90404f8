import { describe, expect, it } from 'vitest';
import { Request, Response, decodeDns, encodeDns } from '../../../src/proxy/index.js';
import type { Flow } from '../../../src/proxy/index.js';
import {
  clientConnection,
  dnsFlow,
  httpFlow,
  serverConnection,
  tcpFlow,
  udpFlow,
  webSocketFlow,
} from '../../../src/proxy/testing/index.js';
import { encodeFlow } from '../../../src/proxy/storage/origin.js';

describe('httpFlow', () => {
  it('is a GET without an answer, unless told otherwise', () => {
    const flow = httpFlow();
    expect(flow.request.method).toBe('GET');
    expect(flow.request.url).toBe('http://example.com/');
    expect([...flow.request.headers]).toEqual([['Host', 'example.com']]);
    expect(flow.request.content).toEqual(Buffer.alloc(0));
    expect(flow).toMatchObject({ response: undefined, error: undefined, websocket: undefined, live: true });
    expect(flow.serverConn.address).toEqual(['example.com', 80]);
  });

  it('takes a URL for a request and a number for a response', () => {
    const flow = httpFlow({ request: 'https://a.test:8443/x?y=1', response: 404 });
    expect(flow.request.url).toBe('https://a.test:8443/x?y=1');
    expect(flow.request.headers.get('host')).toBe('a.test:8443');
    expect(flow.response).toMatchObject({ statusCode: 404, reason: 'Not Found' });
    expect([...(flow.response?.headers ?? [])]).toEqual([['content-length', '0']]);
    expect(flow.clientConn).toMatchObject({ tls: true, tlsEstablished: true, sni: 'a.test' });
    expect(flow.serverConn).toMatchObject({ tls: true, address: ['a.test', 8443], peername: ['192.0.2.1', 8443] });
  });

  it('has a usual response when one is asked for', () => {
    const { response } = httpFlow({ response: true });
    expect(response).toMatchObject({ statusCode: 200, reason: 'OK', text: 'hello' });
    expect(response?.headers.get('content-length')).toBe('5');
  });

  it.each([
    ['an object', { A: '1', B: ['2', '3'] }],
    ['pairs', [['A', '1'] as const, ['B', '2'] as const, ['B', '3'] as const]],
  ])('takes headers as %s', (_, headers) => {
    const flow = httpFlow({ request: { headers }, response: { headers } });
    const fields = [
      ['A', '1'],
      ['B', '2'],
      ['B', '3'],
    ];
    expect([...flow.request.headers]).toEqual([['Host', 'example.com'], ...fields]);
    expect([...(flow.response?.headers ?? [])]).toEqual([...fields, ['content-length', '0']]);
  });

  it('leaves a Host header as it is given', () => {
    const { request } = httpFlow({ request: { url: 'http://10.0.0.1/', headers: { Host: 'a.test' } } });
    expect(request.prettyUrl).toBe('http://a.test/');
    expect(request.headers.size).toBe(1);
  });

  it('posts what has a body', () => {
    const { request } = httpFlow({ request: { content: 'a=1' } });
    expect(request).toMatchObject({ method: 'POST', text: 'a=1' });
    expect(httpFlow({ request: { method: 'PUT', content: Buffer.from([255]) } }).request).toMatchObject({
      method: 'PUT',
      content: Buffer.from([255]),
    });
  });

  it('encodes a body as its headers say', () => {
    const flow = httpFlow({ response: { headers: { 'Content-Encoding': 'gzip' }, content: 'hello' } });
    expect(flow.response?.rawContent?.readUInt16BE(0)).toBe(0x1f8b);
    expect(flow.response?.text).toBe('hello');
  });

  it('makes bodies of JSON', () => {
    const { request, response } = httpFlow({ request: { json: ['é'] }, response: { json: null } });
    expect(request.json()).toEqual(['é']);
    expect(request.headers.get('content-type')).toBe('application/json');
    expect(response?.text).toBe('null');
  });

  it('gives no length to what has no body', () => {
    expect(httpFlow({ response: 204 }).response?.headers.size).toBe(0);
  });

  it('speaks HTTP/2 when asked to', () => {
    const flow = httpFlow({ request: { url: 'https://a.test/', httpVersion: 'HTTP/2.0' } });
    expect(flow.request).toMatchObject({ authority: 'a.test', prettyHost: 'a.test' });
    expect(flow.request.headers.size).toBe(0);
    expect(flow.clientConn.alpn).toBe('h2');
  });

  it('makes a CONNECT', () => {
    const { request } = httpFlow({ request: { method: 'CONNECT', url: 'https://[::1]' } });
    expect(request).toMatchObject({ firstLineFormat: 'authority', authority: '[::1]:443', host: '::1', port: 443 });
    expect(request.headers.get('host')).toBe('[::1]:443');
  });

  it('takes messages that are there', () => {
    const request = Request.make('GET', 'http://a.test/');
    const response = Response.make(299);
    const flow = httpFlow({ request, response });
    expect(flow.request).toBe(request);
    expect(flow.response).toBe(response);
  });

  it('takes facts of the flow and of its connections', () => {
    const flow = httpFlow({
      ...{ id: 'a', live: false, marked: ':x:', comment: 'c', metadata: { m: 1 }, isReplay: 'request' },
      ...{ error: 'gone', client: { peername: ['::1', 1] }, server: { via: ['http', ['p.test', 2]] } },
    });
    expect(flow).toMatchObject({ id: 'a', live: false, marked: ':x:', comment: 'c', isReplay: 'request' });
    expect(flow.metadata).toEqual({ m: 1 });
    expect(flow.error?.message).toBe('gone');
    expect(flow.clientConn.peername).toEqual(['::1', 1]);
    expect(flow.serverConn.via).toEqual(['http', ['p.test', 2]]);
    expect(httpFlow({ error: true }).error?.message).toBe('the server closed the connection');
  });

  it('refuses a URL that is none', () => {
    expect(() => httpFlow({ request: '/path' })).toThrow(TypeError);
  });
});

describe('webSocketFlow', () => {
  it('is an open WebSocket with messages', () => {
    const flow = webSocketFlow();
    expect(flow.opensWebSocket).toBe(true);
    expect(flow.websocket).toMatchObject({ closeCode: undefined, timestampEnd: undefined });
    expect(flow.websocket?.messages.map(({ isText, fromClient }) => [isText, fromClient])).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
    // The pair of RFC 6455, section 1.3.
    expect(flow.response?.headers.get('sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('takes a URL, messages, and how it was closed', () => {
    const flow = webSocketFlow({
      url: 'wss://a.test/live',
      messages: [{ fromServer: 'é' }],
      closed: { code: 1001, byClient: false },
      comment: 'mine',
    });
    expect(flow.request.url).toBe('https://a.test/live');
    expect(flow.websocket?.messages[0]).toMatchObject({ text: 'é', fromClient: false });
    expect(flow.websocket).toMatchObject({ closedByClient: false, closeCode: 1001, closeReason: '' });
    expect(flow.comment).toBe('mine');
  });
});

describe('tcpFlow and udpFlow', () => {
  it.each([
    ['tcp', tcpFlow],
    ['udp', udpFlow],
  ] as const)('is a conversation of %s', (type, make) => {
    const flow = make();
    expect(flow).toMatchObject({ type, live: true });
    expect(flow.messages.map(({ content }) => content.toString())).toEqual(['hello', 'hello yourself']);
    expect(flow.clientConn.transportProtocol).toBe(type);
    const other = make({ messages: [{ fromServer: Buffer.from([0]) }], server: { address: ['b.test', 1] } });
    expect(other.messages).toMatchObject([{ fromClient: false, content: Buffer.from([0]) }]);
    expect(other.serverConn).toMatchObject({ address: ['b.test', 1], transportProtocol: type });
  });
});

describe('dnsFlow', () => {
  it('asks for an address, and is told one', () => {
    const flow = dnsFlow({ response: true });
    expect(flow.request).toMatchObject({ query: true, questions: [{ name: 'example.com', type: 1 }] });
    expect(flow.response).toMatchObject({ query: false, id: flow.request.id });
    expect(flow.response?.answers).toMatchObject([{ name: 'example.com', data: Buffer.from([192, 0, 2, 1]) }]);
  });

  it('takes a name, and facts of both messages', () => {
    expect(dnsFlow({ request: 'a.test' }).request.questions[0]?.name).toBe('a.test');
    const flow = dnsFlow({ request: { id: 7 }, response: { responseCode: 3, answers: [] } });
    expect(flow.response).toMatchObject({ id: 7, responseCode: 3, answers: [] });
    const { timestamp } = flow.request;
    expect(decodeDns(encodeDns(flow.request), timestamp)).toEqual(flow.request);
  });
});

describe('every flow', () => {
  const all: (() => Flow)[] = [
    () => httpFlow({ request: { content: 'x' }, response: true }),
    () => webSocketFlow({ closed: {} }),
    () => tcpFlow({ error: true }),
    () => udpFlow(),
    () => dnsFlow({ response: true }),
  ];

  it.each(all)('is the same each time, but for its ids: %o', (make) => {
    const withoutIds = (flow: Flow): unknown => {
      Object.assign(flow, { id: '' });
      flow.clientConn.id = flow.serverConn.id = '';
      return flow;
    };
    expect(make().id).not.toBe(make().id);
    expect(withoutIds(make())).toEqual(withoutIds(make()));
  });

  it.each(all)('can be written to a file: %o', (make) => {
    expect(encodeFlow(make(), 21).length).toBeGreaterThan(100);
  });

  it('happens in the order of its times', () => {
    const { clientConn, serverConn, request, response } = httpFlow({ request: 'https://a.test/', response: true });
    const times = [
      ...[clientConn.timestampStart, clientConn.timestampTlsSetup, request.timestampStart, request.timestampEnd],
      ...[serverConn.timestampStart, serverConn.timestampTcpSetup, serverConn.timestampTlsSetup],
      ...[response?.timestampStart, response?.timestampEnd],
    ];
    expect(times.every((time) => time !== undefined)).toBe(true);
    expect(times).toEqual([...times].sort());
  });
});

describe('parts that there are not', () => {
  const any = (parts: object): never => parts as never;

  it.each([
    [() => httpFlow({ response: any({ status: 404 }) }), 'a response has no status, did you mean statusCode?'],
    [() => httpFlow({ request: any({ body: 'x' }) }), 'a request has no body'],
    [() => httpFlow(any({ respones: 404 })), 'an HTTP flow has no respones, did you mean response?'],
    [() => webSocketFlow(any({ request: 'http://a.test/' })), 'a flow with a WebSocket has no request'],
    [() => tcpFlow(any({ message: [] })), 'a TCP flow has no message, did you mean messages?'],
    [() => udpFlow(any({ response: true })), 'a UDP flow has no response'],
    [() => dnsFlow(any({ messages: [] })), 'a DNS flow has no messages'],
  ])('are refused: %o', (make, message) => {
    expect(make).toThrow(new TypeError(message));
  });
});

describe('connections', () => {
  it('are connected, with TLS when asked', () => {
    expect(clientConnection()).toMatchObject({ connected: true, tls: false, tlsEstablished: false });
    expect(clientConnection({ tls: true, alpn: 'h2' })).toMatchObject({ tlsEstablished: true, alpn: 'h2' });
    expect(serverConnection({ tls: true })).toMatchObject({ address: ['example.com', 443], tlsEstablished: true });
  });
});
