import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { parseArguments } from '../../src/options/argv.js';
import { defineOptions } from '../../src/options/define.js';
import type { Arguments } from '../../src/options/argv.js';
import { sample } from './sample.js';
import type { sampleOptions } from './sample.js';

type Sample = Arguments<(typeof sampleOptions)['table']>;

const parse = (line: string | readonly string[]): Sample =>
  parseArguments(sample, [
    'host',
    ...(typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line),
  ]);

describe('what may be written', () => {
  test('nothing: all defaults', () => {
    const { values, operands, given, standalone } = parse('');
    expect(values).toEqual({
      help: false,
      version: false,
      port: 9999,
      address: '127.0.0.1',
      show: false,
      quiet: false,
      random: false,
      http2: true,
      repeat: 1,
      wait: undefined,
      limitSize: undefined,
      limitTime: undefined,
      mode: 'plain',
      anchor: [],
      ignore: new Set(),
      pid: [],
    });
    expect([operands, given.size, standalone]).toEqual([['host'], 0, undefined]);
  });

  test.each<[string, Partial<Sample['values']>, string[]?]>([
    ['--port 80', { port: 80 }],
    ['--port=80', { port: 80 }],
    ['--po 80', { port: 80 }],
    ['--port 80 --port 81', { port: 81 }],
    ['-n 5', { repeat: 5 }],
    ['-n5', { repeat: 5 }],
    ['-n=5', { repeat: 5 }],
    ['-n -1', { repeat: -1 }],
    ['-n-1', { repeat: -1 }],
    ['--repeat -1', { repeat: -1 }],
    ['-qrn 5', { quiet: true, random: true, repeat: 5 }],
    ['-qrn5', { quiet: true, random: true, repeat: 5 }],
    ['-w .5', { wait: 0.5 }],
    ['-w 1e1', { wait: 10 }],
    ['--no-http2', { http2: false }],
    ['--no-h --http2', { http2: true }],
    ['--limit-size 10k', { limitSize: 10240 }],
    ['--limit-s 3', { limitSize: 3 }],
    ['--limit-size 1m', { limitSize: 1048576 }],
    ['--limit-time 3', { limitTime: 3 }],
    ['--mode strict', { mode: 'strict' }],
    ['-a x=1 --anchor y=2 --anchors=z=3', { anchor: ['x=1', 'y=2', 'z=3'] }],
    ['-a -q', { anchor: ['-q'], quiet: false }],
    ['-a --', { anchor: ['--'] }],
    ['-a --help', { anchor: ['--help'], help: false }],
    ['-I 200,404', { ignore: new Set([200, 404]) }],
    ['--pid 3 --pid 4', { pid: [3, 4] }],
    ['--address=', { address: '' }],
    ['--address=a=b', { address: 'a=b' }],
    ['one -q two', { quiet: true }, ['one', 'two']],
    ['-- -q --port', { quiet: false }, ['-q', '--port']],
    ['- -5 -.5 +path', {}, ['-', '-5', '-.5', '+path']],
  ])('%s', (line, values, operands = []) => {
    const read = parse(line);
    expect(read.values).toMatchObject(values);
    expect(read.operands).toEqual(['host', ...operands]);
  });

  test.each<[string, boolean, number, string[]]>([
    ['-p', true, 9999, []],
    ['-p 8080', false, 8080, []],
    ['-p8080', false, 8080, []],
    ['-qp 8080', false, 8080, []],
    ['-qp8080', false, 8080, []],
    ['-p get:/', true, 9999, ['get:/']],
    ['-p 10.0.0.1:80', true, 9999, ['10.0.0.1:80']],
    ['-pq 8080', true, 9999, ['8080']],
    ['-p -p 1', true, 1, []],
    ['--show 8080', true, 9999, ['8080']],
  ])('%s: a flag that gives a whole number to another option', (line, show, port, operands) => {
    const read = parse(line);
    expect([read.values.show, read.values.port, read.operands.slice(1)]).toEqual([show, port, operands]);
  });

  test('reading stops at --help, whatever else is wrong', () => {
    expect(parseArguments(sample, ['--help']).standalone).toBe('help');
    expect(parseArguments(sample, ['-qh', '--bogus']).standalone).toBe('help');
    expect(parseArguments(sample, ['--ver', '--port', 'x']).standalone).toBe('version');
  });

  test('what was given is known', () => {
    expect([...parse('-q --port 9999').given]).toEqual(['quiet', 'port']);
  });
});

