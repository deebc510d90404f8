import type { Har } from 'har-format';
import { describe, expect, it } from 'vitest';
import { FlowFileError } from '../../../src/errors.js';
import type { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { harOf } from '../../../src/proxy/storage/har-export.js';
import { flowsOfHar } from '../../../src/proxy/storage/har-import.js';
import { harViolations } from './har-violations.js';
import { flowsIn, ownFlows, recording, recordings } from './sample-flows.js';

/** What an archive keeps of a flow. */
function kept({ request, response, error, websocket, comment }: HttpFlow): unknown {
  return {
    method: request.method,
    url: request.prettyUrl,
    version: request.httpVersion,
    headers: [...request.headers],
    body: request.getContent(false)?.toString('hex'),
    status: response?.statusCode,
    reason: response?.reason,
    answered: response && [...response.headers],
    answer: response?.getContent(false)?.toString('hex'),
    error: error?.message,
    messages: websocket?.messages,
    comment,
    start: Math.floor(request.timestampStart * 1000),
  };
}

function there(flows: readonly HttpFlow[]): readonly HttpFlow[] {
  return flowsOfHar(JSON.stringify(harOf(flows)));
}

describe('an HTTP archive', () => {
  it.each(recordings)('of %s gives back the flows', (name) => {
    const flows = flowsIn(recording(name)).filter((flow) => flow.type === 'http');
    const wanted = flows.filter((flow) => flow.response !== undefined || flow.error !== undefined);
    expect(there(wanted).map(kept)).toEqual(wanted.map(kept));
  });

  it.each([...recordings, 'those made here'])('of %s has all that the format demands', (name) => {
    const flows = recordings.includes(name) ? flowsIn(recording(name)) : ownFlows();
    // Read as a reader has it, with the types of the format.
    const archive = JSON.parse(JSON.stringify(harOf(flows))) as Har;
    expect(archive.log.entries).toHaveLength(flows.filter(({ type }) => type === 'http').length);
    expect(harViolations(archive)).toEqual([]);
  });

  it('has a place for times that are none', () => {
    const [flow] = ownFlows();
    if (flow?.type !== 'http') throw new Error('there is no flow');
    for (const timestampStart of [Number.NaN, Infinity, -1e300]) {
      flow.request.timestampStart = timestampStart;
      expect(harOf([flow]).log.entries[0]?.startedDateTime).toBe('1970-01-01T00:00:00.000Z');
    }
  });

  it('has what network panels look at', () => {
    const [plain, failed, talk] = harOf(ownFlows()).log.entries;
    expect(plain).toMatchObject({
      startedDateTime: '2023-11-14T22:13:20.000Z',
      request: {
        method: 'POST',
        url: 'http://a.test:8080/p?q=%C3%A9#x',
        httpVersion: 'HTTP/1.1',
        queryString: [{ name: 'q', value: 'é' }],
        postData: { text: 'body' },
        bodySize: 4,
      },
      response: {
        status: 203,
        cookies: [
          { name: 'a', value: 'b' },
          { name: 'c', value: 'd' },
        ],
        content: { size: 6, text: 'answer' },
      },
      comment: 'näher ansehen',
    });
    expect(failed?.response).toMatchObject({ status: 0, _error: 'it failed' });
    expect(talk).toMatchObject({
      request: { url: 'ws://c.test/chat' },
      _resourceType: 'websocket',
      _webSocketMessages: [
        { type: 'send', opcode: 1, data: 'hé', time: 1700000002 },
        { type: 'receive', opcode: 2, data: 'AP8=' },
      ],
    });
  });

  it('of a browser is read with its own ways', () => {
    const [flow] = flowsOfHar(
      JSON.stringify({
        log: {
          entries: [
            {
              startedDateTime: '2024-01-02T03:04:05.678+01:00',
              serverIPAddress: '[::1]',
              timings: { send: 1, wait: 2.5, receive: -1 },
              request: {
                method: 'GET',
                url: 'https://e.test/ü',
                httpVersion: 'h2',
                headers: [
                  { name: ':method', value: 'GET' },
                  { name: 'accept', value: '*/*' },
                ],
              },
              response: {
                status: 200,
                httpVersion: 'h3',
                headers: [{ name: 'content-encoding', value: 'br' }],
                content: { size: 2, text: 'aGk=', encoding: 'base64' },
              },
            },
          ],
        },
      }),
    );
    expect(flow?.request.url).toBe('https://e.test/%C3%BC');
    expect(flow?.request.authority).toBe('e.test');
    expect([...(flow?.request.headers ?? [])]).toEqual([['accept', '*/*']]);
    expect(flow?.response).toMatchObject({ httpVersion: 'HTTP/3', text: 'hi' });
    expect(flow?.serverConn.peername).toEqual(['::1', 443]);
    expect(flow?.request.timestampStart).toBeCloseTo(1704161045.678, 6);
    expect(flow?.response?.timestampStart).toBeCloseTo(1704161045.6815, 6);
  });

  it.each([
    ['{', /no HTTP archive/],
    ['{"log":{}}', /no log.entries/],
    ['{"log":{"entries":[{}]}}', /entry 0 .* no request/],
    ['{"log":{"entries":[{"request":{"method":"GET","url":"/x"}}]}}', /entry 0/],
  ])('that is none is refused: %s', (text, message) => {
    expect(() => flowsOfHar(text)).toThrow(FlowFileError);
    expect(() => flowsOfHar(text)).toThrow(message);
  });
});
