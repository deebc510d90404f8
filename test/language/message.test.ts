import { describe, expect, it } from 'vitest';
import { RenderError } from '../../src/errors.js';
import {
  FrameMessage,
  parseFrames,
  parseRequests,
  parseResponse,
  Random,
  render,
  ResponseMessage,
} from '../kit/language.js';
import type { Message, RequestMessage } from '../kit/language.js';

const settings = { random: Random.fromSeed(1), requestHost: 'example.com' };

function first(messages: Message[]): Message {
  const [message] = messages;
  if (!message) throw new Error('no message');
  return message;
}

async function text(messages: Message[]): Promise<string> {
  return (await render(first(messages), settings)).toString('latin1');
}

describe('requests', () => {
  it('append an embedded response as its canonical text', async () => {
    expect(await text(parseRequests(`get:/p/:s" 200 : b 'x' "`))).toMatch(/^GET \/p\/200:b'x' HTTP\/1.1\r\n/);
  });

  it('freeze an embedded response with one Content-Length, and none when it is raw', () => {
    const frozen = first(parseRequests("get:/p/:s'200:b@2'")).freeze(settings);
    expect(frozen.spec.match(/Content-Length/g)).toHaveLength(1);
    expect(first(parseRequests("get:/p/:s'200:r'")).freeze(settings).spec).not.toContain('Content-Length');
  });

  it('freeze of an embedded response what can be frozen on this side', () => {
    const frozen = (spec: string): string => first(parseRequests(spec)).freeze(settings).spec;
    expect(frozen("get:/p/:s'ws:b@1,whitespace:h@0=@0'")).toMatch(/s'ws:b\\x27.{1,5}\\x27:h\\x27\\x27=\\x27\\x27'/);
    expect(frozen("get:/p/:s'200:b<hello'")).toContain("s'200:b<\\x27hello\\x27'");
    expect(() => frozen('get:/p/:b<hello')).toThrow('File access disabled.');
  });

  it('take Host from an absolute path', async () => {
    expect(await text(parseRequests("get:'http://Other.example:99/x'"))).toContain('Host: other.example\r\n');
  });

  it('draw a key for a handshake from the seed', async () => {
    const [once, again] = [await text(parseRequests('ws:/')), await text(parseRequests('ws:/'))];
    expect(once).toBe(again);
    expect(once).toMatch(/sec-websocket-key: [A-Za-z0-9+/]{22}==\r\n/);
  });
});

describe('responses', () => {
  it('send a status code as written, and the reason of its number', async () => {
    expect(await text(parseResponse('0404:r'))).toBe('HTTP/1.1 0404 Not Found\r\n\r\n');
    expect(await text(parseResponse('299:r'))).toBe('HTTP/1.1 299 Unknown code\r\n\r\n');
  });

  it('tell their facts', () => {
    const response = first(parseResponse("200:m'Fine':b'x':p1,2"));
    expect(response).toBeInstanceOf(ResponseMessage);
    if (!(response instanceof ResponseMessage)) return;
    expect([response.code, response.reason?.toString(), response.has('pauseat'), response.raw]).toEqual([
      '200',
      'Fine',
      true,
      false,
    ]);
    expect(first(parseRequests('put:/'))).toMatchObject({ method: 'PUT' } satisfies Partial<RequestMessage>);
  });
});

describe('frames', () => {
  it('draw a key once, for the header and the mask alike', async () => {
    const bytes = await render(first(parseFrames("wf:k@4:b'hello'")), settings);
    const key = bytes.subarray(2, 6);
    expect([...bytes.subarray(6)].map((byte, i) => byte ^ (key[i % 4] ?? 0))).toEqual([...Buffer.from('hello')]);
  });

  it('mask a payload that is made as it is read', () => {
    const plan = first(parseFrames("wf:k'abcd':b@100k,digits")).plan(settings);
    const [, payload] = plan.segments;
    if (!payload || Buffer.isBuffer(payload)) throw new Error('expected a segment made as it is read');
    const piece = Buffer.alloc(10);
    payload.read(50_001, piece);
    const plain = [...piece].map((byte, i) => byte ^ 'abcd'.charCodeAt((50_001 + i) % 4));
    expect(Buffer.from(plain).toString()).toMatch(/^\d{10}$/);
  });

  it('refuse a key of the wrong length from a file when they are sent', () => {
    const files = { segment: () => Buffer.from('abc'), text: () => '' };
    expect(() => first(parseFrames('wf:k<key')).plan({ files })).toThrow(RenderError);
    expect(first(parseFrames('wf:fin'))).toBeInstanceOf(FrameMessage);
  });
});

describe('render', () => {
  it('takes a seed, and one message', async () => {
    const message = first(parseResponse('200:b@20:dr'));
    expect(await render(message, { seed: 3 })).toEqual(await render(message, { random: Random.fromSeed('3') }));
    // @ts-expect-error -- plain JavaScript can do this
    await expect(render(parseResponse('200'))).rejects.toThrow(TypeError);
  });
});

describe('sizes', () => {
  it('do not freeze or render what would fill the memory', async () => {
    const huge = first(parseResponse('200:b@1t'));
    expect(huge.length()).toBeGreaterThan(1024 ** 4);
    expect(() => huge.freeze()).toThrow(RenderError);
    await expect(render(huge)).rejects.toThrow(RenderError);
  });
});