describe('what is refused', () => {
  test.each([
    ['--limit-sise 5', 'unknown option --limit-sise, did you mean --limit-size?'],
    ['--limit-sise=5', 'unknown option --limit-sise, did you mean --limit-size?'],
    ['--xyzzy', 'unknown option --xyzzy'],
    ['--limit 5', 'ambiguous option --limit, it could be any of --limit-size, --limit-time'],
    ['-z', 'unknown option -z'],
    ['-qz', 'unknown option -z in -qz'],
    ['-mode strict', 'unknown option -m in -mode, did you mean --mode?'],
    ['--port', '--port needs a value: a whole number from 0 to 65535'],
    ['--port abc', '--port takes a whole number from 0 to 65535, not "abc"'],
    ['--port 65536', '--port takes a whole number from 0 to 65535, not "65536"'],
    ['-p 65536', '--port takes a whole number from 0 to 65535, not "65536"'],
    ['--port 1.5', '--port takes a whole number from 0 to 65535, not "1.5"'],
    ['--port=', '--port takes a whole number from 0 to 65535, not ""'],
    ['-n -2', '--repeat takes a whole number of at least -1, not "-2"'],
    ['-n 9007199254740993', '--repeat takes a whole number of at least -1, not "9007199254740993"'],
    ['-w 0x10', '--wait takes a number of at least 0, not "0x10"'],
    ['-w 1e999', '--wait takes a number of at least 0, not "1e999"'],
    [
      '--limit-size 10x',
      'Invalid size specification. --limit-size takes a whole number of bytes with an optional unit (b, k, m, g, t), not "10x"',
    ],
    ['--mode loose', '--mode takes one of plain, strict, not "loose"'],
    ['--quiet=1', '--quiet takes no value, not even "1"'],
    ['-I 20x', 'Invalid return code specification: 20x'],
  ])('%s', (line, message) => {
    expect(() => parse(line)).toThrow(new OptionError(message));
  });

  test('too few and too many operands', () => {
    expect(() => parseArguments(sample, [])).toThrow(new OptionError('missing argument host: where to connect to'));
    const one = { ...sample, operands: [{ name: 'host', help: '' }] };
    expect(() => parseArguments(one, ['a', 'b c'])).toThrow(new OptionError('unexpected argument "b c"'));
  });
});

test('no command line does anything but be read or be refused in one line', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-p', '-a', '--', '-qrn', '--port', '--limit', '--no-', '-5', '--mode=', 'constructor'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      try {
        parseArguments(sample, argv);
      } catch (error) {
        expect(error).toBeInstanceOf(OptionError);
      }
    }),
  );
});

test('every value that an option takes comes back, whichever way it is written', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('two words', 'equals'), (text, way) => {
      const argv = way === 'equals' ? [`--address=${text}`] : ['--address', text];
      expect(parse(argv).values.address).toBe(text);
    }),
  );
});

describe('flags that are on, names that mean more than one', () => {
  const program = {
    ...{ name: 'program', summary: '', operands: [], usual: new Set(['save-file']) },
    options: defineOptions({
      server: { type: 'boolean', short: 'n', default: true, negatable: true, help: '' },
      saveFile: { type: 'string', help: '' },
      saveFilter: { type: 'string', help: '' },
      save: { type: 'boolean', long: 'saving', inFull: true, help: '' },
    }),
  };

  test('the short form turns off', () => {
    expect(parseArguments(program, ['-n']).values.server).toBe(false);
    expect(parseArguments(program, ['-n', '--server']).values.server).toBe(true);
  });

  test('the beginning of a name means the usual option, and never one that wants its name in full', () => {
    expect(parseArguments(program, ['--sav', 'x']).values.saveFile).toBe('x');
    expect(parseArguments(program, ['--saving']).values.save).toBe(true);
    expect(() => parseArguments(program, ['--savin'])).toThrow('unknown option --savin');
    expect(() => parseArguments({ ...program, usual: new Set() }, ['--save', 'x'])).toThrow(/^ambiguous option --save/);
  });

  test('what was given is told by the names it was given by, each time', () => {
    expect(parseArguments(program, ['-nn', '--no-server', '--save-fil=x']).written).toEqual([
      { key: 'server', name: '-n' },
      { key: 'server', name: '-n' },
      { key: 'server', name: '--no-server' },
      { key: 'saveFile', name: '--save-fil' },
    ]);
  });
});
