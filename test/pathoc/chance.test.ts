import { describe, expect, test } from 'vitest';
import { parseHttp2Requests, parseRequests } from '../../src/language/index.js';
import { noFiles } from '../../src/language/settings.js';
import { generatedLength, leftToChance } from '../../src/pathoc/chance.js';

function chanceIn(spec: string, explained = false): boolean {
  return parseRequests(spec).some((message) => leftToChance(message, noFiles, explained));
}

describe('what is left to chance', () => {
  test.each([
    'get:/:b@1',
    "get:/:h@2='x'",
    'get:/:dr',
    'get:/:pr,1',
    "get:/:ir,'x'",
    'get:/:whr,1k',
    "get:/:obr,'x'",
    'get:/:er,2',
    'get:/:~5',
    'ws:/',
    'wf:mask',
  ])('%s', (spec) => {
    expect(chanceIn(spec)).toBe(true);
  });

  test.each(['get:/', "get:/:b'x':d5", 'get:/:b@0', "get:/:ih+3,'x'", "get:/:ob,'x':e0,1:w0,5", 'wf:-mask:knone'])(
    'nothing of %s',
    (spec) => {
      expect(chanceIn(spec)).toBe(false);
    },
  );

  test('what is embedded counts when it is written out here', () => {
    expect(chanceIn("get:/:s'200:~3'")).toBe(false);
    expect(chanceIn("get:/:s'200:~3'", true)).toBe(true);
    const [overHttp2] = parseHttp2Requests("get:/:s'200:b@5'");
    expect(overHttp2 && leftToChance(overHttp2, noFiles, true)).toBe(true);
  });

  test('generated data is counted by bytes', () => {
    expect(parseRequests('get:/:b@10:h@3=@4').map(generatedLength)).toEqual([17]);
  });
});
