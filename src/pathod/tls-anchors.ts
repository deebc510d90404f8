/** Which handshakes go wrong, and how. */
import { OptionError } from '../errors.js';
import { readTlsFault } from '../net/tls-faults.js';
import type { TlsFault } from '../net/tls-faults.js';
import { compilePattern } from './anchors.js';
import type { TlsAnchor } from './tls-options.js';

/** The anchors in order, then what holds for all others. */
export class TlsAnchors {
  private readonly rules: readonly { readonly pattern: RegExp; readonly fault: TlsFault }[];
  private readonly otherwise: TlsFault | undefined;

  /** @throws {OptionError} for a pattern that is none, and a fault that is not known */
  constructor(anchors: readonly TlsAnchor[], otherwise: string | undefined) {
    this.rules = anchors.map((anchor) => {
      const [pattern, fault] = checked(anchor);
      return { pattern: compilePattern(pattern), fault: readTlsFault(fault) };
    });
    this.otherwise = otherwise === undefined ? undefined : readTlsFault(otherwise);
  }

  /** What is to be wrong for a server name; undefined when nothing is. */
  faultFor(name: string): TlsFault | undefined {
    for (const { pattern, fault } of this.rules) {
      pattern.lastIndex = 0;
      if (pattern.test(name)) return fault;
    }
    return this.otherwise;
  }
}

/** @throws {OptionError} when code gave something else than a pair */
function checked(anchor: TlsAnchor): TlsAnchor {
  const [pattern, fault] = Array.isArray(anchor) ? (anchor as readonly unknown[]) : [];
  if ((typeof pattern === 'string' || pattern instanceof RegExp) && typeof fault === 'string') return [pattern, fault];
  throw new OptionError('a TLS anchor is a pair of a pattern and the name of a fault, or the text PATTERN=FAULT');
}
