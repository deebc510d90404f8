import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.js';
import { FlowCommands } from '../../../src/proxy/addons/flow-commands.js';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import type { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { Response } from '../../../src/proxy/message/response.js';
import { liveFlow, load } from './fired.js';

/** The commands, and the flows that they said they have changed. */
async function commands() {
  const { call, hooks } = await load(new FlowCommands());
  const changed: (readonly Flow[])[] = [];
  Object.assign(hooks.given.flows, { update: (flows: readonly Flow[]) => changed.push(flows) });
  return { call, changed };
}

function answered(): HttpFlow {
  const flow = liveFlow('http://a.test:8080/path', {}, 'question');
  flow.response = Response.make(200, 'answer');
  return flow;
}

describe('flow.resume and flow.kill', () => {
  it('let flows go that are held, and end those that are under way', async () => {
    const { call, changed } = await commands();
    const [held, free, over] = [answered(), answered(), answered()];
    held.intercept();
    over.live = false;
    call('flow.resume', [held, free]);
    expect(held.intercepted).toBe(false);
    call('flow.kill', [free, over]);
    expect([free.error?.message, over.error]).toEqual(['Connection killed.', undefined]);
    expect(changed).toEqual([[held], [free]]);
  });
});

describe('flow.mark', () => {
  it.each([':red_circle:', 'x', '★', '😀'])('sets %s', async (marker) => {
    const { call, changed } = await commands();
    const flow = answered();
    call('flow.mark', [flow], marker);
    call('flow.mark', [flow], marker);
    expect([flow.marked, changed]).toEqual([marker, [[flow]]]);
  });

  it.each(['', 'true', '::'])('refuses %j', async (marker) => {
    const { call } = await commands();
    expect(() => call('flow.mark', [answered()], marker)).toThrow(OptionError);
  });

  it('is toggled', async () => {
    const { call } = await commands();
    const flow = answered();
    call('flow.mark.toggle', [flow]);
    expect(flow.marked).toBe(':default:');
    call('flow.mark.toggle', [flow]);
    expect(flow.marked).toBe('');
  });
});

describe('flow.set', () => {
  it.each([
    ['host', 'b.test', 'GET http://b.test:8080/path 200 OK'],
    ['method', 'put', 'PUT http://a.test:8080/path 200 OK'],
    ['path', '/other', 'GET http://a.test:8080/other 200 OK'],
    ['url', 'https://c.test/d?e', 'GET https://c.test/d?e 200 OK'],
    ['status_code', '404', 'GET http://a.test:8080/path 404 Not Found'],
    ['reason', 'Fine', 'GET http://a.test:8080/path 200 Fine'],
  ])('%s to %s, which can be reverted', async (name, value, expected) => {
    const { call, changed } = await commands();
    const flow = answered();
    const shown = (): string =>
      `${flow.request.method} ${flow.request.url} ${String(flow.response?.statusCode)} ${flow.response?.reason ?? ''}`;
    expect(call('flow.set.options')).toContain(name);
    call('flow.set', [flow], name, value);
    expect([shown(), flow.modified()]).toEqual([expected, true]);
    call('flow.revert', [flow]);
    expect(shown()).toBe('GET http://a.test:8080/path 200 OK');
    expect(changed).toEqual([[flow], [flow]]);
  });

  it('leaves flows alone that have nothing of the kind', async () => {
    const { call, changed } = await commands();
    const flow = liveFlow('http://a.test/');
    call('flow.set', [flow, new TcpFlow({})], 'status_code', '404');
    expect([changed, flow.kept]).toEqual([[], undefined]);
  });

  it.each([
    ['status_code', 'x', '"x" is no status code'],
    ['statuscode', '200', 'unknown attribute statuscode, did you mean status_code?'],
  ])('%s=%s is refused', async (name, value, message) => {
    const { call, changed } = await commands();
    expect(() => call('flow.set', [answered()], name, value)).toThrow(new OptionError(message));
    expect(changed).toEqual([]);
  });

  it('refuses a URL that is none', async () => {
    const { call } = await commands();
    const flow = answered();
    expect(() => call('flow.set', [flow], 'url', 'nonsense')).toThrow();
    expect(flow.request.url).toBe('http://a.test:8080/path');
  });
});

describe('flow.encode and flow.decode', () => {
  it.each(['gzip', 'deflate', 'br', 'zstd'])('%s, once, and back', async (coding) => {
    const { call, changed } = await commands();
    const flow = answered();
    expect(call('flow.encode.options')).toContain(coding);
    call('flow.encode', [flow], 'response', coding);
    call('flow.encode', [flow], 'response', 'gzip');
    expect([flow.response?.headers.get('content-encoding'), flow.response?.text]).toEqual([coding, 'answer']);
    call('flow.decode', [flow], 'response');
    call('flow.decode', [flow], 'response');
    expect([flow.response?.headers.get('content-encoding'), flow.response?.text]).toEqual([undefined, 'answer']);
    expect(changed).toEqual([[flow], [flow]]);
  });

  it('is toggled', async () => {
    const { call } = await commands();
    const flow = answered();
    call('flow.encode.toggle', [flow], 'request');
    expect(flow.request.headers.get('content-encoding')).toBe('deflate');
    call('flow.encode.toggle', [flow], 'request');
    expect(flow.request.headers.has('content-encoding')).toBe(false);
  });

  it('is refused for what is not known, and leaves a body that cannot be decoded', async () => {
    const { call } = await commands();
    const flow = answered();
    expect(() => call('flow.encode', [flow], 'request', 'gzpi')).toThrow('unknown coding gzpi, did you mean gzip?');
    expect(() => call('flow.decode', [flow], 'body')).toThrow('unknown part body');
    flow.request.headers.set('content-encoding', 'gzip');
    expect(() => call('flow.decode', [flow], 'request')).toThrow('gzip');
    expect(flow.request.rawContent?.toString()).toBe('question');
  });
});
