import { describe, expect, it } from 'vitest';
import { RenderError, SpecError } from '../../src/errors.js';
import { describeHttp2Frame } from '../../src/wire/describe-http2-frame.js';
import { HpackDecoder } from '../../src/wire/hpack-decoder.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import type { Http2Frame } from '../../src/wire/http2-frames.js';
import {
  Http2FrameMessage,
  parseFrames,
  parseHttp2Requests,
  parseHttp2Response,
  parseHttp2ResponseSequence,
  parseRequests,
  parseResponse,
  render,
  steps,
} from '../kit/language.js';
import type { Settings } from '../kit/language.js';

const onStream5: Settings = { seed: 1, streamId: 5 };

function frame(spec: string, client = false): Http2FrameMessage {
  const [message] = client ? parseHttp2Requests(spec) : parseHttp2Response(spec);
  if (!(message instanceof Http2FrameMessage)) throw new Error('no raw frame');
  return message;
}

async function framesOf(spec: string, settings = onStream5, client = false): Promise<Http2Frame[]> {
  const reader = new Http2FrameReader({ maximumFrameSize: 0xffffff });
  reader.receive(await render(frame(spec, client), settings));
  const frames: Http2Frame[] = [];
  for (let next = reader.next(); next; next = reader.next()) frames.push(next);
  return frames;
}

async function told(spec: string, settings = onStream5, client = false): Promise<string> {
  return (await framesOf(spec, settings, client)).map(describeHttp2Frame).join(', ');
}

async function hex(spec: string): Promise<string> {
  return (await render(frame(spec), onStream5)).toString('hex');
}

