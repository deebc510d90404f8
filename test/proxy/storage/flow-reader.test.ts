import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FlowFileError } from '../../../src/errors.js';
import { ClientConnection, ServerConnection } from '../../../src/proxy/flow/connection.js';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { UdpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { FlowReader } from '../../../src/proxy/storage/flow-reader.js';
import { encodeAnew, encodeFlow } from '../../../src/proxy/storage/origin.js';
import { decodeItem, encodeItem } from '../../../src/proxy/storage/tnetstring.js';
import type { TnetMap, TnetValue } from '../../../src/proxy/storage/tnetstring.js';
import { madeFlows } from './made-flows.js';
import { flowsIn, ownFlows, recording, recordings } from './sample-flows.js';

describe('a flow file', () => {
  it.each(recordings)('of %s is written as it was read', (name) => {
    const bytes = recording(name);
    expect(Buffer.concat(flowsIn(bytes).map((flow) => encodeFlow(flow))).equals(bytes)).toBe(true);
  });

  it('may arrive in any pieces', () => {
    const bytes = recording('tcp');
    const whole = flowsIn(bytes).map(({ id }) => id);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
        const reader = new FlowReader();
        const ids: string[] = [];
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
          reader.receive(bytes.subarray(from, to));
          for (const { id } of reader) ids.push(id);
          from = to;
        }
        expect(ids).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('that is cut short or damaged gives the flows before, then one error with the place', () => {
    const bytes = recording('tcp');
    const ends: number[] = [];
    const all = new FlowReader();
    all.receive(bytes);
    while (all.next() !== undefined) ends.push(all.offset);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.boolean(), (at, isCut) => {
        const damaged = Buffer.from(isCut ? bytes.subarray(0, at) : bytes);
        if (!isCut && at < damaged.length) damaged.fill('\0', at, Math.min(at + 12, damaged.length));
        const before = ends.filter((end) => end <= at);
        const reader = new FlowReader();
        reader.receive(damaged);
        reader.finish();
        const flows: Flow[] = [];
        try {
          for (const flow of reader) flows.push(flow);
        } catch (error) {
          expect(error).toBeInstanceOf(FlowFileError);
          // Zeros in a body are no damage; else it is seen in the flow that it lies in.
          expect((error as FlowFileError).offset).toBe(flows.length === 0 ? 0 : ends[flows.length - 1]);
          expect(() => reader.next()).toThrow(error);
        }
        expect(flows.length).toBeGreaterThanOrEqual(before.length);
      }),
    );
  });

  it('with a flow that is too long is refused before it is read', () => {
    const reader = new FlowReader(1000);
    reader.receive(Buffer.from('999999999:'));
    expect(() => reader.next()).toThrow(
      'the flow file cannot be read at byte 0: a flow of 1000000010 bytes is longer than 1000',
    );
  });
});

describe('flows of our own', () => {
  it.each([17, 21] as const)('are read back from layout %d', (layout) => {
    const flows = ownFlows();
    const bytes = Buffer.concat(flows.map((flow) => encodeFlow(flow, layout)));
    const read = flowsIn(bytes);
    expect(Buffer.concat(read.map((flow) => encodeFlow(flow, layout))).equals(bytes)).toBe(true);
    expect(read.map(({ id, type }) => [id, type])).toEqual(flows.map(({ id, type }) => [id, type]));
    const [plain, , , , edited] = read;
    expect(plain?.metadata).toEqual({ a: [1, 1.5, 'x', null, true], b: { c: 'd' } });
    expect(edited?.modified()).toBe(true);
    edited?.revert();
    expect(edited instanceof HttpFlow && edited.request.path).toBe('/before');
  });

  it.each([17, 21] as const)('with everything that a flow can have are the same in layout %d', (layout) => {
    const flows = Object.values(madeFlows());
    const items = flows.map((flow) => encodeFlow(flow, layout));
    const read = flowsIn(Buffer.concat(items));
    expect(read.map((flow) => encodeFlow(flow, layout))).toEqual(items);
    // Anew, without a look at what they were read from.
    expect(read.map((flow) => encodeAnew(flow, layout))).toEqual(items);
    for (const [i, flow] of flows.entries()) expect(read[i]?.metadata).toEqual(flow.metadata);
  });

  it('on one connection are written with what it is at the time', () => {
    const [clientConn, serverConn] = [new ClientConnection(), new ServerConnection()];
    const flow = (): Flow => new HttpFlow(Request.make('GET', 'http://a.test/'), { clientConn, serverConn });
    const first = encodeFlow(flow());
    serverConn.peername = ['127.0.0.1', 80];
    clientConn.timestampEnd = 5;
    const [before, after, newest] = [first, encodeFlow(flow()), encodeFlow(flow(), 21)].map((item) => flowsIn(item)[0]);
    expect([before?.serverConn.peername, before?.clientConn.timestampEnd]).toEqual([undefined, undefined]);
    for (const read of [after, newest]) {
      expect([read?.serverConn.peername, read?.clientConn.timestampEnd]).toEqual([['127.0.0.1', 80], 5]);
    }
  });

  it('of UDP exist in the newest layout alone', () => {
    const flow = new UdpFlow({});
    flow.messages.push({ fromClient: true, content: Buffer.from('x'), timestamp: 1 });
    expect(flowsIn(encodeFlow(flow, 21))[0]).toMatchObject({ type: 'udp', messages: flow.messages });
    expect(() => encodeFlow(flow)).toThrow(TypeError);
  });
});

