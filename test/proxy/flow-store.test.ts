import { describe, expect, it } from 'vitest';
import { FilterError, TimeoutError } from '../../src/errors.js';
import { systemClock } from '../../src/net/clock.js';
import { DnsFlow } from '../../src/proxy/flow/dns-flow.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../src/proxy/flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../../src/proxy/flow/websocket.js';
import { FlowStore } from '../../src/proxy/flow-store.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { collectGarbage } from '../kit/live-memory.js';
import { ManualClock } from '../kit/manual-clock.js';

function begun(store: FlowStore, path: string): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', `http://a.test${path}`));
  store.requestheaders(flow);
  return flow;
}

function answer(store: FlowStore, flow: HttpFlow, body: string | Buffer = ''): HttpFlow {
  flow.response = Response.make(200, body);
  store.response(flow);
  return flow;
}

function passed(store: FlowStore, path: string, body: string | Buffer = ''): HttpFlow {
  return answer(store, begun(store, path), body);
}

function paths(store: FlowStore): string[] {
  return store.all.map((flow) => (flow.type === 'http' ? flow.request.path : flow.type));
}

/** What a promise is rejected with. */
async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was not rejected');
}

function webSocketFlow(): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', 'http://a.test/chat'));
  flow.response = Response.make(101);
  flow.websocket = new WebSocketData();
  return flow;
}

function say(store: FlowStore, flow: HttpFlow, text: string): void {
  flow.websocket?.messages.push(new WebSocketMessage(1, true, Buffer.from(text), 1));
  store.websocketMessage(flow);
}

describe('the flows that are kept', () => {
  it('stand in the order of their start', () => {
    const store = new FlowStore();
    const slow = begun(store, '/1');
    passed(store, '/2');
    const stream = new TcpFlow({});
    store.tcpStart(stream);
    answer(store, slow);
    store.tcpEnd(stream);
    expect(paths(store)).toEqual(['/1', '/2', 'tcp']);
  });

  it('are those that failed before they were begun, too, each once', () => {
    const store = new FlowStore();
    const refused = new HttpFlow(Request.make('CONNECT', 'http://a.test:443/'));
    refused.response = Response.make(502);
    store.httpConnectError(refused);
    store.response(refused);
    const broken = new HttpFlow(Request.make('GET', 'http://a.test/x'));
    store.error(broken);
    expect(store.all).toEqual([refused, broken]);
  });

  it('are forgotten when there are too many, the first to end first', () => {
    const store = new FlowStore({ maximumFlows: 3 });
    const slow = begun(store, '/slow');
    const late = begun(store, '/late');
    passed(store, '/early');
    answer(store, late);
    passed(store, '/next');
    expect(paths(store)).toEqual(['/slow', '/late', '/next']);
    passed(store, '/last');
    expect(paths(store)).toEqual(['/slow', '/next', '/last']);
    answer(store, slow);
    expect(paths(store)).toEqual(['/slow', '/next', '/last']);
    passed(store, '/more');
    expect(paths(store)).toEqual(['/slow', '/last', '/more']);
  });

  it('are forgotten when they are too large, but never the one that ended last', () => {
    const store = new FlowStore({ maximumBytes: 1000 });
    for (const path of ['/1', '/2', '/3']) passed(store, path, Buffer.alloc(400));
    expect(paths(store)).toEqual(['/2', '/3']);
    passed(store, '/large', Buffer.alloc(5000));
    expect(paths(store)).toEqual(['/large']);
    passed(store, '/small', Buffer.alloc(10));
    expect(paths(store)).toEqual(['/small']);
  });

  it('are weighed with the messages of streams as they come', () => {
    const store = new FlowStore({ maximumBytes: 1000 });
    passed(store, '/1', Buffer.alloc(400));
    passed(store, '/2', Buffer.alloc(400));
    const stream = new TcpFlow({});
    store.tcpStart(stream);
    stream.messages.push({ fromClient: true, content: Buffer.alloc(300), timestamp: 1 });
    store.tcpMessage(stream);
    expect(paths(store)).toEqual(['/2', 'tcp']);
    const chat = webSocketFlow();
    store.requestheaders(chat);
    store.response(chat);
    store.websocketStart(chat);
    say(store, chat, 'x'.repeat(600));
    store.websocketEnd(chat);
    expect(paths(store)).toEqual(['tcp', '/chat']);
  });

  it('are all kept when there is no bound', () => {
    const store = new FlowStore({ maximumFlows: Infinity, maximumBytes: Infinity });
    for (let i = 0; i < 12_000; i++) passed(store, '/');
    expect(store.all).toHaveLength(12_000);
    const bounded = new FlowStore();
    for (let i = 0; i < 12_000; i++) passed(bounded, `/${String(i)}`);
    expect(bounded.all).toHaveLength(10_000);
    expect(paths(bounded)[0]).toBe('/2000');
  });

  it('are gone once they are cleared, those under way for good', () => {
    const store = new FlowStore();
    const under = begun(store, '/old');
    passed(store, '/done');
    store.clear();
    expect(store.all).toEqual([]);
    answer(store, under);
    passed(store, '/new');
    expect(paths(store)).toEqual(['/new']);
  });

  it('take no notice of bodies that were not kept', () => {
    const store = new FlowStore({ maximumBytes: 10 });
    const flow = begun(store, '/');
    flow.request.rawContent = undefined;
    answer(store, flow).response = new Response({ statusCode: 200 });
    store.response(flow);
    expect(store.all).toHaveLength(1);
  });
});

