import { describe, expect, it } from 'vitest';
import { TextCache } from '../../src/language/cache.js';
import { FileAccessDenied } from '../../src/errors.js';
import { CompiledMessage, parseResponse, Random, readAll } from '../kit/language.js';
import type { Files, Plan } from '../kit/language.js';

function compile(spec: string, files?: Files): CompiledMessage {
  const [message] = parseResponse(spec);
  if (!message) throw new Error('no message');
  return new CompiledMessage(message, files);
}

function bytesOf(plan: Plan): string {
  return Buffer.concat(plan.segments.map(readAll)).toString('latin1');
}

describe('a compiled message', () => {
  it('has one plan for good when nothing is left to chance', () => {
    const compiled = compile("200:b'x':d5");
    expect(compiled.sending(Random.fromSeed(1)).plan).toBe(compiled.sending(Random.fromSeed(2)).plan);
  });

  it.each(['200:b@100', "200:b'x':dr", '200:h@5=@6:ir,@7', 'wf:mask:b@20', 'wf:b@9:k@4'])(
    'sends what the message itself would, by any seed: %s',
    (spec) => {
      const compiled = compile(spec);
      for (const seed of [1, 2, 1]) {
        const { plan, message, maximumLength } = compiled.sending(Random.fromSeed(seed));
        const settings = { random: Random.fromSeed(seed) };
        expect(bytesOf(plan)).toBe(bytesOf(compiled.message.plan(settings)));
        expect(message.spec).toBe(compiled.message.resolve(settings).spec);
        expect(maximumLength).toBe(compiled.message.maximumLength(settings));
      }
    },
  );

  it('answers each handshake with its own key', () => {
    const compiled = compile('ws');
    const random = Random.fromSeed(1);
    expect(bytesOf(compiled.sending(random, 'dGhlIHNhbXBsZSBub25jZQ==').plan)).toContain(
      's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    );
    expect(bytesOf(compiled.sending(random, 'AAAA').plan)).not.toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(() => compiled.sending(random)).toThrow('No websocket key');
  });

  it('reads files anew each time', () => {
    let content = 'one';
    const files: Files = { segment: () => Buffer.from(content), text: () => content };
    const compiled = compile('200:b<name', files);
    expect(bytesOf(compiled.sending(Random.fromSeed(1)).plan)).toMatch(/Length: 3\r\n\r\none$/);
    content = 'three';
    expect(bytesOf(compiled.sending(Random.fromSeed(1)).plan)).toMatch(/Length: 5\r\n\r\nthree$/);
  });

  it('refuses files when it was given none', () => {
    expect(() => compile('200:b<name').sending(Random.fromSeed(1))).toThrow(FileAccessDenied);
  });
});

describe('a cache', () => {
  it('makes each text once while it is kept', () => {
    const made: string[] = [];
    const cache = new TextCache((text) => made.push(text));
    for (const text of ['a', 'b', 'a']) cache.get(text);
    expect(made).toEqual(['a', 'b']);
  });

  it('forgets the least recently used first, by number and by characters', () => {
    const made: string[] = [];
    const cache = new TextCache((text) => made.push(text), { entries: 2, characters: 10 });
    for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) cache.get(text);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    cache.get('123456789');
    expect(cache.size).toBe(2);
    cache.get('1234567890 and more');
    expect(cache.size).toBe(0);
  });

  it('keeps nothing of what fails', () => {
    const cache = new TextCache((): number => {
      throw new Error('no');
    });
    expect(() => cache.get('a')).toThrow('no');
    expect(cache.size).toBe(0);
  });
});
