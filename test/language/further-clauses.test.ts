import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RenderError } from '../../src/errors.js';
import { chunkedPart } from '../../src/language/chunked.js';
import { draw } from '../../src/language/layout.js';
import {
  CompiledMessage,
  parseFrames,
  parseRequests,
  parseResponse,
  Random,
  readAll,
  render,
} from '../kit/language.js';
import type { Message, Plan } from '../kit/language.js';

const random = Random.fromSeed(7);

function first(messages: Message[]): Message {
  const [message] = messages;
  if (!message) throw new Error('no message');
  return message;
}

async function sent(spec: string): Promise<string> {
  return (await render(first(parseResponse(spec)), { random })).toString('latin1');
}

function resolved(spec: string): string {
  return first(spec.startsWith('wf') ? parseFrames(spec) : parseResponse(spec)).resolve({ random }).spec;
}

const plain = "200:b'0123456789'";
/** Of `plain`: 17 bytes of start line, 22 bytes of fields and blank line. */
const [headers, body] = [17, 39];

describe('offsets within parts', () => {
  it.each([
    ['dh', headers],
    ['db', body],
    ['dh+3', headers + 3],
    ['db+10', body + 10],
    ['d b + 1', body + 1],
  ])('%s is a number once it is resolved', (clause, at) => {
    expect(resolved(`${plain}:${clause}`)).toContain(`:d${String(at)}:`);
  });

  it('count from the payload of a frame, behind its key', () => {
    expect(resolved("wf:k'abcd':b'x':db:ph,1")).toBe("wf:k'abcd':b'x':d6:p0,1");
  });

  it.each([
    ['hr', headers, body],
    ['br', body, body + 10],
  ])('%s is anywhere in its part, and nowhere else', (where, start, end) => {
    const found = new Set<number>();
    for (let seed = 0; seed < 500; seed++) {
      const { spec } = first(parseResponse(`${plain}:d${where}`)).resolve({ random: Random.fromSeed(seed) });
      found.add(Number(/:d(\d+)/.exec(spec)?.[1]));
    }
    expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: end - start }, (_, i) => start + i));
  });

  it('begin at the end when there is no body', () => {
    expect(resolved('200:r:dbr')).toBe('200:r:d19');
  });

  it('draw anew for each sending', () => {
    const compiled = new CompiledMessage(first(parseResponse(`${plain}:dbr`)), undefined);
    const offsets = [1, 2, 3, 4, 5].map((seed) => compiled.sending(Random.fromSeed(seed)).plan.actions[0]?.at);
    expect(new Set(offsets).size).toBeGreaterThan(1);
  });
});

describe('edits', () => {
  it.each([
    ["200:b'0123456789':ob+2,'XY'", '01XY456789'],
    ["200:b'0123456789':ob+8,'XYZ'", '01234567XY'],
    ["200:b'0123456789':eb+2,3", '0156789'],
    ["200:b'0123456789':eb+8,99", '01234567'],
    ["200:b'0123456789':ob+1,'abc':ob+2,'X'", '0aXc456789'],
    ["200:b'0123456789':ob+2,'X':ob+1,'abc'", '0abc456789'],
    ["200:b'0123456789':eb+2,2:ob+1,'abcd'", '0ad56789'],
    ["200:b'0123456789':eb+1,3:eb+2,4", '06789'],
    ["200:b'0123456789':eb+2,4:ib+3,'<':ib+6,'>'", '01<>6789'],
    ["200:b'0123456789':eb+2,4:ib+5,'second':ib+3,'first'", '01firstsecond6789'],
    ["200:b'0123456789':ob+2,'XX':ib+3,'<>'", '01X<>X456789'],
    ["200:b'0123456789':eb+2,4:db+7", '016'],
    ["200:b'0123456789':oa,'X':ea,5:~a", '0123456789'],
  ])('%s', async (spec, expected) => {
    expect((await sent(spec)).split('\r\n\r\n')[1]).toBe(expected);
  });

  it('leave Content-Length as it was', async () => {
    expect(await sent(`${plain}:eb,5`)).toContain('Content-Length: 10\r\n');
  });

  it('count in the length of the message', () => {
    const message = first(parseResponse(`${plain}:eb,5:ib,'abc'`));
    expect([message.length(), message.maximumLength()]).toEqual([body + 5, body + 8]);
  });

  it('flip one bit, another one for each seed, and freeze to the byte', async () => {
    const bits = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const message = first(parseResponse(`${plain}:ob+3,'\\x00':~b+3`));
      const settings = { random: Random.fromSeed(seed) };
      const bytes = await render(message, settings);
      bits.add(bytes[body + 3] ?? 0);
      expect(message.freeze(settings).spec).toContain(`:o${String(body + 3)},'`);
      expect(await render(first(parseResponse(message.freeze(settings).spec)))).toEqual(bytes);
    }
    expect([...bits].sort((a, b) => a - b)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
  });

  it('reach into data that is drawn, at no cost in memory', () => {
    const message = first(parseResponse("200:b@1t:ob+1000000000000,'HERE':eb+5,999999999990:~b+2"));
    const plan = message.plan({ random });
    expect(plan.length).toBe(message.length({ random }));
    const tail = plan.segments
      .slice(-3)
      .map((segment) => (Buffer.isBuffer(segment) ? segment.toString() : segment.length));
    expect(tail).toContain('HERE');
  });

  it('are many at no great cost', () => {
    const spec = `200:b@4k${':~br'.repeat(4000)}${":ob,'x'".repeat(1000)}${':ebr,1'.repeat(4000)}`;
    const start = process.cpuUsage().user;
    first(parseResponse(spec)).plan({ random });
    expect(process.cpuUsage().user - start).toBeLessThan(3_000_000);
  });
});

