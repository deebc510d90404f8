import { describe, expect, it } from 'vitest';
import { ClientConnection, ServerConnection } from '../../../src/proxy/flow/connection.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../../src/proxy/flow/websocket.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';

function exchange(): HttpFlow {
  const flow = new HttpFlow(Request.make('POST', 'http://a.test/x', 'question', { A: '1' }), {
    clientConn: new ClientConnection(),
    serverConn: new ServerConnection(),
  });
  flow.response = Response.make(200, 'answer');
  flow.live = true;
  return flow;
}

describe('a flow', () => {
  it('is kept, compared and brought back', () => {
    const flow = exchange();
    flow.backup();
    expect(flow.modified()).toBe(false);
    flow.request.headers.set('a', '2');
    expect(flow.modified()).toBe(true);
    flow.request.headers.set('a', '1');
    expect(flow.modified()).toBe(false);
    flow.request.text = 'other';
    flow.comment = 'changed';
    flow.metadata.note = [1];
    flow.backup();
    flow.revert();
    expect(flow.request.text).toBe('question');
    expect([flow.comment, flow.metadata, flow.modified(), flow.live]).toEqual(['', {}, false, true]);
    flow.revert();
    expect(flow.request.text).toBe('question');
  });

  it('stays held, and on its connections, when it is reverted', async () => {
    const flow = exchange();
    const { clientConn, serverConn } = flow;
    flow.backup();
    flow.intercept();
    expect(flow.modified()).toBe(false);
    flow.request.text = 'other';
    flow.revert();
    expect([flow.intercepted, flow.request.text]).toEqual([true, 'question']);
    expect(flow.clientConn).toBe(clientConn);
    expect(flow.serverConn).toBe(serverConn);
    const waiting = flow.waitForResume();
    flow.resume();
    await waiting;
    expect(flow.intercepted).toBe(false);
  });

  it('has copies with ids of their own, on no connection, that share nothing', () => {
    const flow = exchange();
    flow.websocket = new WebSocketData();
    flow.websocket.messages.push(new WebSocketMessage(1, true, Buffer.from('hi'), 1));
    const copy = flow.copy();
    expect(copy.id).not.toBe(flow.id);
    expect([copy.live, copy.type, copy.request.url]).toEqual([false, 'http', flow.request.url]);
    copy.request.path = '/y';
    copy.response = undefined;
    copy.websocket?.messages[0]?.drop();
    expect(flow.request.path).toBe('/x');
    expect(flow.response?.text).toBe('answer');
    expect(flow.websocket.messages[0]?.dropped).toBe(false);
  });

  it('waits while it is intercepted', async () => {
    const flow = exchange();
    await flow.waitForResume();
    flow.intercept();
    flow.intercept();
    let hasGone = false;
    const waiting = flow.waitForResume().then(() => (hasGone = true));
    await Promise.resolve();
    expect([flow.intercepted, hasGone]).toEqual([true, false]);
    flow.resume();
    await waiting;
    expect(flow.intercepted).toBe(false);
  });

  it('is let go when it is killed, once', async () => {
    const flow = exchange();
    flow.intercept();
    flow.kill(12);
    await flow.waitForResume();
    expect(flow.error).toEqual({ message: 'Connection killed.', timestamp: 12 });
    expect(flow.killable).toBe(false);
    expect(() => {
      flow.kill();
    }).toThrow(TypeError);
  });

  it('replaces in both messages', () => {
    const flow = exchange();
    expect(flow.replace(/s/g, 'S')).toBe(2);
    expect([flow.request.text, flow.response?.text]).toEqual(['queStion', 'anSwer']);
  });

  it('of bytes is kept too', () => {
    const flow = new TcpFlow({});
    flow.messages.push({ fromClient: true, content: Buffer.from('a'), timestamp: 1 });
    flow.backup();
    flow.messages[0] = { fromClient: true, content: Buffer.from('b'), timestamp: 1 };
    expect(flow.modified()).toBe(true);
    flow.revert();
    expect(flow.messages[0].content.toString()).toBe('a');
  });
});

describe('messages of bytes', () => {
  it('are compared by what they say, whoever made them', () => {
    const flow = new TcpFlow({});
    const message = { fromClient: true, content: Buffer.from('a'), timestamp: 1 };
    flow.messages.push(message);
    flow.backup();
    expect(flow.modified()).toBe(false);
    const [copied] = flow.copy().messages;
    expect(copied).toMatchObject(message);
    message.content = Buffer.from('b');
    expect(flow.modified()).toBe(true);
    expect(String(copied?.content)).toBe('a');
  });
});

describe('a WebSocket message', () => {
  it('has text when it is text', () => {
    const message = new WebSocketMessage(1, true, Buffer.from('é'), 0);
    message.text = message.text.toUpperCase();
    expect(message.content).toEqual(Buffer.from('É'));
    expect(() => new WebSocketMessage(2, true, Buffer.alloc(1), 0).text).toThrow(TypeError);
  });
});
