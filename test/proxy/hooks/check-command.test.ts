import { expect, it } from 'vitest';
import { checkCommand } from '../../../src/proxy/hooks/check-command.js';
import { defineCommand } from '../../../src/proxy/hooks/command.js';
import type { Command } from '../../../src/proxy/hooks/command.js';

const run = (): void => undefined;

it.each<[unknown, string]>([
  [42, 'the command a.b is an object, not number: defineCommand makes one'],
  [null, 'the command a.b is an object, not null: defineCommand makes one'],
  [run, 'the command a.b is an object, not function: defineCommand makes one'],
  [{ help: '', parameters: [] }, 'the command a.b needs a function run: defineCommand makes one'],
  [{ run, parameters: [] }, 'the command a.b needs help: a text that says what it does'],
  [{ run, help: '' }, 'the command a.b needs a list of parameters: defineCommand makes one'],
  [{ run, help: '', parameters: [null] }, 'a parameter of the command a.b needs a name'],
  [
    { run, help: '', parameters: [{ name: 'x', type: 'txt' }] },
    'the parameter x of the command a.b has no type txt, did you mean text?',
  ],
])('what is no command is refused: %j', (command, why) => {
  expect(() => {
    // As JavaScript may have it.
    checkCommand('a.b', command as Command);
  }).toThrow(new TypeError(why));
});

it('a command is taken', () => {
  const command = defineCommand([{ name: 'x', type: 'text', optional: true }], 'Does nothing.', run);
  expect(() => {
    checkCommand('a.b', command);
  }).not.toThrow();
});
