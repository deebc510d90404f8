import { isIP } from 'node:net';
import type { OptionTable } from '../../options/define.js';
import type { FlowFilter } from '../filter/operator.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { cookieExpiry } from '../message/cookie-expiry.js';
import { formatCookies } from '../message/cookies.js';
import type { Request } from '../message/request.js';
import type { CookieValue } from '../message/set-cookie.js';
import { filterOption } from './filter-option.js';
import { headGoesFirst } from './head-goes-first.js';
import { ownOptions } from './own-options.js';

const table = {
  stickycookie: {
    type: 'string',
    valueName: 'FILTER',
    help: 'Give requests that match the cookies that servers have set.',
  },
} as const satisfies OptionTable;

/** Cookies of one origin, by name. */
interface Jar {
  readonly domain: string;
  readonly port: number;
  readonly path: string;
  readonly cookies: Map<string, string>;
}

/** Jars that are kept; the oldest is forgotten first. */
const mostJars = 10_000;

/** Gives cookies to clients that do not keep them: the option `stickycookie`. */
export class StickyCookie implements Addon {
  readonly name = 'stickycookie';
  readonly options = table;
  private matches: FlowFilter | undefined;
  private readonly jars = new Map<string, Jar>();

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (!updated.has('stickycookie')) return;
    this.matches = filterOption('stickycookie', ownOptions(table, context).stickycookie);
    if (this.matches === undefined) this.jars.clear();
  }

  isIdle(): boolean {
    return this.matches === undefined;
  }

  response({ request, response }: HttpFlow, context: AddonContext): void {
    if (this.matches === undefined || response?.headers.has('set-cookie') !== true) return;
    for (const [name, cookie] of response.cookies) this.take(request, name, cookie, context.now());
  }

  requestheaders(flow: HttpFlow, { options }: AddonContext): void {
    if (headGoesFirst(flow.request, options)) this.request(flow);
  }

  request(flow: HttpFlow): void {
    if (this.matches === undefined || this.jars.size === 0 || !this.matches(flow)) return;
    const { request } = flow;
    const found = [...this.jars.values()].filter((jar) => isFor(jar, request)).flatMap(({ cookies }) => [...cookies]);
    if (found.length === 0) return;
    flow.metadata['stickycookie'] = true;
    request.headers.set('cookie', formatCookies(found));
  }

  private take(request: Request, name: string, cookie: CookieValue, now: number): void {
    const { host, port } = request;
    const attribute = (key: string): string | undefined =>
      cookie.attributes.findLast(([other]) => other.toLowerCase() === key)?.[1];
    const [domain, path] = [attribute('domain') ?? host, attribute('path') ?? '/'];
    if (!domainMatches(host, domain)) return;
    const key = JSON.stringify([domain, port, path]);
    const jar = this.jars.get(key);
    const expiry = cookieExpiry(cookie, now);
    if (expiry === undefined || expiry > now) {
      if (jar !== undefined) jar.cookies.set(name, cookie.value);
      else this.keep(key, { domain, port, path, cookies: new Map([[name, cookie.value]]) });
    } else if (jar?.cookies.delete(name) === true && jar.cookies.size === 0) this.jars.delete(key);
  }

  private keep(key: string, jar: Jar): void {
    this.jars.set(key, jar);
    const [oldest] = this.jars.keys();
    if (this.jars.size > mostJars && oldest !== undefined) this.jars.delete(oldest);
  }
}

function isFor({ domain, port, path }: Jar, request: Request): boolean {
  return domainMatches(request.host, domain) && request.port === port && request.path.startsWith(path);
}

/** Whether a host is that of a cookie, or in its domain when that begins with a dot (RFC 2109, section 2). */
function domainMatches(host: string, domain: string): boolean {
  const [name, wanted] = [host.toLowerCase(), domain.toLowerCase()];
  if (name === wanted) return true;
  if (!wanted.startsWith('.') || isIP(name) !== 0) return false;
  return name.endsWith(wanted) || name === wanted.slice(1);
}
