import { version } from '../../src/version.js';

/** Where our mitmdump does something else than the ancestor on purpose, by command line. The table of docs/mitmdump.md. */
export interface CommandDeparture {
  readonly rc?: number;
  readonly stdout?: string;
  /** What is told on standard error; empty for nothing. */
  readonly stderr?: string;
  /** Further arguments, without which the program would listen until somebody ends it. */
  readonly further?: readonly string[];
  /** What ours does, and why. */
  readonly reason: string;
}

const { node, openssl } = process.versions;

export const departures: Readonly<Record<string, CommandDeparture>> = {
  '-n -r @FLOWS@/basic.mitm --set unknown_option=1 ~c 418': {
    rc: 1,
    stdout: '',
    stderr: 'mitmdump: ...',
    reason:
      'An option that nobody declares is an error: a name that was mistyped would have no effect, without a word.',
  },
  '--version': {
    stdout: `mitmdump ${version}\nNode:     ${node}\nOpenSSL:  ${openssl}\nPlatform: ${process.platform}-${process.arch}\n`,
    reason: 'It is another program, and says so.',
  },
  '-z': {
    rc: 0,
    stdout: '',
    stderr: 'mitmdump: ...',
    further: ['-n'],
    reason: 'The flags of mitmproxy 1.0 do what they did; a note on standard error names the flag of today.',
  },
  '--cert x': {
    stdout: '',
    reason:
      'As before: it is --certs, and the file is missing. The name in full is not taken for the beginning of another.',
  },
};