describe('waiting for a flow', () => {
  it('gives one that is there already, the first in order', async () => {
    const store = new FlowStore();
    begun(store, '/x/0');
    const first = passed(store, '/x/1');
    passed(store, '/x/2');
    await expect(store.waitFor('~u /x', 1000, systemClock)).resolves.toBe(first);
    await expect(store.waitFor((flow) => flow === first, 1000, systemClock)).resolves.toBe(first);
  });

  it('gives one as soon as it has a response or an error, and not before', async () => {
    const store = new FlowStore();
    const clock = new ManualClock();
    const answered = store.waitFor('~u /a$', 1000, clock);
    const failed = store.waitFor('~e', 1000, clock);
    const [a, b] = [begun(store, '/a'), begun(store, '/b')];
    a.response = Response.make(200);
    passed(store, '/other');
    answer(store, a);
    b.error = { message: 'reset', timestamp: 1 };
    store.error(b);
    expect(await answered).toBe(a);
    expect(await failed).toBe(b);
  });

  it('gives one with a WebSocket when it is opened, and for what is said on it', async () => {
    const store = new FlowStore();
    const clock = new ManualClock();
    const flow = webSocketFlow();
    const opened = store.waitFor('~websocket', 1000, clock);
    const greeted = store.waitFor('~websocket & ~b hello', 1000, clock);
    store.requestheaders(flow);
    store.response(flow);
    expect(await opened).toBe(flow);
    say(store, flow, 'hm');
    const goodbye = store.waitFor((one) => one.type === 'http' && one.websocket?.closeCode === 1000, 1000, clock);
    say(store, flow, 'hello');
    expect(await greeted).toBe(flow);
    if (flow.websocket !== undefined) flow.websocket.closeCode = 1000;
    store.websocketEnd(flow);
    expect(await goodbye).toBe(flow);
  });

  it('gives a stream when it has ended', async () => {
    const store = new FlowStore();
    const clock = new ManualClock();
    const waiting = store.waitFor('~tcp', 1000, clock);
    const stream = new TcpFlow({});
    store.tcpStart(stream);
    stream.messages.push({ fromClient: true, content: Buffer.from('x'), timestamp: 1 });
    store.tcpMessage(stream);
    store.tcpEnd(stream);
    expect(await waiting).toBe(stream);
    const asked = new DnsFlow({
      ...{ timestamp: 1, id: 1, query: true, opCode: 0, authoritativeAnswer: false, truncation: false },
      ...{ recursionDesired: true, recursionAvailable: false, reserved: 0, responseCode: 0 },
      ...{ questions: [], answers: [], authorities: [], additionals: [] },
    });
    const answered = store.waitFor('~dns', 1000, clock);
    store.dnsRequest(asked);
    store.dnsResponse(asked);
    expect(await answered).toBe(asked);
  });

  it('goes on while the store is cleared', async () => {
    const store = new FlowStore();
    const waiting = store.waitFor('~u /new', 1000, new ManualClock());
    passed(store, '/old');
    store.clear();
    const flow = passed(store, '/new');
    expect(await waiting).toBe(flow);
  });

  it('ends in time, naming what came nearest', async () => {
    const store = new FlowStore();
    const clock = new ManualClock();
    passed(store, '/carts/1');
    passed(store, '/else');
    const open = begun(store, '/cart');
    open.request.method = 'POST';
    const failed = begun(store, '/late');
    failed.error = { message: 'connection reset', timestamp: 1 };
    store.error(failed);
    const failure = failureOf(store.waitFor('~u /cart & ~m post', 2000, clock));
    clock.advance(2000);
    expect(await failure).toBeInstanceOf(TimeoutError);
    expect((await failure).message.split('\n')).toEqual([
      'no flow matched ~u /cart & ~m post within 2000 ms; 4 flows were seen, the nearest:',
      '  POST http://a.test/cart without a response (still under way; matches ~u /cart, ~m post)',
      '  GET http://a.test/carts/1 200 (matches ~u /cart)',
      '  GET http://a.test/late failed: connection reset',
      '  GET http://a.test/else 200',
    ]);
  });

  it('says when there was nothing at all', async () => {
    const clock = new ManualClock();
    const failure = failureOf(
      new FlowStore().waitFor(
        function isMine() {
          return true;
        },
        50,
        clock,
      ),
    );
    clock.advance(50);
    expect((await failure).message).toBe('no flow matched isMine within 50 ms; no flows were seen');
  });

  it.each([NaN, -1, { timeout: 2000 }, '2000', null])('refuses to wait for %j', async (time) => {
    // Callers without types give anything.
    const failure = failureOf(new FlowStore().waitFor('~u /x', time as number, systemClock));
    expect(await failure).toBeInstanceOf(TypeError);
    expect((await failure).message).toContain('a number of milliseconds');
  });

  it('refuses a bad filter at once', async () => {
    await expect(new FlowStore().waitFor('~u', 1e9, systemClock)).rejects.toBeInstanceOf(FilterError);
  });

  it('ends with what a function throws', async () => {
    const store = new FlowStore();
    const broken = (): boolean => {
      throw new RangeError('mine');
    };
    const waiting = failureOf(store.waitFor(broken, 1000, new ManualClock()));
    passed(store, '/');
    expect(await waiting).toBeInstanceOf(RangeError);
    await expect(store.waitFor(broken, 1000, systemClock)).rejects.toThrow('mine');
  });

  it('ends when the proxy stops; the flows stay', async () => {
    const store = new FlowStore();
    const waiting = failureOf(store.waitFor('~u /x', 1e9, systemClock));
    const flow = passed(store, '/');
    store.done();
    expect((await waiting).message).toMatch(/^no flow matched ~u \/x before the proxy stopped; 1 flow was seen/);
    expect(store.all).toEqual([flow]);
    await expect(store.waitFor('~all', 1e9, systemClock)).resolves.toBe(flow);
    await expect(store.waitFor('~u /x', 1e9, systemClock)).rejects.toBeInstanceOf(TimeoutError);
  });

  it('is for many at once, each for itself', async () => {
    const store = new FlowStore();
    const clock = new ManualClock();
    const waiting = Array.from({ length: 20 }, (_, i) => store.waitFor(`~u /${String(i)}$`, 1000, clock));
    const flows: Flow[] = Array.from({ length: 20 }, (_, i) => passed(store, `/${String(i)}`));
    expect(await Promise.all(waiting)).toEqual(flows);
  });
});

