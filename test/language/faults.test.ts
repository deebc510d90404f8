import { describe, expect, it } from 'vitest';
import { SpecError } from '../../src/errors.js';
import type { ParseOptions } from '../../src/language/index.js';
import {
  faults,
  parseHttp2Requests,
  parseHttp2Response,
  parseRequests,
  parseResponse,
  Random,
  render,
} from '../kit/language.js';

describe('fault:NAME', () => {
  it.each(faults.map(({ name, spec }) => [name, spec]))('%s stands for a spec that can be sent', (name, spec) => {
    const messages = parseResponse(`fault:${name}`);
    const same = parseResponse(spec);
    expect(messages).toHaveLength(same.length);
    // There may be a million, of few kinds.
    const kinds = new Set(messages);
    expect([...kinds].map((message) => message.spec)).toEqual([...new Set(same)].map((message) => message.spec));
    for (const message of kinds) message.plan({ random: Random.fromSeed(1) });
  });

  it('has each name once, and a line of help', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    for (const { help } of faults) expect(help).toMatch(/^[^\n]+\.$/);
  });

  it.each([
    'fault:EMPTY_RESPONSE',
    'FAULT:empty_response',
    'Fault:empty_response',
    ' fault : emptyResponse ',
    'fault:empty-response',
  ])('takes the name as other tools write it: %j', (spec) => {
    expect(parseResponse(spec)[0]?.spec).toBe('200:d0');
  });

  const catalogues = {
    WireMock: [
      'EMPTY_RESPONSE',
      'MALFORMED_RESPONSE_CHUNK',
      'RANDOM_DATA_THEN_CLOSE',
      'CONNECTION_RESET_BY_PEER',
      'fixedDelay',
      'chunkedDribbleDelay',
    ],
    Toxiproxy: ['latency', 'bandwidth', 'slow_close', 'timeout', 'reset_peer', 'slicer', 'limit_data', 'down'],
    mockttp: ['thenCloseConnection', 'thenResetConnection', 'thenTimeout', 'delay'],
    mountebank: ['CONNECTION_RESET_BY_PEER', 'RANDOM_DATA_THEN_CLOSE'],
  };
  it.each(Object.entries(catalogues).flatMap(([tool, words]) => words.map((word) => [tool, word])))(
    'has the word that %s uses: %s',
    (_tool, word) => {
      expect(parseResponse(`fault:${word}`).length).toBeGreaterThan(0);
    },
  );

  it('takes faults of your own, which come first', () => {
    const own = { 'my fault': '404', latency: '200:p0,9' };
    expect(parseResponse('fault:my fault', { faults: own })[0]?.spec).toBe('404');
    expect(parseResponse('fault:latency', { faults: own })[0]?.spec).toBe('200:p0,9');
  });

  it('tells a name that is not known, with the one that was meant', () => {
    const error = errorOf(() => parseResponse('fault:emtpy_response'));
    expect([error.offset, error.suggestion]).toEqual([6, 'empty_response']);
    expect(errorOf(() => parseResponse('fault:')).message).toContain('needs a name');
    expect(errorOf(() => parseResponse('fault:toString')).message).toContain('no fault');
  });

  it('tells that nothing may stand behind a name', () => {
    const error = errorOf(() => parseResponse("fault:latency:b'x'"));
    expect(error.message).toContain('nothing may stand behind fault:latency');
    expect(error.offset).toBe('fault:latency'.length);
    expect(errorOf(() => parseResponse('fault:Latency 200')).message).toContain('nothing may stand behind');
    expect(errorOf(() => parseResponse('fault:latency2')).message).toContain('did you mean latency?');
  });

  it('says of what is no name that it stands alone', () => {
    for (const spec of ["fault:flaky:b'x'", 'fault:flaky 200', 'fault:flaky : x']) {
      const { message } = errorOf(() => parseResponse(spec));
      expect(message).toContain('no fault is called "flaky", and a fault takes no clauses and stands alone');
    }
    const stands = 'a fault cannot stand in a sequence';
    expect(errorOf(() => parseResponse('200 fault:flaky'))).toMatchObject({ offset: 4 });
    expect(errorOf(() => parseResponse('200 fault:flaky')).message).toContain(stands);
    expect(errorOf(() => parseHttp2Response('200 fault:flaky')).message).toContain(stands);
    expect(errorOf(() => parseHttp2Response('h2f:tping fault:flaky')).message).toContain(stands);
    expect(errorOf(() => parseRequests('fault:flaky')).message).toContain('pathod serves');
    expect(errorOf(() => parseResponse('200 wf')).message).toContain('(wf) cannot follow a response');
    expect(errorOf(() => parseResponse('200:w0,0')).message).toContain('a rate must be at least 1');
  });

  it('may stand for another, but not for itself', () => {
    const own = { a: 'fault:b', b: ' FAULT : Latency', c: 'fault:d', d: 'fault:c', latency: 'fault:latency' };
    expect(parseResponse('fault:c', { faults: { c: 'fault:down' } })[0]?.spec).toBe('200:d0');
    expect(errorOf(() => parseResponse('fault:a', { faults: own })).message).toContain('latency, latency');
    expect(errorOf(() => parseHttp2Response('fault:c', { faults: own })).message).toContain('c, d, c');
  });

  it('has other specs over HTTP/2', () => {
    for (const { name, http2 } of faults) {
      if (http2 === undefined) expect(() => parseHttp2Response(`fault:${name}`)).toThrow('exists only over HTTP/1');
      else {
        const kinds = new Set(parseHttp2Response(`fault:${name}`));
        expect([...kinds].map(({ spec }) => spec)).toEqual(
          [...new Set(parseHttp2Response(http2))].map(({ spec }) => spec),
        );
      }
    }
  });

  it.each([null, new Map(), [], 'x', { name: 1 }])('takes an object of names and specs only: %s', (given) => {
    // As those give it who have no types.
    const options = { faults: given } as unknown as ParseOptions;
    expect(() => parseResponse('200', options)).toThrow(TypeError);
    expect(() => parseHttp2Response('fault:down', options)).toThrow('{ NAME: SPEC }');
  });

  it('stands in a request, as several responses do', async () => {
    const line = async (spec: string): Promise<string> => {
      const [request] = parseRequests(spec);
      if (!request) throw new Error('no request');
      expect(parseRequests(request.spec)[0]?.spec).toBe(request.spec);
      return (await render(request)).toString('latin1').split('\r\n', 1).join('');
    };
    expect(await line(`get:/p/:s'103 200:b"x y%"'`)).toBe("GET /p/103%20200:b'x%20y%25' HTTP/1.1");
    expect(await line("get:/p/:s'102:r:x9 200'")).toBe('GET /p/102:r:x9%20200 HTTP/1.1');
    expect(await line("get:/p/:s'FAULT:down'")).toBe('GET /p/200:d0 HTTP/1.1');
    // What the ancestor took keeps its bytes.
    expect(await line(`get:/p/:s'200:b"x y%"'`)).toBe("GET /p/200:b'x y%' HTTP/1.1");
    const [request] = parseRequests("get:/p/:s'200:b@2 200:b@3'");
    const frozen = request?.freeze({ seed: 1 });
    expect(frozen?.spec).toBe(parseRequests(frozen?.spec ?? '')[0]?.spec);
    expect(frozen?.spec).not.toContain('@');
    expect(() => parseRequests("get:/p/:s'200 wf'")).toThrow(SpecError);
    expect(parseHttp2Requests("get:/p/:s'fault:down'")[0]?.spec).toContain("s'fault:down'");
    expect(() => parseHttp2Requests("get:/p/:s'fault:bare_lf'")).toThrow('exists only over HTTP/1');
  });

  it('names the fault when its spec has a mistake', () => {
    const error = errorOf(() => parseResponse('fault:mine', { faults: { mine: '200:q' } }));
    expect([error.source, error.spec, error.offset]).toEqual(['fault:mine', '200:q', 4]);
  });

  it('is no request', () => {
    expect(() => parseRequests('fault:latency')).toThrow(SpecError);
  });
});

function errorOf(parse: () => unknown): SpecError {
  try {
    parse();
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
