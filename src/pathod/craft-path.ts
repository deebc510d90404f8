/** Specs in paths. */
import { OptionError } from '../errors.js';

/**
 * Looks at a prefix of paths that hold specs.
 * @throws {OptionError} when no path can begin with it
 */
export function checkCraftPrefix(prefix: string): void {
  if (/^\/[!-~]*$/.test(prefix)) return;
  const rule = 'begins with "/" and holds printable ASCII characters only, no spaces';
  throw new OptionError(`the craft prefix ${rule}, not ${JSON.stringify(prefix)}`);
}

/**
 * What stands behind the craft prefix, percent-decoded; undefined when the path does not begin with it.
 * The prefix is compared with the path as sent. `+` is no space, and bytes that are not UTF-8 become
 * U+FFFD, which no spec may hold.
 * @param path one character a byte
 */
export function specOfPath(path: string, prefix: string): string | undefined {
  return path.startsWith(prefix) ? percentDecoded(path.slice(prefix.length)) : undefined;
}

function percentDecoded(text: string): string {
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * A spec as part of a path: all but unreserved characters (RFC 3986, section 2.3) is encoded, so that
 * no client finds anything in it that it would normalise.
 */
export function pathOfSpec(spec: string, prefix: string): string {
  const encoded = encodeURIComponent(spec.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // A path segment of one or two dots is removed by URL parsers, encoded or not; white space is allowed before a spec.
  return prefix + (/^\.{1,2}$/.test(encoded) ? `%20${encoded}` : encoded);
}
