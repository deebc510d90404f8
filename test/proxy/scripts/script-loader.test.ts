import { describe, expect, it } from 'vitest';
import type { Option } from '../../../src/options/define.js';
import type { Command } from '../../../src/proxy/hooks/command.js';
import { scriptLoader } from '../../../src/proxy/scripts/script-loader.js';

function declared(): {
  options: Record<string, Option>;
  commands: Record<string, Command>;
  loader: ReturnType<typeof scriptLoader>;
} {
  const options: Record<string, Option> = {};
  const commands: Record<string, Command> = {};
  const loader = scriptLoader(
    {
      addOption: (key, option) => {
        options[key] = option;
      },
      addCommand: (name, command) => {
        commands[name] = command;
      },
    },
    ['blue'],
  );
  return { options, commands, loader };
}

describe('the loader of a script', () => {
  it('has the words behind the file', () => {
    expect(declared().loader.arguments).toEqual(['blue']);
  });

  it.each<[typespec: unknown, initial: unknown, option: Partial<Option>]>([
    [Boolean, false, { type: 'boolean', default: false }],
    ['bool', true, { type: 'boolean', default: true }],
    [String, 'x', { type: 'string', default: 'x' }],
    ['typing.Optional[str]', null, { type: 'string' }],
    ['int', 3, { type: 'integer', default: 3 }],
    ['Optional[int]', null, { type: 'integer' }],
    [Number, 0.5, { type: 'number', default: 0.5 }],
    [Array, ['a'], { type: 'list', default: ['a'] }],
    [[String], [], { type: 'list', default: [] }],
    ['typing.Sequence[str]', [], { type: 'list', default: [] }],
  ])('declares an option of %s as Python does', (typespec, initial, option) => {
    const { loader, options } = declared();
    loader.add_option('my_option', typespec, initial, 'What it is.');
    expect(options).toEqual({ myOption: expect.objectContaining({ help: 'What it is.', ...option }) as unknown });
  });

  it('declares a choice, and refuses other types', () => {
    const { loader, options } = declared();
    loader.add_option('colour', String, 'blue', 'Which.', ['blue', 'red']);
    expect(options['colour']).toEqual({ type: 'choice', choices: ['blue', 'red'], default: 'blue', help: 'Which.' });
    expect(() => loader.add_option('when', Date, null, '')).toThrow('the option when is of no known type');
  });

  it('takes either spelling, and options and commands as they are', () => {
    const { loader, options, commands } = declared();
    const option = { type: 'string', help: '' } as const;
    loader.addOption('my_own', option);
    const command: Command = { help: '', parameters: [], run: () => 1 };
    loader.addCommand('a.b', command);
    loader.add_command('a.c', command);
    expect([options['myOwn'], commands['a.b'], commands['a.c']]).toEqual([option, command, command]);
  });

  it('makes a command of a function', () => {
    const { loader, commands } = declared();
    loader.add_command('join', (a: string, b: string) => a + b);
    const command = commands['join'];
    expect(command?.parameters).toEqual([
      { name: 'word1', type: 'text' },
      { name: 'word2', type: 'text' },
    ]);
    expect((command?.run as (...given: unknown[]) => unknown)(undefined, 'x', 'y')).toBe('xy');
  });
});
