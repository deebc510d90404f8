import { describe, expect, it } from 'vitest';
import { readFlatYaml } from '../../../src/proxy/dump/flat-yaml.js';

describe('flat YAML', () => {
  it.each([
    ['', {}],
    ['# nothing\n---\n\n...\n', {}],
    ['listen_port: 8080', { listen_port: '8080' }],
    ['a: x\r\nb: y', { a: 'x', b: 'y' }],
    ['\ufeffa: True # yes\n"b": false', { a: 'true', b: 'false' }],
    ['a:\nb: ~\nc: null\nd: # none', { a: null, b: null, c: null, d: null }],
    [`a: "x: \\"y\\" # z"\nb: 'it''s'`, { a: 'x: "y" # z', b: "it's" }],
    ['a: reverse:https://example.com#top', { a: 'reverse:https://example.com#top' }],
    ['a:\n- x\n- "y z" # two\n\n# between\n  - ~u /a\nb: 1', { a: ['x', 'y z', '~u /a'], b: '1' }],
    ['a: []\nb: [x, "y, z" , \'w\'] # three', { a: [], b: ['x', 'y, z', 'w'] }],
    ['a: -1\nb: -\x20', { a: '-1' }],
  ])('%j', (text, values) => {
    const read = (): unknown => Object.fromEntries(readFlatYaml(text));
    if (text.endsWith('- ')) expect(read).toThrow('line 2: this is more than a text');
    else expect(read()).toEqual(values);
  });

  it.each([
    ['a', 'line 1: this is not `name: value`'],
    ['a: 1\na: 2', 'line 2: a stands twice'],
    ['- x', 'line 1: an item of a list stands without a name'],
    ['a: 1\n- x', 'line 2: an item of a list stands without a name'],
    ['a:\n-', 'line 2: an item of a list is empty'],
    ['a: |\n  text', 'line 1: this is more than a text, a number, a flag or a list'],
    ['a: {b: 1}', 'line 1: this is more than a text, a number, a flag or a list'],
    ['a: &x 1', 'line 1: this is more than a text, a number, a flag or a list'],
    ['a: b: c', 'line 1: this is more than a text, a number, a flag or a list'],
    ['a:\n  b: 1', 'line 2: this is not `name: value`'],
    ['a: "x', 'line 1: these quotes are not closed'],
    ["a: 'x' y", 'line 1: these quotes are not closed'],
    ['a: "\\e"', 'line 1: these quotes hold an escape that is not known here'],
    ['a: [x', 'line 1: this list is not closed'],
    ['a: [x] y', 'line 1: something stands behind the list'],
  ])('refuses %j', (text, message) => {
    expect(() => readFlatYaml(text)).toThrow(message);
  });
});
