import { describe, expect, it } from 'vitest';
import { parseHttp2Requests, parseHttp2Response, StreamIds } from '../kit/language.js';

/** The streams that the messages of a spec are sent on, requests opening theirs. */
function streamsOf(spec: string, side: 'client' | 'server'): number[] {
  const ids = side === 'client' ? new StreamIds(undefined, 1) : new StreamIds(7, 2);
  const messages = side === 'client' ? parseHttp2Requests(spec) : parseHttp2Response(spec);
  return messages.map((message) => {
    if (message.kind === 'http2-request') return ids.open();
    const { streamId = 0 } = ids.settings();
    const id = message.kind === 'http2-frame' ? message.streamId(ids.settings()) : streamId;
    ids.sent(message);
    return id;
  });
}

describe('the streams of a client', () => {
  it.each([
    ['get:/ get:/ h2f:trst_stream', [1, 3, 3]],
    ['h2f:tping h2f:theaders h2f:tdata get:/', [0, 1, 1, 3]],
    ['get:/ h2f:theaders:snew h2f:trst_stream get:/', [1, 3, 3, 5]],
    ['(h2f:theaders:snew h2f:trst_stream):x3', [1, 1, 3, 3, 5, 5]],
    ['get:/ h2f:theaders:s9 get:/', [1, 9, 11]],
    ['get:/ h2f:theaders:s2 get:/', [1, 2, 3]],
    ['get:/ h2f:s+4 h2f:s-1 h2f', [1, 5, 0, 1]],
  ])('%s are %j', (spec, ids) => {
    expect(streamsOf(spec, 'client')).toEqual(ids);
  });
});

describe('the streams of a server', () => {
  it.each([
    ['200 h2f:tgoaway h2f:trst_stream', [7, 0, 7]],
    ['h2f:tpush_promise h2f:theaders:s2 h2f:tpush_promise 200', [7, 2, 7, 7]],
    ['h2f:theaders:snew h2f:tdata:end_stream h2f:snew', [2, 7, 4]],
  ])('%s are %j', (spec, ids) => {
    expect(streamsOf(spec, 'server')).toEqual(ids);
  });

  it('are promised one after the other', () => {
    const ids = new StreamIds(7, 2);
    const promised = parseHttp2Response('h2f:tpush_promise:x3').map((message) => {
      const { next } = ids;
      ids.sent(message);
      return next;
    });
    expect(promised).toEqual([2, 4, 6]);
  });
});
