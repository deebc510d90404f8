/** The options `ignore_hosts`, `allow_hosts` and `tcp_hosts`: regular expressions that hosts are searched with. */
import { OptionError, PatternError } from '../errors.js';
import { HostPattern } from './host-pattern.js';

/** The options that make the lists, of what {@link HostPattern} reads. */
export interface HostListOptions {
  readonly ignoreHosts: readonly string[];
  readonly allowHosts: readonly string[];
  readonly tcpHosts: readonly string[];
}

/** What is known of where a connection leads. */
export interface HostNames {
  /** The host that it was asked to lead to: a name, or an address without brackets. */
  readonly host: string | undefined;
  /** The name that the client asks for in its ClientHello. */
  readonly serverName: string | undefined;
  /** The port that it leads to. */
  readonly port?: number | undefined;
}

/** The lists, compiled. Make them anew when the options change. */
export class HostLists {
  private readonly ignored: readonly HostPattern[];
  private readonly allowed: readonly HostPattern[];
  private readonly tcp: readonly HostPattern[];

  /** @throws {OptionError} for a pattern that is not valid, and when both ignored and allowed hosts are given */
  constructor({ ignoreHosts, allowHosts, tcpHosts }: HostListOptions) {
    if (ignoreHosts.length > 0 && allowHosts.length > 0) {
      throw new OptionError('ignore_hosts and allow_hosts cannot be given together');
    }
    this.ignored = compile('ignore_hosts', ignoreHosts);
    this.allowed = compile('allow_hosts', allowHosts);
    this.tcp = compile('tcp_hosts', tcpHosts);
  }

  /** Whether any connection may be ignored at all. */
  get ignoresAny(): boolean {
    return this.ignored.length > 0 || this.allowed.length > 0;
  }

  /** Whether a connection is passed on undecrypted. One of which nothing is known is not. */
  isIgnored(names: HostNames): boolean {
    if (!this.ignoresAny || known(names).length === 0) return false;
    return this.allowed.length > 0 ? !matches(this.allowed, names) : matches(this.ignored, names);
  }

  /** Whether what a connection carries is taken for plain bytes. */
  isTcp(names: HostNames): boolean {
    return this.tcp.length > 0 && matches(this.tcp, names);
  }
}

function matches(patterns: readonly HostPattern[], names: HostNames): boolean {
  return known(names).some((name) => patterns.some((pattern) => pattern.matches(name, names.port)));
}

function known({ host, serverName }: HostNames): readonly string[] {
  return [host, serverName].filter((name) => name !== undefined);
}

function compile(option: string, patterns: readonly string[]): readonly HostPattern[] {
  return patterns.map((pattern) => {
    try {
      return new HostPattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new OptionError(`${option}: ${error.message}`, error.marked());
    }
  });
}
