/** What pathod and its fixture can be told: one table for the command line, the usage text and the types. */
import type { Seed } from '../language/index.js';
import { defineOptions, standardOptions } from '../options/define.js';
import type { InputOf, Program, ValuesOf } from '../options/define.js';
import { readAnchor } from './anchors.js';
import { readOwnFault } from './own-faults.js';
import { tlsOptions } from './tls-options.js';

const logging = 'Controlling logging';

/** The options, in the order in which help shows them. */
export const pathodOptions = defineOptions({
  port: {
    type: 'integer',
    short: 'p',
    default: 9999,
    minimum: 0,
    maximum: 65535,
    help: 'Port to listen on; 0 for any that is free.',
  },
  address: { type: 'string', short: 'l', default: '127.0.0.1', help: 'Address to listen on.' },
  anchors: {
    type: 'list',
    short: 'a',
    long: 'anchor',
    aliases: ['anchors'],
    valueName: 'PATTERN=SPEC',
    parse: readAnchor,
    help: 'Serve SPEC, or the spec in the file of that name, for paths that begin with the regular expression PATTERN.',
  },
  ownFaults: {
    type: 'list',
    long: 'fault',
    valueName: 'NAME=SPEC',
    parse: readOwnFault,
    help: 'Let fault:NAME stand for SPEC, or for the spec in the file of that name, in paths and anchors. A name that is known already is taken over.',
  },
  craftPrefix: {
    type: 'string',
    short: 'c',
    default: '/p/',
    valueName: 'PREFIX',
    help: 'What follows this prefix in a path is a spec to serve. It begins with a slash.',
  },
  staticDirectory: {
    type: 'string',
    short: 'd',
    aliases: ['staticdir'],
    valueName: 'DIRECTORY',
    help: 'Directory of the files that specs may load; without one they may load none.',
  },
  daemonize: { type: 'boolean', short: 'D', programOnly: true, help: 'Go on in the background once listening.' },
  pidFile: {
    type: 'string',
    valueName: 'FILE',
    programOnly: true,
    help: 'Write the process number to FILE while running; refused while FILE names a process that runs.',
  },
  timeout: {
    type: 'number',
    short: 't',
    minimum: 0.001,
    valueName: 'SECONDS',
    help: 'Close connections on which nothing was received for so long.',
  },
  limitSize: { type: 'size', help: 'Refuse to serve responses larger than SIZE, injections counted.' },
  nohang: { type: 'boolean', help: 'Refuse to serve responses that pause or have a rate (w).' },
  nocraft: { type: 'boolean', help: 'Refuse specs in paths and in frames; anchors go on working.' },
  seed: {
    type: 'string',
    valueName: 'SEED',
    parse: (text: string): Seed => text,
    help: 'A number or a word: the same one gives the same data and offsets. By default, another number every time.',
  },
  ...tlsOptions,
  explain: { type: 'boolean', short: 'e', group: logging, help: 'Log each spec as served, chance made literal.' },
  logFile: {
    type: 'string',
    short: 'f',
    programOnly: true,
    group: logging,
    valueName: 'FILE',
    help: 'Append the text log to FILE.',
  },
  logRequests: { type: 'boolean', short: 'q', group: logging, help: 'Log the bytes of requests.' },
  logResponses: { type: 'boolean', short: 'r', group: logging, help: 'Log the bytes of responses.' },
  hexdump: { type: 'boolean', short: 'x', group: logging, help: 'Log bytes in hexadecimal.' },
  logRecords: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 1_000_000,
    group: logging,
    valueName: 'N',
    help: 'Keep the last N log records in memory.',
  },
  faults: {
    type: 'boolean',
    standalone: true,
    help: 'Show the faults that fault:NAME, --tls-fault and --tls-anchor know, those of --fault before it among them, and exit.',
  },
  ...standardOptions,
});

/** The program as its usage text shows it. */
export const pathodProgram: Program<(typeof pathodOptions)['table']> = {
  name: 'pathod',
  summary: 'A pathological HTTP daemon: serves whatever response its clients, or its anchors, spell out.',
  operands: [],
  options: pathodOptions,
};

/** All options with their values. */
export type PathodValues = ValuesOf<typeof pathodOptions>;

/** What a {@link Daemon} can be told when it starts. The port is any free one unless given. */
export type DaemonOptions = InputOf<typeof pathodOptions>;