describe('the start line', () => {
  it('has any version', async () => {
    expect(await sent('200:r:vHTTP/1.0')).toBe('HTTP/1.0 200 OK\r\n\r\n');
    const request = await render(first(parseRequests("get:/:v'x y'")));
    expect(request.toString()).toBe('GET / x y\r\n\r\n');
  });
});

describe('chunks', () => {
  it.each([
    ['200:k3:b"0123456789"', 'Transfer-Encoding: chunked', '3\r\n012\r\n3\r\n345\r\n3\r\n678\r\n1\r\n9\r\n0\r\n\r\n'],
    ['200:k1,2,16:b"0123456789"', 'Transfer-Encoding: chunked', '1\r\n0\r\n2\r\n12\r\n7\r\n3456789\r\n0\r\n\r\n'],
    ['200:k5', 'Transfer-Encoding: chunked', '0\r\n\r\n'],
    [
      `200:b"ab":t'A'='b':t'C'='d'`,
      'Transfer-Encoding: chunked\r\nTrailer: A, C',
      '2\r\nab\r\n0\r\nA: b\r\nC: d\r\n\r\n',
    ],
    ['200:r:k5:b"ab"', '', '2\r\nab\r\n0\r\n\r\n'],
  ])('%s', async (spec, fields, chunks) => {
    const start = 'HTTP/1.1 200 OK\r\n';
    expect(await sent(spec)).toBe(`${start}${fields}${fields === '' ? '' : '\r\n'}\r\n${chunks}`);
  });

  it('leave a Content-Length of your own beside Transfer-Encoding', async () => {
    const text = await sent("200:k5:b'ab':h'Content-Length'='9'");
    expect(text).toContain('Content-Length: 9\r\nTransfer-Encoding: chunked\r\n');
  });

  it('are the same whatever piece of them is read', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.nat(2000),
        fc.nat(2000),
        (length, sizes, from, to) => {
          const content = random.fork(length).bytes(length);
          let expected = '';
          let at = 0;
          for (let i = 0; at < length; i++) {
            const size = Math.min(sizes[Math.min(i, sizes.length - 1)] ?? 1, length - at);
            expected += `${size.toString(16)}\r\n${content.toString('latin1', at, at + size)}\r\n`;
            at += size;
          }
          const lazy = draw(chunkedPart({ length, draw: () => content }, sizes), random);
          const whole = readAll(draw(chunkedPart(content, sizes), random));
          expect(whole.toString('latin1')).toBe(expected);
          if (Buffer.isBuffer(lazy)) throw new Error('expected a segment made as it is read');
          expect(lazy.length).toBe(expected.length);
          const [start, end] = [Math.min(from, to, expected.length), Math.min(Math.max(from, to), expected.length)];
          const piece = Buffer.alloc(end - start);
          lazy.read(start, piece);
          expect(piece.toString('latin1')).toBe(expected.slice(start, end));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of a huge body cost no memory', () => {
    const plan: Plan = first(parseResponse('200:b@1t:k1')).plan({ random });
    expect(plan.length).toBeGreaterThan(6 * 1024 ** 4);
    const chunks = plan.segments.find((segment) => !Buffer.isBuffer(segment));
    const piece = Buffer.alloc(12);
    if (!chunks || Buffer.isBuffer(chunks)) throw new Error('expected a segment made as it is read');
    chunks.read(6e12, piece);
    expect(piece.toString('latin1')).toMatch(/^1\r\n[^]\r\n1\r\n[^]\r\n$/);
  });
});