describe('what is forgotten', () => {
  it('is let go of at once', async () => {
    const store = new FlowStore({ maximumBytes: 1000 });
    const forgotten = Array.from(
      { length: 20 },
      (_, i) => new WeakRef(passed(store, `/${String(i)}`, Buffer.alloc(800))),
    );
    // References are kept until the end of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(forgotten.filter((flow) => flow.deref() !== undefined)).toHaveLength(store.all.length);
  });

  it('are the first messages of a connection under way that has too many', () => {
    const store = new FlowStore({ maximumBytes: 100 });
    const flow = new TcpFlow({});
    store.tcpStart(flow);
    for (let i = 0; i < 50; i++) {
      flow.messages.push({ fromClient: true, content: Buffer.from(String(i).padStart(10)), timestamp: i });
      store.tcpMessage(flow);
    }
    expect(flow.messages.length).toBeLessThanOrEqual(10);
    expect(flow.messages.at(-1)?.content.toString().trim()).toBe('49');
    expect(store.all).toEqual([flow]);
  });

  it('keeps many connections under way within the bound together', () => {
    const store = new FlowStore({ maximumBytes: 1000 });
    const flows = Array.from({ length: 20 }, () => new TcpFlow({}));
    for (const flow of flows) store.tcpStart(flow);
    for (let i = 0; i < 50; i++) {
      for (const flow of flows) {
        flow.messages.push({ fromClient: true, content: Buffer.alloc(10), timestamp: i });
        store.tcpMessage(flow);
      }
    }
    const bytes = flows.flatMap(({ messages }) => messages).reduce((sum, { content }) => sum + content.length, 0);
    expect(bytes).toBeLessThanOrEqual(1000 + 10);
    expect(flows.every(({ messages }) => messages.at(-1)?.timestamp === 49)).toBe(true);
  });

  it('is nothing of a connection that somebody is to write down', () => {
    const store = new FlowStore({ maximumBytes: 100, mayTrim: () => false });
    const flow = webSocketFlow();
    for (let i = 0; i < 50; i++) say(store, flow, 'ten bytes.');
    expect(flow.websocket?.messages).toHaveLength(50);
  });
});
