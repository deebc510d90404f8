import type { Har } from 'har-format';
import { describe, expect, it } from 'vitest';
import { FlowFileError } from '../../../src/errors.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { decodeUtf8, encodeUtf8 } from '../../../src/proxy/message/utf8.js';
import { harOf } from '../../../src/proxy/storage/har-export.js';
import { flowsOfHar } from '../../../src/proxy/storage/har-import.js';
import { harViolations } from './har-violations.js';
import { flowsIn, ownFlows, recording, recordings } from './sample-flows.js';

/** What an archive keeps of a flow. */
function kept({ request, response, error, websocket, comment }: HttpFlow): unknown {
  return {
    method: request.method,
    url: request.prettyUrl,
    version: request.httpVersion,
    headers: [...request.headers],
    // Whoever announces no body has none, whether it was read or not.
    body: request.getContent(false)?.toString('hex') ?? (request.headers.has('content-length') ? undefined : ''),
    status: response?.statusCode,
    reason: response?.reason,
    answered: response && [...response.headers],
    answer: response?.getContent(false)?.toString('hex'),
    error: error?.message,
    websocket,
    comment,
    start: Math.floor(request.timestampStart * 1000),
  };
}

function there(flows: readonly HttpFlow[]): readonly HttpFlow[] {
  return [...flowsOfHar(JSON.stringify(harOf(flows)))];
}

function entry(url: string, method = 'GET'): string {
  return JSON.stringify({ request: { method, url }, response: { status: 200 } });
}

function archive(...entries: readonly string[]): string {
  return `\ufeff{"creator": {"a": [1, "{", true]}, "log": {"pages": [{}], "entries": [${entries.join(', ')}]}}`;
}

/** What can be read of an archive, and what is thrown behind it. */
function read(text: string): { urls: string[]; error?: unknown } {
  const urls: string[] = [];
  try {
    for (const flow of flowsOfHar(text)) urls.push(flow.request.url);
    return { urls };
  } catch (error) {
    return { urls, error };
  }
}

