import { describe, expect, it } from 'vitest';
import { SpecError } from '../../src/errors.js';
import { faults, parseRequests, parseResponse, Random } from '../kit/language.js';

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

  it.each(['fault:EMPTY_RESPONSE', ' fault : emptyResponse ', 'fault:empty-response'])(
    'takes the name as other tools write it: %j',
    (spec) => {
      expect(parseResponse(spec)[0]?.spec).toBe('200:d0');
    },
  );

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
