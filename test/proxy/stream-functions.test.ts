// Functions that addons give for bodies: what they give is sent, and whoever gave one that fails is named.
import { describe, expect, it } from 'vitest';
import type { Addon, HttpFlow } from '../../src/proxy/index.js';
import { startedProxy } from '../kit/started-proxy.js';
import { webServer } from '../kit/web-server.js';

/** A proxy with these addons before a server that answers with a text. */
async function before(...addons: readonly Addon[]) {
  const { port } = await webServer('http', (_, response) => response.end('body'));
  const started = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(port)}`, addons });
  const errors = (): string[] => started.lines.filter((line) => line.startsWith('error: '));
  return { ...started, errors, server: `http://127.0.0.1:${String(port)}` };
}

/** An addon that sets `stream`, as code without types may do. */
function streaming(name: string, stream: unknown): Addon {
  return {
    name,
    responseheaders: ({ response }: HttpFlow) => {
      Object.assign(response ?? {}, { stream });
    },
  };
}

describe('what a stream function gives', () => {
  it.each([
    ['text', (chunk: Buffer) => `${chunk.toString()}ü`, 'bodyüü'],
    ['bytes of a plain array', (chunk: Buffer) => new Uint8Array([chunk.length]), '\u0004\0'],
    [
      'several pieces',
      function* (chunk: Buffer) {
        yield chunk;
        yield '+';
      },
      'body++',
    ],
    ['nothing', () => [], ''],
  ])('may be %s', async (_, stream, expected) => {
    const { proxy, errors } = await before(streaming('writer', stream));
    expect(await (await fetch(proxy.url)).text()).toBe(expected);
    expect(errors()).toEqual([]);
  });

  it.each([
    ['a number', () => 5, 'it gave 5 in place of a Buffer, text, or a list of these'],
    ['nothing at all', () => undefined, 'it gave undefined in place of a Buffer, text, or a list of these'],
    ['a list of numbers', () => [1], 'it gave 1 in place of a Buffer, text, or a list of these'],
    ['a promise', () => Promise.reject(new Error('late')), 'it gave a promise, and has to give at once what is sent'],
  ])('is refused when it is %s', async (_, stream, why) => {
    const { proxy, errors, server } = await before(streaming('writer', stream));
    await expect(fetch(proxy.url).then((response) => response.text())).rejects.toThrow();
    await expect.poll(errors).toEqual([`error: addon writer failed in the stream function of GET ${server}/: ${why}`]);
    const [flow] = proxy.httpFlows();
    expect(flow?.error?.message).toBe(`the stream function of the message failed: ${why}`);
  });
});

describe('a stream function that throws', () => {
  const broken = (): never => {
    throw new Error('oh no');
  };
  const place = String.raw`\(at .*stream-functions\.test\.ts:\d+:\d+\)`;

  it('is named with its addon, the flow, and the place', async () => {
    // Others that see the same function have not given it.
    const seeing: Addon = { name: 'seeing', responseheaders: () => undefined };
    const { proxy, errors } = await before(streaming('breaker', broken), seeing);
    await expect(fetch(`${proxy.url}/a`).then((response) => response.text())).rejects.toThrow();
    await expect.poll(errors).toHaveLength(1);
    expect(errors()[0]).toMatch(
      new RegExp(`^error: addon breaker failed in the stream function of GET http://.*/a: oh no ${place}$`),
    );
  });

  it('is named when it was given late, for a request', async () => {
    const late: Addon = {
      name: 'late',
      requestheaders: async ({ request }) => {
        await Promise.resolve();
        request.stream = broken;
      },
    };
    const { proxy, errors } = await before(late);
    const response = await fetch(proxy.url, { method: 'POST', body: 'x' });
    expect(response.status).toBe(502);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]).toMatch(
      new RegExp(`^error: addon late failed in the stream function of POST .*: oh no ${place}$`),
    );
  });
});

it.each([
  ['an async function', async (chunk: Buffer) => Promise.resolve(chunk), 'not an async one'],
  [
    'an async generator',
    async function* (chunk: Buffer) {
      yield await Promise.resolve(chunk);
    },
    'not an async one',
  ],
  ['text', 'yes', 'stream takes true, false or a function, not "yes"'],
])('%s is refused where it is set, and the message passes', async (_, stream, why) => {
  const { proxy, errors } = await before(streaming('setter', stream));
  expect(await (await fetch(proxy.url)).text()).toBe('body');
  expect(errors()).toHaveLength(1);
  expect(errors()[0]).toContain(why);
  expect(errors()[0]).toContain('stream-functions.test.ts');
});