describe('codings', () => {
  it.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
    ['br', brotliDecompressSync],
  ])('%s', async (coding, decode) => {
    const bytes = await render(first(parseResponse(`200:z${coding}:b'aaaaaaaaaa'`)));
    const end = bytes.indexOf('\r\n\r\n') + 4;
    const head = bytes.toString('latin1', 0, end);
    expect(head).toContain(`Content-Encoding: ${coding}\r\nContent-Length: ${String(bytes.length - end)}\r\n`);
    expect(decode(bytes.subarray(end)).toString()).toBe('aaaaaaaaaa');
  });

  it('are inside the chunks, and not undone by r', async () => {
    const bytes = await render(first(parseResponse("200:r:zgzip:k1000:b'abc'")));
    expect(bytes.subarray(0, 19).toString()).toBe('HTTP/1.1 200 OK\r\n\r\n');
    const start = bytes.indexOf('\r\n', 19) + 2;
    expect(gunzipSync(bytes.subarray(start, -7)).toString()).toBe('abc');
  });

  it('tell the length of data that is drawn for each sending', () => {
    const compiled = new CompiledMessage(first(parseResponse('200:zgzip:b@100,ascii')), undefined);
    for (const seed of [1, 2, 3, 4]) {
      const { plan } = compiled.sending(Random.fromSeed(seed));
      const bytes = Buffer.concat(plan.segments.map(readAll));
      const end = bytes.indexOf('\r\n\r\n') + 4;
      expect(bytes.toString('latin1', 0, end)).toContain(`Content-Length: ${String(bytes.length - end)}\r\n`);
      expect(gunzipSync(bytes.subarray(end))).toHaveLength(100);
    }
  });

  it('refuse what would take long', () => {
    expect(() => first(parseResponse('200:zgzip:b@1g')).plan()).toThrow(RenderError);
  });
});

describe('several responses', () => {
  it.each([
    ["103:h'Link'='</a>' 200:b'x'", ["103:h'Link'='</a>'", "200:b'x'"]],
    ['ws:101 404', ['ws:101', '404']],
    ['100\n200\t404', ['100', '200', '404']],
    ['102:x3 200', ['102', '102', '102', '200']],
    ['103 ws', ['103', 'ws']],
  ])('%j', (spec, expected) => {
    expect(parseResponse(spec).map((message) => message.spec)).toEqual(expected);
  });
});

describe('rates, pauses, disconnects', () => {
  it.each([
    ['200:wb,2k', '200:wb,2k'],
    ['200:w 0 , 007', '200:w0,7'],
    ['200:p10,0.50', '200:p10,0.5'],
    ['200:p10,2.0', '200:p10,2'],
    ['200:d5,rst', '200:d5,rst'],
    ['200:db+2 , fin', '200:db+2,fin'],
    ['200:d5,rstr', '200:d5,rst:r'],
    ['200:k10,2k:b@5', '200:k10,2k:b@5'],
    ['200:ob+0,"x"', "200:ob,'x'"],
    ['wf:fin:~br:e1,1:wh,9', 'wf:fin:~br:e1,1:wh,9'],
  ])('%j is %j', (written, canonical) => {
    expect(parseResponse(written).map((message) => message.spec)).toEqual([canonical]);
    expect(parseResponse(canonical).map((message) => message.spec)).toEqual([canonical]);
  });

  it('become steps of the plan', () => {
    const { actions } = first(parseResponse(`${plain}:w0,2k:p1,0.5:d2,rst`)).plan();
    expect(actions).toEqual([
      { at: 0, do: 'rate', bytesPerSecond: 2048 },
      { at: 1, do: 'pause', seconds: 0.5 },
      { at: 2, do: 'disconnect', how: 'rst' },
    ]);
  });
});
