import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { peek } from '../../src/net/peek.js';
import { pump } from '../../src/net/pump.js';

const nothing = Buffer.alloc(0);
const holds = (text: string) => (bytes: Buffer) => bytes.includes(text);

async function readAll(stream: Duplex): Promise<string> {
  let text = '';
  await pump(stream, (chunk) => void (text += chunk.toString()));
  return text;
}

describe('peek', () => {
  test('sees what comes in pieces, and puts it back', async () => {
    const stream = new PassThrough();
    const seen = peek(stream, nothing, holds('abc'));
    for (const piece of ['a', 'b', 'cd']) stream.write(piece);
    expect(await seen).toEqual({ how: 'seen', bytes: Buffer.from('abcd') });
    expect(stream.isPaused()).toBe(true);
    stream.end('ef');
    expect(await readAll(stream)).toBe('abcdef');
  });

  test('puts back what was read before as well', async () => {
    const stream = new PassThrough();
    stream.end('cd');
    expect((await peek(stream, Buffer.from('ab'), holds('abc'))).how).toBe('seen');
    expect(await readAll(stream)).toBe('abcd');
  });

  test('needs nothing to come when enough is there', async () => {
    const stream = new PassThrough();
    expect((await peek(stream, Buffer.from('abc'), holds('abc'))).how).toBe('seen');
    stream.end();
    expect(await readAll(stream)).toBe('abc');
  });

  test('tells the end, with what came before it', async () => {
    const stream = new PassThrough();
    stream.end('ab');
    expect(await peek(stream, nothing, holds('abc'))).toEqual({ how: 'end', bytes: Buffer.from('ab') });
    expect(await peek(stream, Buffer.from('x'), holds('abc'))).toEqual({ how: 'end', bytes: Buffer.from('x') });
  });

  test('tells that the stream is gone, and does not let its error out', async () => {
    const stream = new PassThrough();
    const seen = peek(stream, nothing, holds('abc'));
    stream.write('ab');
    stream.destroy(new Error('reset'));
    expect((await seen).how).toBe('closed');
    expect((await peek(stream, nothing, holds('abc'))).how).toBe('closed');
  });

  test('leaves no listeners behind', async () => {
    const stream = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    const before = (['data', 'end', 'close'] as const).map((event) => stream.listenerCount(event));
    const seen = peek(stream, nothing, holds('a'));
    stream.push('a');
    await seen;
    expect((['data', 'end', 'close'] as const).map((event) => stream.listenerCount(event))).toEqual(before);
    stream.destroy();
  });
});
