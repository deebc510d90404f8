// What code sets that no compiler has seen is looked at where it is set, and changes nothing when it does not fit.
import { describe, expect, it } from 'vitest';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { KeptMessage } from '../../../src/proxy/flow/kept-message.js';
import { TcpFlow, UdpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { Headers } from '../../../src/proxy/message/headers.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';

const request = (): Request => Request.make('POST', 'http://a.test/x', 'body');
const response = (): Response => Response.make(200, 'body');
const wrong = (value: unknown): never => value as never;

describe('a property refuses what is not of its type', () => {
  it.each<[property: keyof Request, value: unknown, why: string]>([
    ['content', 5, 'content takes a Buffer, not 5'],
    ['content', 'text', 'content takes a Buffer, and text takes text, not "text"'],
    ['rawContent', 'text', 'rawContent takes a Buffer, not "text"'],
    ['text', { a: 1 }, 'text takes text, not a value of type object'],
    ['httpVersion', 1.1, 'httpVersion takes text, not 1.1'],
    ['headers', 5, 'headers takes pairs, or an object with values by name, not 5'],
    ['headers', undefined, 'headers takes pairs, or an object with values by name, not undefined'],
    ['headers', null, 'headers takes pairs, or an object with values by name, not null'],
    ['headers', { X: 5 }, 'the header X takes text, not 5'],
    ['headers', [['X', null]], 'the header X takes text, not null'],
    ['trailers', 'x', 'headers takes pairs, or an object with values by name, not "x"'],
    ['stream', 'yes', 'stream takes true, false or a function, not "yes"'],
    ['method', 5, 'method takes text, not 5'],
    ['rawMethod', undefined, 'rawMethod takes text, not undefined'],
    ['scheme', null, 'scheme takes text, not null'],
    ['host', 5, 'host takes text, not 5'],
    ['hostHeader', 5, 'hostHeader takes text, not 5'],
    ['port', 99999, 'port takes a whole number from 0 to 65535, not 99999'],
    ['port', 'x', 'port takes a whole number from 0 to 65535, not "x"'],
    ['authority', 5, 'authority takes text, not 5'],
    ['path', ['a'], 'path takes text, not a list'],
    ['url', 5, 'url takes text, not 5'],
    ['query', { a: 'b' }, 'query takes pairs of a name and a value, not a value of type object'],
    ['query', [['a', 5]], 'a value in query takes text, not 5'],
    ['cookies', ['a=b'], 'cookies takes pairs of a name and a value, not "a=b"'],
    ['urlencodedForm', [['a', true]], 'a value in urlencodedForm takes text, not true'],
    ['multipartForm', [['a', 'b']], 'a value in multipartForm takes a Buffer, not "b"'],
  ])('%s of a request: %j', (property, value, why) => {
    const changed = request();
    const before = structuredClone(changed.facts());
    expect(() => Object.assign(changed, { [property]: value })).toThrow(new TypeError(why));
    expect(structuredClone(changed.facts())).toEqual(before);
  });

  it.each<[property: keyof Response, value: unknown, why: string]>([
    ['statusCode', 'x', 'statusCode takes a whole number from 100 to 999, not "x"'],
    ['statusCode', 99999, 'statusCode takes a whole number from 100 to 999, not 99999'],
    ['statusCode', 200.5, 'statusCode takes a whole number from 100 to 999, not 200.5'],
    ['reason', 5, 'reason takes text, not 5'],
  ])('%s of a response: %j', (property, value, why) => {
    const changed = response();
    expect(() => Object.assign(changed, { [property]: value })).toThrow(new TypeError(why));
    expect(changed.facts()).toEqual(response().facts());
  });

  it('messages of a flow', () => {
    const flow = new HttpFlow(request());
    const why = 'response takes a Response, such as Response.make(200, text), not';
    for (const given of ['abc', 5, {}]) expect(() => (flow.response = wrong(given))).toThrow(why);
    for (const given of [undefined, null, {}, 'abc']) {
      expect(() => (flow.request = wrong(given))).toThrow('request takes a Request, not ');
    }
    expect([flow.request.path, flow.response]).toEqual(['/x', undefined]);
  });

  it('the content of a WebSocket message', () => {
    const message = new WebSocketMessage(1, true, Buffer.from('a'), 0);
    expect(() => (message.content = wrong('b'))).toThrow('content takes a Buffer, not "b"');
    expect(() => (message.content = wrong(undefined))).toThrow('content takes a Buffer, not undefined');
    expect(() => (message.text = wrong(5))).toThrow('text takes text, not 5');
    expect(message.text).toBe('a');
  });

  it('the content of a message of bytes', () => {
    const message = new KeptMessage(true, Buffer.from('a'), 0);
    for (const [given, shown] of [
      ['b', '"b"'],
      [42, '42'],
      [null, 'null'],
      [undefined, 'undefined'],
      [[1], 'a list'],
    ]) {
      expect(() => (message.content = wrong(given))).toThrow(
        new TypeError(`content takes a Buffer, not ${String(shown)}`),
      );
    }
    expect(String(message.content)).toBe('a');
    message.content = new Uint8Array([98]);
    expect(message.content).toEqual(Buffer.from('b'));
  });

  it('the messages of a flow that has many', () => {
    for (const holder of [new TcpFlow({}), new UdpFlow({}), new WebSocketData()]) {
      const { messages } = holder;
      for (const given of [null, undefined, 5, {}]) {
        expect(() => (holder.messages = wrong(given))).toThrow('messages takes a list, not ');
      }
      expect(holder.messages).toBe(messages);
    }
  });

  it('the WebSocket of a flow', () => {
    const flow = new HttpFlow(request());
    const data = (flow.websocket = new WebSocketData());
    for (const given of [5, 'x', {}, []]) {
      expect(() => (flow.websocket = wrong(given))).toThrow('websocket takes a WebSocketData, not ');
    }
    expect(flow.websocket).toBe(data);
    flow.websocket = wrong(null);
    expect(flow.websocket).toBeUndefined();
  });

  it('the makers of messages', () => {
    expect(() => Response.make(wrong('abc'))).toThrow('statusCode takes a whole number from 100 to 999, not "abc"');
    expect(() => Response.make(200, wrong(5))).toThrow('content takes a Buffer, not 5');
    expect(() => Response.make(200, '', wrong({ X: 1 }))).toThrow('the header X takes text, not 1');
    expect(() => Request.make(wrong(5), 'http://a/')).toThrow('method takes text, not 5');
    expect(() => Request.make('GET', wrong(undefined))).toThrow('url takes text, not undefined');
  });

  it('fields that are changed one by one', () => {
    const { headers, query, multipartForm } = request();
    expect(() => headers.set('X', wrong(5))).toThrow('the header X takes text, not 5');
    expect(() => headers.add('X', wrong(undefined))).toThrow('the header X takes text, not undefined');
    expect(() => headers.setAll('X', ['a', wrong(null)])).toThrow('the header X takes text, not null');
    expect(() => query.set('a', wrong(5))).toThrow('a value in query takes text, not 5');
    expect(() => multipartForm.set('a', wrong('b'))).toThrow('a value in multipartForm takes a Buffer, not "b"');
  });
});

describe('a property takes what is as good', () => {
  it('headers of an object, of pairs, and of other headers', () => {
    const changed = request();
    changed.headers = { 'X-A': 'b', 'X-C': ['d', 'e'] };
    expect(changed.headers.getAll('x-c')).toEqual(['d', 'e']);
    changed.headers = [['X-F', 'g']];
    expect([...changed.headers]).toEqual([['X-F', 'g']]);
    const headers = new Headers();
    changed.headers = headers;
    expect(changed.headers).toBe(headers);
  });

  it('bytes that are no Buffer', () => {
    const changed = response();
    changed.content = new TextEncoder().encode('bytes');
    expect(changed.content).toEqual(Buffer.from('bytes'));
    expect(changed.headers.get('content-length')).toBe('5');
  });

  it('null for none', () => {
    const changed = response();
    changed.content = wrong(null);
    expect(changed.content).toBeUndefined();
    const flow = new HttpFlow(request());
    flow.response = changed;
    flow.response = wrong(null);
    expect(flow.response).toBeUndefined();
  });
});