describe('a raw frame', () => {
  it.each([
    ['h2f', 'data stream=5 0b'],
    ['h2f:bhello:end_stream', 'data:end_stream stream=5 5b'],
    ['h2f:theaders', 'headers:end_headers stream=5 0b'],
    ['h2f:tHeaders:-end_headers', 'headers stream=5 0b'],
    ['h2f:theaders:fend_stream:f-end_headers', 'headers:end_stream stream=5 0b'],
    ['h2f:theaders:f0', 'headers stream=5 0b'],
    ['h2f:theaders:f0x40:end_stream', 'headers:end_stream|0x40 stream=5 0b'],
    ['h2f:tping', 'ping stream=0 8b 0000000000000000'],
    ["h2f:tping:ack:b'12345678'", 'ping:ack stream=0 8b 3132333435363738'],
    ['h2f:tping:s+0', 'ping stream=5 8b (PING is on stream 5, not on stream 0)'],
    ['h2f:trst_stream', 'rst_stream stream=5 4b cancel'],
    ['h2f:trst_stream:cno_error:s-2', 'rst_stream stream=3 4b no_error'],
    ['h2f:tgoaway', 'goaway stream=0 8b last=5 no_error'],
    ["h2f:tgoaway:last1:cenhance_your_calm:b'why'", "goaway stream=0 11b last=1 enhance_your_calm b'why'"],
    ['h2f:tsettings', 'settings stream=0 0b'],
    ['h2f:tsettings:initial_window_size=0:0x99=7', 'settings stream=0 12b initial_window_size=0 0x99=7'],
    ['h2f:twindow_update', 'window_update stream=5 4b +65535'],
    ['h2f:twindow_update:s0:increment1', 'window_update stream=0 4b +1'],
    ['h2f:tpush_promise', 'push_promise:end_headers stream=5 4b promised=2'],
    ['h2f:tpush_promise:promise+3', 'push_promise:end_headers stream=5 4b promised=8'],
    ['h2f:tpriority', 'priority stream=5 5b'],
    ['h2f:tcontinuation', 'continuation:end_headers stream=5 0b'],
    ['h2f:t0x42:b@3', '0x42 stream=5 3b'],
    ['h2f:t6', 'ping stream=0 8b 0000000000000000'],
    ['h2f:s2147483647:reserved', 'data stream=2147483647 reserved 0b'],
    ['h2f:snew', 'data stream=2 0b'],
    ["h2f:tdata:b'x':pad5", 'data:padded stream=5 7b'],
    ["h2f:tdata:b'x':pad0,200", 'data:padded stream=5 2b (DATA of 2 bytes claims 200 bytes of padding)'],
    ["h2f:tdata:b'x':pad5:-padded", 'data stream=5 7b'],
    ['h2f:theaders:weight16', 'headers:end_headers|priority stream=5 5b'],
    ["h2f:tping:r'abc'", 'ping stream=0 3b (PING has a payload of 3 bytes, not 8)'],
    ["h2f:trst_stream:b'more'", 'rst_stream stream=5 8b (RST_STREAM has a payload of 8 bytes, not 4)'],
  ])('%s is %s', async (spec, line) => {
    expect(await told(spec)).toBe(line);
  });

  it('has the parts of its payload in the order of RFC 9113', async () => {
    const payload = "h2f:theaders:f0:depends3:exclusive:weight256:pad2,9:h':status'='200':b'!'";
    expect(await hex(payload)).toBe(`00000a0100${'00000005'}${'09'}${'80000003ff'}${'88'}${'21'}${'0000'}`);
  });

  it('claims the length that it is told to, and only that', async () => {
    expect(await hex("h2f:l16777215:b'abc'")).toBe(`ffffff0000${'00000005'}616263`);
    expect(() => frame('h2f:b@16m').plan(onStream5)).toThrow(RenderError);
    expect(frame('h2f:b@16m:l5').length(onStream5)).toBe(9 + 16 * 1024 * 1024);
  });

  it('of a client opens the streams of a client', async () => {
    expect(await told('h2f:theaders:snew', onStream5, true)).toContain('stream=7');
    expect(await told('h2f:theaders:snew', { streamId: 5, nextStreamId: 11 }, true)).toContain('stream=11');
    expect(await told('h2f:tgoaway', onStream5, true)).toContain('last=0');
  });

  it('tells what sessions must know of it', () => {
    const { type, flags, opensStream, endsStream, onStreamInHand } = frame('h2f:theaders:end_stream');
    expect({ type, flags, opensStream, endsStream, onStreamInHand }).toEqual({
      type: 1,
      flags: 5,
      opensStream: true,
      endsStream: true,
      onStreamInHand: true,
    });
    expect(frame('h2f:theaders:k1').flags).toBe(0);
    expect(frame('h2f:tping').onStreamInHand).toBe(false);
    expect(frame('h2f:tpush_promise').promisesNextStream).toBe(true);
    expect(frame('h2f:tpush_promise:promise4').promisesNextStream).toBe(false);
    expect(frame('h2f:snew').opensNextStream).toBe(true);
    expect(frame('h2f:s+2').streamId({ streamId: 5 })).toBe(7);
    expect(() => frame('h2f:s-7').streamId({ streamId: 5 })).toThrow(RenderError);
    expect(() => frame('h2f:s+2147483647').streamId({ streamId: 5 })).toThrow('there is no stream 2147483652');
  });

  it('does things at offsets, which count from its header', () => {
    const plan = frame("h2f:tping:p9,0.5:ib,'x':da:o3,'Y':~8").plan(onStream5);
    const done = [...steps(plan)].map((step) => (step.do === 'write' ? step.bytes.length : step.do));
    expect(done).toEqual([9, 'pause', 1, 8, 'disconnect']);
    expect(frame('h2f:tping:db').resolve(onStream5).spec).toBe('h2f:tping:d9');
  });
});

