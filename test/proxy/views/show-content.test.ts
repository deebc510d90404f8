import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Response } from '../../../src/proxy/message/response.js';
import { showContent } from '../../../src/proxy/views/show-content.js';
import { viewNamed, viewNameOf, views } from '../../../src/proxy/views/views.js';
import { shown } from './shown.js';

const form = 'multipart/form-data; boundary=X';
const formBody = '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--X--\r\n';

describe('showContent', () => {
  it('chooses the fittest view', () => {
    const typed = (body: string, type: string): string => shown('auto', body, { 'content-type': type }).description;
    expect(typed('{"a":1}', 'application/json')).toBe('JSON');
    expect(typed('{"query":"{\\n a }"}', 'application/json')).toBe('GraphQL');
    expect(typed('a{b:c}', 'text/css; charset=utf-8')).toBe('CSS');
    expect(typed('<html></html>', 'text/html')).toBe('HTML');
    expect(typed('plain', 'text/plain')).toBe('Raw');
    expect(typed('\0\x01\x02', 'text/plain')).toBe('Hex');
  });

  it('takes names in any case, and the fittest for names that there are not', () => {
    expect(shown('XML/HTML', '<a/>').description).toBe('XML');
    expect(shown('no such view', '<a/>').description).toBe('XML');
    expect(viewNamed('auto')).toBeUndefined();
  });

  it.each([
    ['urlencoded', 'url-encoded'],
    ['Multipart', 'multipart form'],
    ['protobuf', 'protocol buffer'],
    ['grpc', 'grpc/protocol buffer'],
    ['xml', 'xml/html'],
    ['html', 'xml/html'],
    ['xml/html', 'xml/html'],
    ['nope', 'nope'],
  ])('knows that an option that says %s means %s', (option, name) => {
    expect(viewNameOf(option)).toBe(name);
  });

  it('gives each view names of its own', () => {
    const names = views.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(names).toEqual([...new Set(names)]);
  });

  it('falls back to raw bytes, and says so', () => {
    expect(shown('json', '{"a":')).toEqual({
      description: "Couldn't parse: falling back to Raw",
      lines: ['{"a":'],
      failed: false,
    });
    expect(shown('image', Buffer.from('\x89PNG\r\n\x1a\nbad', 'latin1'))).toMatchObject({ failed: true });
  });

  it('undoes content codings, and says so', () => {
    const coded = (body: Buffer, coding: string): unknown =>
      shown('auto', body, { 'content-type': 'application/json', 'content-encoding': coding });
    expect(coded(gzipSync('[1]'), 'gzip')).toMatchObject({
      description: '[decoded gzip] JSON',
      lines: ['[', '    1', ']'],
    });
    expect(coded(brotliCompressSync('1'), 'br')).toMatchObject({ description: '[decoded br] JSON' });
    expect(coded(Buffer.from('1'), 'gzip')).toMatchObject({ description: '[cannot decode] JSON', lines: ['1'] });
    expect(coded(Buffer.from('1'), 'of-another-day')).toMatchObject({ description: 'JSON' });
  });

  it('tells a body that is empty from one that was not kept', () => {
    expect(shown('auto', '')).toEqual({ description: 'No content', lines: [], failed: false });
    const missing = showContent('auto', new Response({ statusCode: 200 }));
    expect([...missing.lines]).toEqual([[['error', 'content missing']]]);
  });

  it('shows messages of WebSockets and streams, which have no type', () => {
    const { description, lines } = showContent('auto', { content: Buffer.from('<a>b</a>') });
    expect([description, [...lines]]).toEqual(['XML', [[['text', '<a>b</a>']]]]);
  });

  it('reads multipart forms when asked to', () => {
    expect(shown('auto', formBody, { 'content-type': form }).lines[0]).toBe('--X');
    expect(shown('multipart form', formBody, { 'content-type': form })).toMatchObject({
      description: 'Multipart form',
      lines: ['a: 1'],
    });
  });

  it('shows any bytes with every view, without control characters', () => {
    const headers = { 'content-type': form };
    fc.assert(
      fc.property(fc.constantFrom(...views), fc.uint8Array({ maxLength: 60 }), (view, bytes) => {
        const { lines } = shown(view.name, Buffer.from(bytes), headers);
        expect(lines.join('')).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/);
      }),
    );
  });

  it('makes lines of long bodies as they are read', () => {
    const body = Buffer.from(`[${'0,'.repeat(2_000_000)}0]`);
    const { lines } = showContent('hex', { content: body });
    const [first] = lines;
    expect(first?.[0]).toEqual(['offset', '0000000000 ']);
  });
});
