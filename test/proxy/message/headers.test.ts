import { describe, expect, it } from 'vitest';
import { Headers } from '../../../src/proxy/message/headers.js';
import { HeaderFields } from '../../../src/wire/headers.js';

describe('headers', () => {
  it('stay as received, byte for byte, until they are changed', () => {
    const block = Buffer.from('HOST:a\r\nX-A :  \xff\nx-a: 2\r\n', 'latin1');
    const headers = new Headers(new HeaderFields(block));
    expect(headers.get('host')).toBe('a');
    expect(headers.getAll('X-A')).toEqual(['2']);
    expect(headers.block).toBe(block);
    expect(headers.lines.toString('latin1')).toBe('HOST:a\r\nX-A :  \xff\r\nx-a: 2\r\n');
    headers.set('host', 'b');
    expect(headers.block.toString('latin1')).toBe('HOST:b\r\nX-A :  \xff\nx-a: 2\r\n');
  });

  it('read text as UTF-8 and lose no byte of what is none', () => {
    const headers = new Headers(new HeaderFields(Buffer.from('a: \xc3\xa9\r\nb: \xff\xc3\r\n', 'latin1')));
    expect(headers.get('a')).toBe('é');
    expect(headers.get('b')).toBe('\udcff\udcc3');
    headers.set('c', headers.get('b') ?? '');
    expect(headers.fields.at(-1)?.[1]).toEqual(Buffer.from([0xff, 0xc3]));
  });

  it('give a folded value as one line, changed or not, and send it as it came', () => {
    const headers = new Headers(new HeaderFields(Buffer.from('te: gzip,\r\n chunked\r\nb: 1\r\n')));
    expect(headers.getAll('te')).toEqual(['gzip, chunked']);
    headers.delete('b');
    expect(headers.getAll('te')).toEqual(['gzip, chunked']);
    expect(headers.latin1()).toEqual([['te', 'gzip, chunked']]);
    expect(headers.lines.toString()).toBe('te: gzip,\r\n chunked\r\n');
  });

  it('join the values of a name, and keep places and spellings when it is set', () => {
    const headers = new Headers({ Accept: ['a', 'b'], Other: 'o' });
    headers.add('ACCEPT', 'c');
    expect(headers.get('accept')).toBe('a, b, c');
    headers.setAll('accept', ['x', 'y']);
    expect([...headers]).toEqual([
      ['Accept', 'x'],
      ['Accept', 'y'],
      ['Other', 'o'],
    ]);
    expect(headers.delete('ACCEPT')).toBe(true);
    expect(headers.delete('accept')).toBe(false);
    expect(headers.names()).toEqual(['Other']);
  });

  it('are independent of their copies', () => {
    const headers = new Headers({ a: '1' });
    const copy = headers.clone();
    copy.set('a', '2');
    expect(headers.get('a')).toBe('1');
  });
});
