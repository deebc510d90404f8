import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { checkOptions } from '../../src/options/check.js';
import type { InputOf } from '../../src/options/define.js';
import { sampleOptions } from './sample.js';

describe('options given by code', () => {
  test('are completed by the defaults; undefined is not given', () => {
    expect(checkOptions(sampleOptions)).toMatchObject({ port: 9999, anchor: [], ignore: new Set(), wait: undefined });
    expect(checkOptions(sampleOptions, { port: undefined, quiet: true })).toMatchObject({ port: 9999, quiet: true });
  });

  test('may be parsed already, or text', () => {
    const ignore = new Set([500]);
    expect(checkOptions(sampleOptions, { ignore, limitSize: '1k', anchor: ['a=b'] })).toMatchObject({
      ignore,
      limitSize: 1024,
      anchor: ['a=b'],
    });
    expect(checkOptions(sampleOptions, { ignore: '1,2', limitSize: 5 })).toMatchObject({
      ignore: new Set([1, 2]),
      limitSize: 5,
    });
  });

  test.each<[unknown, string]>([
    [{ prot: 1 }, 'unknown option prot, did you mean port?'],
    [{ limitsize: 1 }, 'unknown option limitsize, did you mean limitSize?'],
    [{ help: true }, 'unknown option help'],
    [{ pid: [1] }, 'unknown option pid'],
    [{ port: '80' }, 'port takes a whole number from 0 to 65535, not "80"'],
    [{ port: 1.5 }, 'port takes a whole number from 0 to 65535, not 1.5'],
    [{ port: NaN }, 'port takes a whole number from 0 to 65535, not NaN'],
    [{ wait: Infinity }, 'wait takes a number of at least 0, not Infinity'],
    [{ port: null }, 'port takes a whole number from 0 to 65535, not null'],
    [{ quiet: 1 }, 'quiet takes true or false, not 1'],
    [{ mode: 'x' }, 'mode takes one of plain, strict, not "x"'],
    [{ address: 5 }, 'address takes text, not 5'],
    [{ anchor: 'a=b' }, 'anchor takes a list of texts, not "a=b"'],
    [{ anchor: [1] }, 'anchor takes a list of texts, not 1'],
    [
      { limitSize: -1 },
      'Invalid size specification. limitSize takes a whole number of bytes with an optional unit (b, k, m, g, t), not -1',
    ],
    [{ ignore: 'x' }, 'Invalid return code specification: x'],
  ])('are checked: %j', (input, message) => {
    // A caller without TypeScript may give anything.
    expect(() => checkOptions(sampleOptions, input as InputOf<typeof sampleOptions>)).toThrow(new OptionError(message));
  });
});