describe('a header block', () => {
  async function block(spec: string): Promise<string> {
    const [only] = await framesOf(`h2f:theaders:${spec}`);
    return only?.payload.toString('hex') ?? '';
  }

  it.each([
    ["h':status'='200'", '88', 'an index of the static table'],
    ["h':status'='200',without,plain", '0803323030', 'without indexing, though a table has it'],
    ["h'a'='b'", '0001610162', 'without indexing'],
    ["h'a'='b',never", '1001610162', 'never indexed'],
    ["h'a'='b',incremental", '4001610162', 'with incremental indexing'],
    ["h'a'='b',huffman", '00811f818f', 'in the Huffman code'],
    ["h'www.example.com'=''", '008cf1e3c2e5f23a6ba0ab90f4ff00', 'in the Huffman code where it is shorter'],
    ["h'www.example.com'='',plain", '000f7777772e6578616d706c652e636f6d00', 'plain'],
    ["h':path'='x',plain", '040178', 'with the name by index'],
    ["h':path'='x',literal,plain", '00053a706174680178', 'with the name in letters'],
    ["h62='x',plain", '0f2f0178', 'with a name that no table has'],
    ["h':status'='200',literal,plain", '00073a73746174757303323030', 'in letters, though a table has it'],
    ['index62', 'be', 'an index that no table has'],
    ['index0', '80', 'the index that there is not'],
    ['table4096', '3fe11f', 'a table size update'],
    ["h':path'='x',plain,overlong2", '040178', 'over-long where an integer does not fit its prefix'],
    ["index127:b'\\xff'", 'ff00ff', 'bytes behind the fields'],
  ])('%s is %s: %s', async (spec, bytes) => {
    expect(await block(spec)).toBe(bytes);
  });

  it('makes no dynamic table unless it is told to', async () => {
    const decoder = new HpackDecoder();
    for (const [spec, size] of [
      ["h'a'='b':h':path'='/x':h'cookie'='c',never", 0],
      ["h'a'='b',incremental", 34],
    ] as const) {
      const [only] = await framesOf(`h2f:theaders:${spec}`);
      decoder.decode(only?.payload ?? Buffer.alloc(0));
      expect(decoder.tableSize).toBe(size);
    }
  });

  it('is split over CONTINUATION frames, at each byte if need be', async () => {
    const frames = await framesOf("h2f:theaders:h':status'='200':h'a'='b':k1:end_stream");
    expect(frames.map(describeHttp2Frame)).toEqual([
      'headers:end_stream stream=5 1b',
      ...new Array<string>(4).fill('continuation stream=5 1b'),
      'continuation:end_headers stream=5 1b',
    ]);
    expect(Buffer.concat(frames.map(({ payload }) => payload)).toString('hex')).toBe('880001610162');
  });

  it.each([
    ['k2,3', 'headers 2, continuation 3, continuation:end_headers 1'],
    ['k2:-end_headers', 'headers 2, continuation 2, continuation 2'],
    ['k3:end_headers', 'headers:end_headers 3, continuation:end_headers 3'],
    ['k6', 'headers:end_headers 6'],
    ['k6:pad3', 'headers:end_headers|padded 10'],
    ['k3:f0x1', 'headers:end_stream 3, continuation:end_headers 3'],
  ])('split by %s is %s', async (clauses, lines) => {
    const frames = await framesOf(`h2f:theaders:h':status'='200':h'a'='b':${clauses}`);
    const short = frames.map(describeHttp2Frame).map((line) => line.replace(/ stream=5 (\d+)b.*/, ' $1'));
    expect(short.join(', ')).toBe(lines);
  });

  it('too long to be split is refused', () => {
    expect(() => frame('h2f:theaders:b@2m:k1').plan(onStream5)).toThrow(RenderError);
    expect(() => frame("h2f:theaders:h'a'=@1g").plan(onStream5)).toThrow(RenderError);
  });
});

describe('a group', () => {
  it('is counted, not written out', () => {
    const storm = parseHttp2ResponseSequence('(h2f:theaders:snew h2f:trst_stream):x500000');
    expect(storm.length).toBe(1_000_000);
    expect(storm.runs).toHaveLength(1);
    expect(storm.runs[0]?.messages).toHaveLength(2);
    expect(storm.spec).toBe('(h2f:theaders:snew h2f:trst_stream):x500000');
  });

  it.each([
    ['(h2f:tping):x3', 'h2f:tping:x3'],
    ['( h2f:tping:x2 200 )x2', '(h2f:tping:x2 200):x2'],
    ['(200:bx ) : x2 (h2f)', '200:bx:x2 h2f'],
    ['200:x2 h2f:x0', '200:x2'],
    ['(h2f:tping)200 ', undefined],
  ])('%s reads as %s', (spec, canonical) => {
    if (canonical === undefined) expect(() => parseHttp2ResponseSequence(spec)).toThrow('white space must stand');
    else expect(parseHttp2ResponseSequence(spec).spec).toBe(canonical);
  });

  it('is bounded', () => {
    for (const spec of ['(h2f h2f):x500001', 'h2f:x1000001', '(h2f:x600000 h2f:x600000)', 'h2f:x600000 h2f:x600000'])
      expect(() => parseHttp2Response(spec), spec).toThrow(SpecError);
  });
});

