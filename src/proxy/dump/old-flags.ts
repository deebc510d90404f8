/** The flags of mitmproxy 1.0 that have another name today, or mean something else. */
import type { Option, OptionTable } from '../../options/define.js';
import { ruleOfReplace, ruleOfReplaceFromFile, ruleOfSetHeader } from '../rules/old-rules.js';

/** A flag as 1.0 had it. */
export interface OldFlag {
  /** With its dashes, the letter first. */
  readonly names: readonly string[];
  /** What stands for its value in the docs; absent when it takes none. */
  readonly takes?: string;
  /** How the same is said today. */
  readonly today: string;
  /**
   * What it means, as settings `name=value`.
   * @param values those that were given, in order; `''` for each time when the flag takes none
   */
  readonly settings: (values: readonly string[]) => readonly string[];
}

/** An old flag with a value that an option takes as it is, or changed. */
function valued(names: string, takes: string, option: string, today: string, change = same): OldFlag {
  const settings = (values: readonly string[]): string[] => values.map((value) => `${option}=${change(value)}`);
  return { names: names.split(' '), takes, today, settings };
}

/** An old flag without a value. */
function plain(names: string, setting: string, today: string): OldFlag {
  return { names: names.split(' '), today, settings: () => [setting] };
}

function same(value: string): string {
  return value;
}

/** All of them. What is called the same today, and means the same, is not here. */
export const oldFlags: readonly OldFlag[] = [
  valued('-R --reverse', 'URL', 'mode', '--mode reverse:URL', (url) => `reverse:${serverUrl(url)}`),
  valued('-U --upstream', 'URL', 'mode', '--mode upstream:URL', (url) => `upstream:${serverUrl(url)}`),
  plain('-T --transparent', 'mode=transparent', '--mode transparent, with the package koffi'),
  plain('--socks', 'mode=socks5', '--mode socks5'),
  valued('-b --bind-address', 'ADDRESS', 'listen_host', '--listen-host ADDRESS'),
  valued('--port', 'PORT', 'listen_port', '--listen-port PORT'),
  valued('--upstream-bind-address', 'ADDRESS', 'connect_addr', '--connect-addr ADDRESS'),
  valued('--read-flows', 'FILE', 'rfile', '--rfile FILE'),
  valued('--wfile', 'FILE', 'save_stream_file', '--save-stream-file FILE'),
  valued('-a --afile', 'FILE', 'save_stream_file', '-w +FILE', (file) => `+${file}`),
  valued('-c', 'FILE', 'client_replay', '-C FILE'),
  plain('--replay-kill-extra', 'server_replay_extra=kill', '--server-replay-extra kill'),
  plain('--norefresh', 'server_replay_refresh=false', '--no-server-replay-refresh'),
  plain('--no-pop', 'server_replay_reuse=true', '--server-replay-reuse'),
  valued(
    '--rheader --server-replay-use-header',
    'NAME',
    'server_replay_use_headers',
    '--server-replay-use-headers NAME',
  ),
  plain('--replay-ignore-content', 'server_replay_ignore_content=true', '--server-replay-ignore-content'),
  plain('--replay-ignore-host', 'server_replay_ignore_host=true', '--server-replay-ignore-host'),
  valued('--replay-ignore-param', 'NAME', 'server_replay_ignore_params', '--server-replay-ignore-params NAME'),
  valued(
    '--replay-ignore-payload-param',
    'NAME',
    'server_replay_ignore_payload_params',
    '--server-replay-ignore-payload-params NAME',
  ),
  plain('--keep-serving', 'keepserving=true', '--keepserving'),
  valued('-t', 'FILTER', 'stickycookie', '--stickycookie FILTER'),
  valued('-u', 'FILTER', 'stickyauth', '--stickyauth FILTER'),
  plain('-z', 'anticomp=true', '--anticomp'),
  valued('--stream', 'SIZE', 'stream_large_bodies', '--stream-large-bodies SIZE'),
  valued('-Z', 'SIZE', 'body_size_limit', '--body-size-limit SIZE'),
  valued('--setheader', 'RULE', 'modify_headers', '-H RULE', ruleOfSetHeader),
  valued('--replace', 'RULE', 'replacements', '-B RULE for bodies, -H RULE for header fields', ruleOfReplace),
  valued('--replace-from-file', 'RULE', 'replacements', '-B RULE, with @ before the path', ruleOfReplaceFromFile),
  valued('-I --ignore', 'REGEX', 'ignore_hosts', '--ignore-hosts REGEX'),
  valued('--tcp', 'REGEX', 'tcp_hosts', '--tcp-hosts REGEX'),
  plain('--nonanonymous', 'proxyauth=any', '--proxyauth any'),
  valued('--singleuser', 'USER:PASSWORD', 'proxyauth', '--proxyauth USER:PASSWORD'),
  valued('--htpasswd', 'FILE', 'proxyauth', '--proxyauth @FILE', (file) => `@${file}`),
  valued('--cert', '[DOMAIN=]PATH', 'certs', '--certs [DOMAIN=]PATH'),
  valued('--cadir', 'DIRECTORY', 'confdir', '--confdir DIRECTORY'),
  valued('-i', 'FILTER', 'intercept', '--intercept FILTER'),
  plain('--insecure', 'ssl_insecure=true', '--ssl-insecure'),
  valued('--upstream-trusted-ca', 'FILE', 'ssl_verify_upstream_trusted_ca', '--ssl-verify-upstream-trusted-ca FILE'),
  valued(
    '--upstream-trusted-cadir',
    'DIRECTORY',
    'ssl_verify_upstream_trusted_confdir',
    '--ssl-verify-upstream-trusted-confdir DIRECTORY',
  ),
  {
    ...valued('--ssl-version-client', 'VERSION', '', '--tls-version-client-min and -max'),
    settings: (values) => values.flatMap((value) => versionSettings('client', value)),
  },
  {
    ...valued('--ssl-version-server', 'VERSION', '', '--tls-version-server-min and -max'),
    settings: (values) => values.flatMap((value) => versionSettings('server', value)),
  },
  plain('--raw-tcp', 'rawtcp=true', '--rawtcp'),
  plain('--no-raw-tcp', 'rawtcp=false', '--no-rawtcp'),
  plain('--host', 'showhost=true', '--showhost'),
  {
    ...plain('-d --detail', '', '--flow-detail: 1 for -d, 2 for -dd, 3 for -ddd, one less than in 1.0'),
    settings: (values) => [`flow_detail=${String(Math.min(values.length, 4))}`],
  },
  plain('--noapp', 'onboarding=false', '--no-onboarding'),
  valued('--app-host', 'HOST', 'onboarding_host', '--onboarding-host HOST'),
];

