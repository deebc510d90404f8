/**
 * One pattern of `ignore_hosts`, `allow_hosts` or `tcp_hosts`: a regular expression in the syntax of Python, which
 * matches regardless of case.
 *
 * It is searched for in `host` and in `host:port`, so that it may tell a port, and may end with `$` whether it does or
 * not. One that tells what must not stand there is searched for in the one form that it was written for: in the other
 * form it would always match.
 */
import { formatAddress } from '../net/format-address.js';
import { compilePattern } from './filter/pattern/compile-pattern.js';

const negative = /\(\?<?!/;
/** A colon that is none of `(?:` or `(?i:`. */
const colon = /(?<!\(\?[a-z-]*):/i;

export class HostPattern {
  private readonly regex: RegExp;
  private readonly seesHost: boolean;
  private readonly seesPort: boolean;

  /** @throws {PatternError} when it is not valid */
  constructor(pattern: string) {
    this.regex = compilePattern(pattern, { over: 'text', caseless: true });
    const tellsPort = colon.test(pattern);
    this.seesPort = tellsPort || !negative.test(pattern);
    this.seesHost = !tellsPort || !negative.test(pattern);
  }

  /** @param port undefined when it is not known */
  matches(host: string, port: number | undefined): boolean {
    if ((this.seesHost || port === undefined) && this.regex.test(host)) return true;
    return this.seesPort && port !== undefined && this.regex.test(formatAddress(host, port));
  }
}