describe('a flow that was changed', () => {
  /** A recorded flow with a member in its request that nobody knows, and a time without a fraction. */
  function strange(): Buffer {
    const state = new Map(decodeItem(encodeFlow(flowsIn(recording('basic'))[0] as Flow)) as TnetMap);
    const request = new Map(state.get('request') as TnetMap);
    request.set('x_unknown', [1n, 'two']).set('timestamp_start', 1795249744n);
    return encodeItem(state.set('request', request));
  }

  it('keeps what is not known and what was written otherwise', () => {
    const [flow] = flowsIn(strange());
    if (flow?.type !== 'http') throw new Error('no HTTP flow');
    expect(encodeFlow(flow).equals(strange())).toBe(true);
    flow.request.path = '/changed';
    const state = decodeItem(encodeFlow(flow)) as TnetMap;
    const request = state.get('request') as TnetMap;
    expect(request.get('path')).toEqual(Buffer.from('/changed'));
    expect(request.get('x_unknown')).toEqual([1n, 'two']);
    expect(request.get('timestamp_start')).toBe(1795249744n);
    expect([...state.keys()]).toEqual([...(decodeItem(strange()) as TnetMap).keys()]);
  });

  it('keeps numbers of its metadata with a fraction, be it none', () => {
    const recorded = new Map(decodeItem(encodeFlow(flowsIn(recording('basic'))[0] as Flow)) as TnetMap);
    const metadata = new Map<TnetValue, TnetValue>([
      ['whole', 1],
      ['integer', 1n],
    ]);
    const [flow] = flowsIn(encodeItem(recorded.set('metadata', metadata)));
    if (flow === undefined) throw new Error('no flow');
    flow.comment = 'changed';
    expect((decodeItem(encodeFlow(flow)) as TnetMap).get('metadata')).toEqual(metadata);
    flow.metadata['more'] = 2;
    expect((decodeItem(encodeFlow(flow)) as TnetMap).get('metadata')).toEqual(metadata.set('more', 2n));
  });

  it('has its earlier state behind it', () => {
    const [flow] = flowsIn(strange());
    if (flow?.type !== 'http') throw new Error('no HTTP flow');
    flow.backup();
    expect(encodeFlow(flow).equals(strange())).toBe(true);
    flow.request.method = 'PUT';
    const bytes = encodeFlow(flow);
    const state = decodeItem(bytes) as TnetMap;
    expect([...state.keys()].at(-1)).toBe('backup');
    const [again] = flowsIn(bytes);
    again?.revert();
    expect(again?.type === 'http' && again.request.method).toBe('GET');
  });
});