/** Flags of 1.0 that nothing stands for today, and why. */
export const goneFlags: Readonly<Record<string, string>> = {
  '--spoof-source-address': 'connections to servers come from an address of this machine',
  '--app-port': 'the page for certificates is served on every port of --onboarding-host',
  '--conf': 'options are read from config.yaml in the directory that --confdir names',
  '--sysinfo': 'use --version',
  ...Object.fromEntries(
    ['-e', '--eventlog', '--follow', '--palette', '--order', '--no-mouse', '-f'].map((name) => [
      name,
      'it is of the console, which is another program',
    ]),
  ),
  ...Object.fromEntries(
    ['--wport', '--wiface', '--no-browser', '--wdebug'].map((name) => [
      name,
      'it is of the web interface, which is another program',
    ]),
  ),
};

/** Letters that meant something else in 1.0: that, and how it is said today. */
export const otherLetters: Readonly<Record<string, string>> = {
  '-k': '-k is --ssl-insecure; what it was in mitmproxy 1.0, --replay-kill-extra, is --server-replay-extra kill',
};

/** The key that an old flag has in the table of options. */
export function oldKey({ names: [name = ''] }: OldFlag): string {
  return `old ${name}`;
}

/** The old flags as options that no help shows. Names that a table has taken are left to it. */
export function oldFlagOptions(taken: {
  readonly long: ReadonlySet<string>;
  readonly short: ReadonlySet<string>;
}): OptionTable {
  const entries = oldFlags.flatMap((flag): [string, Option][] => {
    const shorts = flag.names.filter((name) => !name.startsWith('--')).map((name) => name.slice(1));
    const [short] = shorts.filter((name) => !taken.short.has(name));
    const [long, ...aliases] = flag.names
      .filter((name) => name.startsWith('--'))
      .map((name) => name.slice(2))
      .filter((name) => !taken.long.has(name));
    if (short === undefined && long === undefined) return [];
    const names = { ...(short !== undefined && { short }), long: long ?? oldKey(flag), aliases };
    const help = `Today: ${flag.today}`;
    const shared = { ...names, hidden: true, inFull: true, programOnly: true, help };
    const { takes } = flag;
    return [
      [
        oldKey(flag),
        takes === undefined ? { type: 'boolean', ...shared } : { type: 'list', valueName: takes, ...shared },
      ],
    ];
  });
  return Object.fromEntries(entries);
}

/** A URL as 1.0 took it, whose scheme could name the protocol of either side. */
function serverUrl(url: string): string {
  return url.replace(/^https?2(?=https?:)/i, '');
}

const oldVersions: Readonly<Record<string, string>> = {
  SSLv3: 'SSL3',
  TLSv1: 'TLS1',
  TLSv1_1: 'TLS1_1',
  TLSv1_2: 'TLS1_2',
};

/** `all` and `secure` name a range, everything else one version. What is no version is refused as its option does. */
function versionSettings(side: string, version: string): string[] {
  const one = oldVersions[version] ?? version;
  const [least, most] =
    version === 'all' ? ['UNBOUNDED', 'UNBOUNDED'] : version === 'secure' ? ['TLS1', 'UNBOUNDED'] : [one, one];
  return [`tls_version_${side}_min=${String(least)}`, `tls_version_${side}_max=${String(most)}`];
}
