import { describe, expect, it } from 'vitest';
import { DnsFlow } from '../../src/proxy/flow/dns-flow.js';
import type { DnsMessage } from '../../src/proxy/flow/dns-message.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { TcpFlow, UdpFlow } from '../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../src/proxy/flow/websocket.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { replayHooks } from '../../src/proxy/replay-hooks.js';

const error = { message: 'broken', timestamp: 1 };

/** The hooks that are called, in order; of messages, how many there are at the time. */
async function hooksOf(flow: Flow): Promise<string[]> {
  const hooks: string[] = [];
  await replayHooks(flow, (hook, subject) => {
    const messages = 'messages' in subject ? subject.messages : 'websocket' in subject && subject.websocket?.messages;
    hooks.push(hook.endsWith('Message') ? `${hook} ${String(messages && messages.length)}` : hook);
  });
  return hooks;
}

function http(response?: Response): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', 'http://h/'));
  flow.response = response;
  return flow;
}

describe('replayHooks', () => {
  it('calls the hooks of an exchange', async () => {
    const answered = ['requestheaders', 'request', 'responseheaders', 'response'];
    expect(await hooksOf(http(Response.make(200)))).toEqual(answered);
    expect(await hooksOf(Object.assign(http(), { error }))).toEqual(['requestheaders', 'request', 'error']);
    expect(await hooksOf(Object.assign(http(Response.make(200)), { error }))).toEqual([...answered, 'error']);
  });

  it('shows the messages of a WebSocket one by one, and calls no error', async () => {
    const flow = Object.assign(http(Response.make(101)), { error, websocket: new WebSocketData() });
    const messages = [1, 2].map((time) => new WebSocketMessage(1, true, Buffer.from('a'), time));
    flow.websocket.messages = [...messages];
    expect((await hooksOf(flow)).slice(4)).toEqual([
      ...['websocketStart', 'websocketMessage 1', 'websocketMessage 2', 'websocketEnd'],
    ]);
    expect(flow.websocket.messages).toEqual(messages);
  });

  it('calls the hooks of streams', async () => {
    const message = { fromClient: true, content: Buffer.from('a'), timestamp: 1 };
    const tcp = Object.assign(new TcpFlow({}), { messages: [message, message] });
    expect(await hooksOf(tcp)).toEqual(['tcpStart', 'tcpMessage 1', 'tcpMessage 2', 'tcpEnd']);
    expect(tcp.messages).toHaveLength(2);
    const udp = Object.assign(new UdpFlow({}), { messages: [message], error });
    expect(await hooksOf(udp)).toEqual(['udpStart', 'udpMessage 1', 'udpError']);
  });

  it('calls the hooks of DNS', async () => {
    const message: DnsMessage = {
      ...{ timestamp: 0, id: 1, query: true, opCode: 0, authoritativeAnswer: false, truncation: false },
      ...{ recursionDesired: false, recursionAvailable: false, reserved: 0, responseCode: 0 },
      ...{ questions: [], answers: [], authorities: [], additionals: [] },
    };
    const flow = new DnsFlow(message);
    expect(await hooksOf(flow)).toEqual(['dnsRequest']);
    expect(await hooksOf(Object.assign(flow, { response: message, error }))).toEqual([
      ...['dnsRequest', 'dnsResponse', 'dnsError'],
    ]);
  });

  it('waits for each hook', async () => {
    const done: string[] = [];
    await replayHooks(http(Response.make(200)), async (hook) => {
      await Promise.resolve();
      done.push(hook);
    });
    expect(done).toEqual(['requestheaders', 'request', 'responseheaders', 'response']);
  });
});