describe('a mistake', () => {
  it.each([
    ['h2f:tpnig', 5, 'there is no frame type "pnig"; did you mean ping?'],
    ['h2f:ping', 4, '"ping" is not known here; did you mean tping?'],
    ['h2f:trst_stream:cancel', 16, '"cancel" is not known here; did you mean ccancel?'],
    ['h2f:tgoaway:cprotocl_error', 13, 'there is no error code "protocl_error"; did you mean protocol_error?'],
    ['h2f:end_strem', 4, '"end_strem" is not known here; did you mean end_stream?'],
    ['h2f:tsettings:max_frame=1', 14, 'there is no setting "max_frame"'],
    [
      'h2f:tsettings:initial_windw_size=0',
      14,
      'there is no setting "initial_windw_size"; did you mean initial_window_size?',
    ],
    ['h2f:t256', 5, 'a frame type must be a number from 0 to 255'],
    ['h2f:l16777216', 5, 'a frame length must be a number from 0 to 16777215'],
    ['h2f:pad256', 7, 'the length of padding must be a number from 0 to 255'],
    ['h2f:weight0', 10, 'a weight must be a number from 1 to 256'],
    ['h2f:s2147483648', 5, "a stream id can't exceed 2147483647"],
    ['h2f:tping:tping', 10, 'Message has multiple type clauses, but should only have one.'],
    ["h2f:b'x':r'y'", 9, 'Message has multiple body clauses, but should only have one.'],
    ['(h2f:tping', 0, 'this group is never closed; white space ends a word before )'],
    ['(200:bx)', 0, 'this group is never closed; white space ends a word before )'],
    ['h2f:tping)', 9, 'no group is open here'],
    ['(h2f (h2f))', 5, 'a group cannot hold another'],
    ['()', 1, 'a group must hold a message'],
    ['wf:b"x"', 0, 'WebSocket messages go over HTTP/1 only'],
    ['200:d0', 4, '"d0" cannot stand here in a response over HTTP/2; dOFFSET[,rst|,fin] belongs in a raw frame (h2f)'],
    ["200:m'x'", 4, '"m" cannot stand here in a response over HTTP/2; mVALUE belongs in a response over HTTP/1'],
  ])('%s at %i: %s', (spec, offset, message) => {
    const error = errorOf(() => parseHttp2Response(spec));
    expect({ offset: error.offset, message: error.message }).toEqual({ offset, message });
  });

  it.each([
    ['options:/', "did you mean 'OPTIONS'?"],
    ['get:/ ws:/', 'WebSocket'],
  ])('%s in a request says %s', (spec, message) => {
    expect(errorOf(() => parseHttp2Requests(spec)).message).toContain(message);
  });

  it.each([
    [() => parseResponse('h2f:tping'), 0],
    [() => parseResponse('200 h2f'), 4],
    [() => parseResponse('(h2f:tping):x3'), 0],
    [() => parseRequests('get:/ h2f:trst_stream'), 6],
    [() => parseFrames('h2f'), 0],
  ])('says that raw frames are no HTTP/1: %s', (parse, offset) => {
    const error = errorOf(parse);
    expect({ offset: error.offset, message: error.message }).toEqual({
      offset,
      message: 'raw HTTP/2 frames (h2f) need an HTTP/2 connection',
    });
  });
});

function errorOf(action: () => unknown): SpecError {
  try {
    action();
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error('no error');
}
