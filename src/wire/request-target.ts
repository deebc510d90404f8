/** Request targets and the parts that matter here (RFC 9112, section 3.2). */

/** A request target, taken apart as far as its form allows. Text is ISO 8859-1, undecoded. */
export interface RequestTarget {
  readonly form: 'origin' | 'absolute' | 'authority' | 'asterisk';
  /** Scheme, of the absolute form only. */
  readonly scheme: string | undefined;
  /** `host[:port]`, of the absolute and the authority form. */
  readonly authority: string | undefined;
  /** Path and query; `/` when an absolute target has none. */
  readonly path: string;
}

const absolute = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s;

/** Takes a request target apart. What has no form that we know counts as origin form. */
export function parseTarget(target: Buffer, method = 'GET'): RequestTarget {
  const text = target.toString('latin1');
  if (text === '*') return { form: 'asterisk', scheme: undefined, authority: undefined, path: text };
  if (method === 'CONNECT') return { form: 'authority', scheme: undefined, authority: text, path: text };
  const match = text.startsWith('/') ? null : absolute.exec(text);
  if (!match) return { form: 'origin', scheme: undefined, authority: undefined, path: text };
  const [, scheme, authority, rest = ''] = match;
  return { form: 'absolute', scheme, authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** Labels of 1 to 63 characters (RFC 1035, section 2.3.4). */
const hostCharacters = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/;
const ipv6 = /^\[([0-9a-f:.]+)\]$/;

/**
 * The host of a target that is an absolute URL, for a Host field: lower case, no port, no brackets, as
 * the ancestor has it. `//host/` counts as absolute. Bytes outside ASCII are left out first.
 * @returns undefined for a path, and for a URL whose host or port cannot be
 */
export function hostOfTarget(target: Buffer): string | undefined {
  const text = target.toString('latin1').replace(/[\x80-\xff]/g, '');
  const [, authority] = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/([^/?#]*)/.exec(text) ?? [];
  if (authority === undefined) return undefined;
  const hostPort = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(hostPort) ?? [];
  if (port !== undefined && port !== '' && !(/^\d+$/.test(port) && Number(port) <= 65535)) return undefined;
  const bracketed = ipv6.exec(host)?.[1];
  if (bracketed !== undefined) return URL.canParse(`http://${host}/`) ? bracketed : undefined;
  return host.length <= 255 && hostCharacters.test(host) ? host : undefined;
}
