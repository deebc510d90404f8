import { OptionError } from '../../src/errors.js';
import { defineOptions, standardOptions } from '../../src/options/define.js';
import type { Program } from '../../src/options/define.js';

/** A table with an option of every kind, as a program would write it. */
export const sampleOptions = defineOptions({
  ...standardOptions,
  port: {
    type: 'integer',
    default: 9999,
    minimum: 0,
    maximum: 65535,
    valueName: 'PORT',
    group: 'Server',
    help: 'Port to listen on, 0 for any that is free.',
  },
  address: { type: 'string', default: '127.0.0.1', short: 'l', group: 'Server', help: 'Address to listen on.' },
  show: {
    type: 'boolean',
    short: 'p',
    orInteger: 'port',
    help: 'Print the response; with a whole number after -p, the port.',
  },
  quiet: { type: 'boolean', short: 'q', help: 'Print less.' },
  random: { type: 'boolean', short: 'r', help: 'In random order.' },
  http2: { type: 'boolean', default: true, negatable: true, help: 'Speak HTTP/2.' },
  repeat: { type: 'integer', short: 'n', default: 1, minimum: -1, help: 'How many times; -1 is for ever.' },
  wait: { type: 'number', short: 'w', minimum: 0, help: 'Seconds between repetitions.' },
  limitSize: { type: 'size', group: 'Server', help: 'Largest response.' },
  limitTime: { type: 'number', group: 'Server', hidden: true, help: 'Not shown.' },
  mode: {
    type: 'choice',
    choices: ['plain', 'strict'],
    default: 'plain',
    since: '0.2',
    help: 'How to read | what to refuse.',
  },
  anchor: {
    type: 'list',
    short: 'a',
    aliases: ['anchors'],
    valueName: 'PATTERN=SPEC',
    help: 'A path and what is served there.',
  },
  ignore: { type: 'string', short: 'I', default: '', parse: codes, valueName: 'CODES', help: 'Codes to leave out.' },
  pid: { type: 'list', parse: Number, programOnly: true, help: 'Only here.' },
});

export const sample: Program<typeof sampleOptions.table> = {
  name: 'sample',
  summary: 'Shows what a table can hold.',
  operands: [
    { name: 'host', help: 'where to connect to' },
    { name: 'spec', help: 'what to send', optional: true, many: true },
  ],
  options: sampleOptions,
};

function codes(text: string): ReadonlySet<number> {
  const parts = text === '' ? [] : text.split(',');
  if (!parts.every((part) => /^\d+$/.test(part))) throw new OptionError(`Invalid return code specification: ${text}`);
  return new Set(parts.map(Number));
}
