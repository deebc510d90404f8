/** What the program takes: the options of the proxy and of all addons, those of its own, and old flags. */
import { defineOptions, standardOptions } from '../../options/define.js';
import type { OptionTable, Program } from '../../options/define.js';
import type { Addon } from '../hooks/addon.js';
import { proxyOptions } from '../options.js';
import { oldFlagOptions } from './old-flags.js';

/** What is on the command line alone. */
export const mitmdumpOptions = {
  ...standardOptions,
  set: {
    type: 'list',
    programOnly: true,
    valueName: 'NAME[=VALUE]',
    help: 'Set any option. Without a value, a flag is turned on, a list emptied, and what needs no value has none.',
  },
  quiet: { type: 'boolean', short: 'q', programOnly: true, help: 'Print errors alone.' },
  verbose: { type: 'boolean', short: 'v', programOnly: true, help: 'Print headers, and every line of the log.' },
  options: {
    type: 'boolean',
    programOnly: true,
    help: 'Show all options with their defaults, as config.yaml has them; those of scripts, too.',
  },
  commands: { type: 'boolean', programOnly: true, help: 'Show the commands of all addons.' },
} as const satisfies OptionTable;

/** Flags of mitmdump 8.1.1: the beginning of a name means these first. */
const usual = [
  ...['mode', 'anticache', 'showhost', 'rfile', 'scripts', 'stickycookie', 'stickyauth', 'save-stream-file'],
  ...['anticomp', 'flow-detail', 'listen-host', 'listen-port', 'server', 'ignore-hosts', 'allow-hosts', 'tcp-hosts'],
  ...['upstream-auth', 'proxyauth', 'rawtcp', 'http2', 'certs', 'cert-passphrase', 'ssl-insecure', 'key-size'],
  ...['client-replay', 'server-replay', 'server-replay-kill-extra', 'server-replay-nopop', 'server-replay-refresh'],
  ...['map-remote', 'map-local', 'modify-body', 'modify-headers', 'set', 'quiet', 'verbose', 'options', 'commands'],
];

/** Options that may be in files and behind `--set`. */
export function settableOptions(addons: readonly Addon[]): OptionTable {
  return Object.assign({}, proxyOptions.table, ...addons.map(({ options }) => options)) as OptionTable;
}

/** @param addons those that are loaded, for their options */
export function mitmdumpProgram(addons: readonly Addon[]): Program {
  const today = defineOptions({ ...mitmdumpOptions, ...settableOptions(addons) });
  const old = oldFlagOptions({ long: new Set(today.byLong.keys()), short: new Set(today.byShort.keys()) });
  return {
    name: 'mitmdump',
    summary:
      'A proxy that prints, records, changes and replays HTTP, WebSockets and TCP. docs/mitmdump.md tells it by task.',
    operands: [
      {
        name: 'filter',
        optional: true,
        many: true,
        help: 'Print, read and write those flows alone that match, as docs/filters.md tells.',
      },
    ],
    options: defineOptions({ ...today.table, ...old }),
    usual: new Set(usual),
  };
}
