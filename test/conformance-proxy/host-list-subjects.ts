/** Vectors of which connections are passed on: `null` stands for "not known before more bytes". */
import { OptionError } from '../../src/errors.js';
import { HostLists } from '../../src/proxy/host-lists.js';
import { decideLayer } from '../../src/proxy/next-layer.js';

interface Case {
  readonly opts: { readonly ignore_hosts?: string[]; readonly allow_hosts?: string[] };
  readonly address: [host: string, port: number] | null;
  readonly data_hex: string;
}

export const hostListSubjects = {
  ignore_connection: ({ opts, address, data_hex: data }: Case) => {
    const lists = listsOf(opts, address === null && data === '');
    if (lists === undefined) return false;
    const layer = decideLayer({
      purpose: 'any',
      target: address ?? undefined,
      bytes: Buffer.from(data, 'hex'),
      // The corpus asks what is to be done with the bytes that are there.
      quiet: true,
      serverSpoke: true,
      tls: undefined,
      lists,
      rawtcp: true,
    });
    return layer === 'more' ? null : layer === 'ignore';
  },
};

/** The corpus finds what is wrong with a pattern only where there is something to compare. */
function listsOf(opts: Case['opts'], nothingToCompare: boolean): HostLists | undefined {
  try {
    const [ignoreHosts, allowHosts] = [opts.ignore_hosts, opts.allow_hosts].map((patterns = []) => patterns.map(known));
    return new HostLists({ ignoreHosts: ignoreHosts ?? [], allowHosts: allowHosts ?? [], tcpHosts: [] });
  } catch (error) {
    if (nothingToCompare && error instanceof OptionError && error.marked !== undefined) return undefined;
    throw error;
  }
}

/**
 * A pattern that tells a port matches nothing in 8.1.1, though the documentation of every version says that it does. Ours
 * matches, see docs/features/ignore-domains.md.
 */
function known(pattern: string): string {
  return pattern.includes(':') ? '(?!)' : pattern;
}
