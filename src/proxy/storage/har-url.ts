/** How URLs stand in HTTP archives. */
import { isIP } from 'node:net';
import { defaultPort, formatUrl } from '../message/url.js';
import { encodePercent } from '../message/query.js';
import type { Request } from '../message/request.js';
import { harPercent } from './har-text.js';

/**
 * The URL of a request for an archive: {@link Request.prettyUrl} where browsers can read that. It is always
 * absolute, as the format demands: Firefox's network panel stops at the first URL that it cannot read. Of a request
 * for a tunnel it is `https://` and the authority. For a host that cannot stand in a URL there stands the one that
 * the request went to, or else `invalid` (RFC 6761, section 6.4). Bytes that are no UTF-8 are percent-encoded.
 */
export function harUrl(request: Request): string {
  // Line ends would be passed over by who reads it.
  return harPercent(absoluteUrl(request)).replace(/[\t\r\n]/g, (character) => encodePercent(character, ''));
}

function absoluteUrl(request: Request): string {
  const isTunnel = request.firstLineFormat === 'authority';
  const named = isTunnel ? `https://${request.prettyUrl}` : request.prettyUrl;
  if (isReadable(named)) return named;
  const { host, port, path } = request;
  const scheme = isTunnel || request.scheme === 'https' ? 'https' : 'http';
  const target = isTunnel || path === '*' ? '' : path.replace(/^(?![/?#])/, '/');
  const dialled = formatUrl(scheme, isIP(host) === 6 ? `[${host}]` : host, port, target);
  return isReadable(dialled) ? dialled : formatUrl(scheme, 'invalid', defaultPort(scheme) ?? port, target);
}

/** Whether all browsers can read a URL. Firefox is stricter than others: about signs, and how an IPv4 address is written. */
function isReadable(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return !/["*]/.test(hostname) && (isIP(hostname) !== 4 || url.includes(hostname));
}
