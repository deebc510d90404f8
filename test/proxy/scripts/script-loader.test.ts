import { describe, expect, it } from 'vitest';
import type { Option } from '../../../src/options/define.js';
import type { Command } from '../../../src/proxy/hooks/command.js';
import { scriptLoader } from '../../../src/proxy/scripts/script-loader.js';

/** A loader, and what it was told. @param self what functions are called on */
function declared(self?: unknown): {
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
    self,
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

  it('declares an option by names of arguments, as Python has them', () => {
    const { loader, options } = declared();
    loader.add_option({ name: 'my_count', typespec: 'int', default: 3, help: 'How many.' });
    loader.add_option({ name: 'my_word', typespec: 'str', default: 'a', help: 'Which.', choices: ['a', 'b'] });
    expect(options).toEqual({
      myCount: { type: 'integer', default: 3, help: 'How many.' },
      myWord: { type: 'choice', choices: ['a', 'b'], default: 'a', help: 'Which.' },
    });
    expect(() => {
      loader.add_option({ typespec: 'int' } as never);
    }).toThrow('add_option takes a name, a type, a default and help');
  });

  it('makes a command of a function, which is given the context and texts', () => {
    const { loader, commands } = declared();
    loader.add_command('join', (ctx, a: string, b: string) => ctx.arguments.join() + a + b);
    expect(commands['join']?.parameters).toEqual([
      { name: 'argument1', type: 'text' },
      { name: 'argument2', type: 'text' },
    ]);
    expect(called(commands['join'], 'x', 'y')).toBe('bluexy');
  });

  it('makes a command whose arguments are of the types that are named', () => {
    const { loader, commands } = declared({ word: 'self' });
    function tag(this: { word: string }, _: unknown, flows: readonly string[], times: number): string {
      return this.word + String(flows.length * times);
    }
    loader.add_command('tag', tag, ['typing.Sequence[flow.Flow]', 'integer']);
    expect(commands['tag']?.parameters.map(({ type }) => type)).toEqual(['flows', 'integer']);
    expect(called(commands['tag'], ['a', 'b'], 3)).toBe('self6');
    expect(() => {
      loader.add_command('when', () => 1, ['date']);
    }).toThrow('the command when has no arguments of the type date, there are text, texts, flows, integer, boolean');
  });
});

/** What a command gives, of an addon with no options. */
function called(command: Command | undefined, ...given: unknown[]): unknown {
  return (command?.run as (...all: unknown[]) => unknown)({ options: {} }, ...given);
}