describe('old files', () => {
  const old = (change: (state: Map<TnetValue, TnetValue>) => void): Buffer => {
    const [first = Buffer.alloc(0)] = flowBytes(readFileSync('fixtures/proxy/legacy/v10.mitm'));
    const state = new Map(decodeItem(first) as TnetMap);
    change(state);
    return encodeItem(state);
  };

  /** The items of a file. */
  function flowBytes(bytes: Buffer): Buffer[] {
    const reader = new FlowReader();
    reader.receive(bytes);
    const items: Buffer[] = [];
    for (let from = 0; reader.next() !== undefined; from = reader.offset)
      items.push(bytes.subarray(from, reader.offset));
    return items;
  }

  /** All text as bytes, as Python 2 wrote it. */
  function inBytes(value: TnetValue): TnetValue {
    if (typeof value === 'string') return Buffer.from(value);
    if (Array.isArray(value)) return (value as readonly TnetValue[]).map(inBytes);
    if (!(value instanceof Map)) return value;
    return new Map([...(value as TnetMap)].map(([key, member]) => [inBytes(key), inBytes(member)]));
  }

  it('with WebSocket flows apart from their handshakes are read as one flow each', () => {
    const handshake = old((state) => {
      state.set('metadata', new Map([['websocket', true]]));
    });
    const messages = old((state) => {
      const id = state.get('id') ?? null;
      state
        .set('type', 'websocket')
        .set('id', 'other')
        .set('metadata', new Map([['websocket_handshake', id]]));
      state.set('messages', [[1n, true, Buffer.from('hi'), 1.5, false]]);
      state.set('close_sender', 'server').set('close_code', 1000n).set('close_reason', 'bye');
      state.delete('request');
      state.delete('response');
    });
    const [first, second] = flowsIn(Buffer.concat([handshake, messages]));
    expect(first?.type === 'http' && first.websocket).toBeUndefined();
    if (second?.type !== 'http') throw new Error('no HTTP flow');
    expect(second.id).toBe(first?.id);
    expect(second.metadata.duplicated).toMatch(/appear duplicated/);
    expect(second.websocket).toMatchObject({ closedByClient: false, closeCode: 1000, closeReason: 'bye' });
    expect(second.websocket?.messages[0]).toMatchObject({ opcode: 1, fromClient: true, injected: false });
    expect(flowsIn(encodeFlow(second))[0]).toMatchObject({ id: second.id, type: 'http' });
    const [alone] = flowsIn(messages);
    expect(alone?.type === 'http' && alone.request.url).toBe('http://unknown/');
  });

  it('with addresses in dictionaries are read', () => {
    const [first = Buffer.alloc(0)] = flowBytes(readFileSync('fixtures/proxy/legacy/v2.0.mitm'));
    const state = new Map(decodeItem(first) as TnetMap);
    const client = new Map(state.get('client_conn') as TnetMap);
    client.set(
      'address',
      new Map<TnetValue, TnetValue>([
        ['address', ['::1', 5n]],
        ['use_ipv6', true],
      ]),
    );
    state.set('client_conn', client).set('version', [1n, 0n, 0n]);
    expect(flowsIn(encodeItem(state))[0]?.clientConn.peername).toEqual(['::1', 5]);
  });

  it('of the releases before 1.0 are read, with bytes for text', () => {
    const [first = Buffer.alloc(0)] = flowBytes(readFileSync('fixtures/proxy/legacy/v2.0.mitm'));
    const address = (host: string): TnetValue => new Map<TnetValue, TnetValue>([['address', [host, 5n]]]);
    const state = new Map(decodeItem(first) as TnetMap);
    const server = new Map(state.get('server_conn') as TnetMap).set('state', []).set('peer_address', address('::2'));
    server.delete('ip_address');
    const request = new Map(state.get('request') as TnetMap).set('form_in', 'relative').set('httpversion', [1n, 0n]);
    request.delete('http_version');
    const response = new Map(state.get('response') as TnetMap).set('code', 404n).set('msg', 'None');
    for (const key of ['status_code', 'reason']) response.delete(key);
    state.set('client_conn', new Map(state.get('client_conn') as TnetMap).set('address', address('::1')));
    state.set('server_conn', server).set('request', request).set('response', response).set('version', [0n, 11n]);
    for (const key of ['metadata', 'marked']) state.delete(key);
    const [flow] = flowsIn(encodeItem(inBytes(state)));
    if (flow?.type !== 'http') throw new Error('no HTTP flow');
    expect([flow.clientConn.peername, flow.serverConn.peername]).toEqual([
      ['::1', 5],
      ['::2', 5],
    ]);
    expect([flow.request.httpVersion, flow.request.host]).toEqual(['HTTP/1.0', '127.0.0.1']);
    expect([flow.response?.statusCode, flow.response?.reason]).toEqual([404, 'None']);
  });

  it('too old to be read are refused with their version', () => {
    const file = old((state) => {
      state.set('version', [0n, 9n]);
    });
    expect(() => flowsIn(file)).toThrow('version 0.9 cannot be read, only 0.11 to 21');
  });
});