describe('an HTTP archive', () => {
  it.each(recordings)('of %s gives back the flows', (name) => {
    const flows = flowsIn(recording(name)).filter((flow) => flow.type === 'http');
    const wanted = flows.filter((flow) => flow.response !== undefined || flow.error !== undefined);
    expect(there(wanted).map(kept)).toEqual(wanted.map(kept));
  });

  it.each([...recordings, 'those made here'])('of %s has all that the format demands', (name) => {
    const flows = recordings.includes(name) ? flowsIn(recording(name)) : ownFlows();
    // Read as a reader has it, with the types of the format.
    const archive = JSON.parse(JSON.stringify(harOf(flows))) as Har;
    expect(archive.log.entries).toHaveLength(flows.filter(({ type }) => type === 'http').length);
    expect(harViolations(archive)).toEqual([]);
  });

  it('has the target of a request as it is, whatever its bytes', () => {
    const path = decodeUtf8(Buffer.from('/a/../p\xc3\xa9?\xff=\xe9&x=%FF&y=a+\xc3\xa9%c3%a9|#\xfe', 'latin1'));
    const flow = new HttpFlow(new Request({ host: 'a.test', port: 80, path }));
    expect(harOf([flow]).log.entries[0]?.request).toMatchObject({
      url: 'http://a.test/a/../pé?%FF=%E9&x=%FF&y=a+é%c3%a9|#%FE',
      queryString: [
        { name: '%FF', value: '%E9' },
        { name: 'x', value: '%FF' },
        { name: 'y', value: 'a éé|' },
      ],
    });
    expect(there([flow])[0]?.request.path).toBe('/a/../p%C3%A9?%FF=%E9&x=%FF&y=a+%C3%A9%c3%a9|#%FE');
    flow.request.path = '/a\tb\nc';
    expect(there([flow])[0]?.request.path).toBe('/a%09b%0Ac');
  });

  it('keeps the bytes of all that is no UTF-8, in text that everybody can read', () => {
    const odd = decodeUtf8(Buffer.from('\xffx\xc3\xa9', 'latin1'));
    const flow = new HttpFlow(
      new Request({
        ...{ host: 'a.test', port: 80, method: `P${odd}`, path: `/${odd}`, httpVersion: 'HTTP/1.1' },
        headers: [
          [`N${odd}`, odd],
          ['cookie', `${odd}=${odd}`],
          ['content-type', `application/x-www-form-urlencoded; ${odd}`],
        ],
        rawContent: encodeUtf8(`a=%ff&b=${odd}`),
      }),
    );
    flow.response = new Response({
      ...{ statusCode: 200, reason: odd, rawContent: encodeUtf8(odd) },
      headers: [
        ['location', `/${odd}`],
        ['content-type', odd],
        ['set-cookie', `${odd}=${odd}; path=/${odd}; domain=${odd}; samesite=${odd}`],
      ],
    });
    flow.error = { message: odd, timestamp: 0 };
    flow.comment = odd;
    flow.serverConn.id = odd;
    flow.serverConn.peername = [odd, 80];
    flow.websocket = new WebSocketData();
    flow.websocket.messages = [new WebSocketMessage(1, true, encodeUtf8(odd), 0)];
    flow.websocket.closeReason = odd;
    const text = JSON.stringify(harOf([flow]));
    expect(text).not.toMatch(/\\ud[89a-f]/i);
    expect(text.isWellFormed()).toBe(true);
    expect(harViolations(JSON.parse(text) as Har)).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({
      log: {
        entries: [
          {
            request: {
              headers: [
                { name: 'NÿxÃ©', _nameBase64: 'Tv94w6k=', value: 'ÿxÃ©', _valueBase64: '/3jDqQ==' },
                { name: 'cookie', value: 'ÿxÃ©=ÿxÃ©' },
                { name: 'content-type' },
              ],
              postData: { params: [{ name: 'a', value: '%FF' }, { name: 'b' }], _encoding: 'base64' },
            },
            response: { redirectURL: '/%FFxé' },
          },
        ],
      },
    });
    const [back] = flowsOfHar(text);
    expect(back && kept(back)).toEqual({ ...(kept(flow) as object), url: 'http://a.test/%FFx%C3%A9' });
  });

  it('has a place for times that are none', () => {
    const [flow] = ownFlows();
    if (flow?.type !== 'http') throw new Error('there is no flow');
    for (const timestampStart of [Number.NaN, Infinity, -1e300]) {
      flow.request.timestampStart = timestampStart;
      expect(harOf([flow]).log.entries[0]?.startedDateTime).toBe('1970-01-01T00:00:00.000Z');
    }
  });

  it('has what network panels look at', () => {
    const [plain, failed, talk] = harOf(ownFlows()).log.entries;
    expect(plain).toMatchObject({
      startedDateTime: '2023-11-14T22:13:20.000Z',
      request: {
        method: 'POST',
        url: 'http://a.test:8080/p?q=%C3%A9#x',
        httpVersion: 'HTTP/1.1',
        queryString: [{ name: 'q', value: 'é' }],
        postData: { text: 'body' },
        bodySize: 4,
      },
      response: {
        status: 203,
        cookies: [
          { name: 'a', value: 'b' },
          { name: 'c', value: 'd' },
        ],
        content: { size: 6, text: 'answer' },
      },
      comment: 'näher ansehen',
    });
    expect(failed?.response).toMatchObject({ status: 0, _error: 'it failed' });
    expect(talk).toMatchObject({
      request: { url: 'ws://c.test/chat' },
      _resourceType: 'websocket',
      _webSocketMessages: [
        { type: 'send', opcode: 1, data: 'hé', time: 1700000002 },
        { type: 'receive', opcode: 2, data: 'AP8=' },
      ],
      _webSocketClose: { closedBy: 'client', code: 1000 },
    });
  });

  it.each([
    [{}, undefined],
    [
      { closedByClient: false, closeCode: 4001, closeReason: 'so long', timestampEnd: 1.5 },
      { closedBy: 'server', code: 4001, reason: 'so long', time: 1.5 },
    ],
    [
      { closedByClient: true, closeCode: 1005, closeReason: '', timestampEnd: 2 },
      { closedBy: 'client', code: 1005, reason: '', time: 2 },
    ],
    [{ closeCode: 1006 }, { code: 1006 }],
  ])('has how a WebSocket ended: %j', (end, written) => {
    const flow = new HttpFlow(Request.make('GET', 'http://a.test/chat'));
    flow.response = Response.make(101);
    flow.websocket = Object.assign(new WebSocketData(), end);
    expect(harOf([flow]).log.entries[0]?._webSocketClose).toEqual(written);
    expect(there([flow])[0]?.websocket).toEqual(flow.websocket);
  });

  it('of Chromium tells no end of a WebSocket, and what went wrong is no message', () => {
    const messages = [
      { type: 'receive', time: 1, opcode: 1, data: 'hello' },
      { type: 'error', time: 2, opcode: -1, data: 'Invalid frame header' },
    ];
    const entry = { request: { method: 'GET', url: 'ws://a.test/' }, response: { status: 101 } };
    const [flow] = flowsOfHar(JSON.stringify({ log: { entries: [{ ...entry, _webSocketMessages: messages }] } }));
    expect(flow?.websocket).toEqual(
      Object.assign(new WebSocketData(), { messages: [new WebSocketMessage(1, false, Buffer.from('hello'), 1)] }),
    );
  });

  it.each([
    ['GET', 'a.test', 'http://a.test:8080/p?q'],
    ['GET', 'a|b', 'http://d.test:8080/p?q'],
    ['GET', '*.test', 'http://d.test:8080/p?q'],
    ['GET', '0x', 'http://d.test:8080/p?q'],
    ['CONNECT', 'a.test:443', 'https://a.test:443'],
    ['CONNECT', '[::1]:443', 'https://[::1]:443'],
    ['CONNECT', 'a|b', 'https://d.test:8080'],
  ])('has an absolute URL of a request: %s %s', (method, authority, url) => {
    const host = method === 'CONNECT' ? authority : `${authority}:8080`;
    const request = new Request({ method, host: 'd.test', port: 8080, path: '/p?q', authority, headers: { host } });
    const flow = new HttpFlow(request);
    expect(harOf([flow]).log.entries[0]?.request.url).toBe(url);
    expect(there([flow])[0]?.request.headers.get('host')).toBe(host);
  });

  it.each([
    ['::1', '/', 'http://[::1]/'],
    ['a|b', '/p', 'http://invalid/p'],
    ['a|b', 'p', 'http://invalid/p'],
    ['a|b', '*', 'http://invalid'],
  ])('has an absolute URL where nothing names the host: %s %s', (host, path, url) => {
    const flow = new HttpFlow(new Request({ method: 'OPTIONS', host, port: 80, path }));
    expect(harOf([flow]).log.entries[0]?.request.url).toBe(url);
    expect(there([flow])).toHaveLength(1);
  });

  it.each(['a.test:443', 'https://a.test:443', 'http://a.test:443/'])('has tunnels however written: %s', (url) => {
    const [flow] = flowsOfHar(JSON.stringify({ log: { entries: [{ request: { method: 'CONNECT', url } }] } }));
    expect(flow?.request).toMatchObject({ authority: 'a.test:443', host: 'a.test', port: 443, path: '' });
  });

  it('of a browser is read with its own ways', () => {
    const [flow] = flowsOfHar(
      JSON.stringify({
        log: {
          entries: [
            {
              startedDateTime: '2024-01-02T03:04:05.678+01:00',
              serverIPAddress: '[::1]',
              timings: { send: 1, wait: 2.5, receive: -1 },
              request: {
                method: 'GET',
                url: 'https://e.test/ü',
                httpVersion: 'h2',
                headers: [
                  { name: ':method', value: 'GET' },
                  { name: 'accept', value: '*/*' },
                ],
              },
              response: {
                status: 200,
                httpVersion: 'h3',
                headers: [{ name: 'content-encoding', value: 'br' }],
                content: { size: 2, text: 'aGk=', encoding: 'base64' },
              },
            },
          ],
        },
      }),
    );
    expect(flow?.request.url).toBe('https://e.test/%C3%BC');
    expect(flow?.request.authority).toBe('e.test');
    expect([...(flow?.request.headers ?? [])]).toEqual([['accept', '*/*']]);
    expect(flow?.response).toMatchObject({ httpVersion: 'HTTP/3', text: 'hi' });
    expect(flow?.serverConn.peername).toEqual(['::1', 443]);
    expect(flow?.request.timestampStart).toBeCloseTo(1704161045.678, 6);
    expect(flow?.response?.timestampStart).toBeCloseTo(1704161045.6815, 6);
  });

  it.each([
    ['{', /no HTTP archive/],
    ['{"log":{"entries":[', /no HTTP archive/],
    ['{"log":{}}', /no log.entries/],
    ['{"log":{"entries":{}}}', /no log.entries/],
    ['{"log":{"entries":[{}]}}', /at byte 19, in log\.entries\[0\]: it has no request/],
    ['{"log":{"entries":[{"request":{"method":"GET","url":"/x"}}]}}', /log\.entries\[0\]/],
  ])('that is none is refused: %s', (text, message) => {
    expect(() => [...flowsOfHar(text)]).toThrow(FlowFileError);
    expect(() => [...flowsOfHar(text)]).toThrow(message);
  });

  it.each([
    ['GET', 'HTTP/1.1', -1, {}, true],
    ['POST', 'HTTP/1.1', -1, {}, true],
    ['POST', 'HTTP/1.1', -1, { 'Content-Length': '0' }, true],
    ['POST', 'HTTP/1.1', -1, { 'Content-Length': '4' }, false],
    ['POST', 'HTTP/1.1', -1, { 'Transfer-Encoding': 'chunked' }, false],
    ['GET', 'h2', -1, {}, true],
    ['POST', 'h2', -1, {}, false],
    ['POST', 'h2', -1, { 'content-length': '0' }, true],
    ['POST', 'HTTP/1.1', 4, {}, false],
  ])('knows when there was no body: %s %s bodySize=%j %j', (method, httpVersion, bodySize, fields, isEmpty) => {
    const headers = Object.entries(fields).map(([name, value]) => ({ name, value }));
    const request = { method, url: 'http://a.test/', httpVersion, headers, bodySize };
    const text = JSON.stringify({ log: { entries: [{ request, response: { status: 101 } }] } });
    expect([...flowsOfHar(text)][0]?.request.rawContent).toEqual(isEmpty ? Buffer.alloc(0) : undefined);
  });

  it('leaves out what is no HTTP', () => {
    const foreign = ['data:image/png;base64,AA', 'blob:http://a.test/1', 'about:blank', 'chrome-extension://x/y.js'];
    const text = archive(entry('http://a.test/'), ...foreign.map((url) => entry(url)), entry('wss://b.test/'));
    expect(read(text)).toEqual({ urls: ['http://a.test/', 'https://b.test/'] });
    const tunnel = archive(entry('a.test:443', 'CONNECT'));
    expect(read(tunnel)).toEqual({ urls: ['a.test:443'] });
  });

  it('with entries that make no sense gives all others, and names the first of these', () => {
    const text = archive(entry('http://ä.test/'), '{ "x": "]}\\"" }', 'null', entry('http://b.test/'));
    const { urls, error } = read(text);
    expect(urls).toEqual(['http://xn--4ca.test/', 'http://b.test/']);
    const offset = Buffer.byteLength(text.slice(0, text.indexOf('{ "x"')));
    expect(error).toBeInstanceOf(FlowFileError);
    expect(error).toMatchObject({
      offset,
      message:
        `the HTTP archive cannot be read at byte ${String(offset)}, in log.entries[1]: ` +
        'it has no request with a method and a URL',
    });
  });

  it('that is cut off gives the entries before the end', () => {
    const text = archive(entry('http://a.test/"]}\\'), entry('http://b.test/'));
    // In bytes, the byte order mark has two more.
    const second = text.lastIndexOf('{"request"');
    const behind = text.lastIndexOf(']');
    for (let end = text.indexOf('{"request"'); end < text.length; end++) {
      const { urls, error } = read(text.slice(0, end));
      const count = end >= behind ? 2 : end >= second - 2 ? 1 : 0;
      expect([end, urls.length]).toEqual([end, count]);
      expect(error).toBeInstanceOf(FlowFileError);
      if (end > second && end < behind) {
        expect(error).toMatchObject({ offset: second + 2 });
        expect((error as Error).message).toContain(`at byte ${String(second + 2)}, in log.entries[1]: `);
      }
      if (end >= behind) expect((error as Error).message).toContain('behind log.entries[1]: ');
    }
  });

  it('that is damaged gives the entries before the damage', () => {
    const { urls, error } = read(archive(entry('http://a.test/'), '{"request":nonsense}', entry('http://b.test/')));
    expect(urls).toEqual(['http://a.test/']);
    expect((error as Error).message).toMatch(
      /^the HTTP archive cannot be read at byte \d+, in log\.entries\[1\]: Unexp/,
    );
  });
});
