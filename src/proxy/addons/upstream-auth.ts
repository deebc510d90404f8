import { OptionError } from '../../errors.js';
import { writeBasicAuthorization } from '../credentials/basic-authorization.js';
import type { ClientConnection } from '../flow/connection.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';

/**
 * Gives credentials to the proxy of upstream mode, or to the server of reverse mode: the option `upstream_auth`. What
 * goes through a tunnel is not the proxy's to read, and gets none.
 */
export class UpstreamAuth implements Addon {
  readonly name = 'upstream_auth';
  private value: string | undefined;
  private readonly tunnels = new WeakSet<ClientConnection>();

  configure(updated: ReadonlySet<string>, { options }: AddonContext): void {
    if (!updated.has('upstreamAuth')) return;
    const credentials = options.upstreamAuth;
    this.value = credentials === undefined ? undefined : upstreamAuthorization(credentials);
  }

  /** Tunnels are noted as long as credentials may be given later. */
  isIdle({ options }: AddonContext): boolean {
    return this.value === undefined && !options.mode.some(({ type }) => type === 'upstream');
  }

  httpConnected({ clientConn }: HttpFlow): void {
    this.tunnels.add(clientConn);
  }

  httpConnectUpstream({ request }: HttpFlow): void {
    if (this.value !== undefined) request.headers.set('Proxy-Authorization', this.value);
  }

  requestheaders({ request, clientConn }: HttpFlow): void {
    if (this.value === undefined) return;
    const mode = /^[a-z\d]+/i.exec(clientConn.proxyMode)?.[0].toLowerCase();
    if (mode === 'reverse') request.headers.set('Authorization', this.value);
    if (mode === 'upstream' && request.scheme === 'http' && !this.tunnels.has(clientConn)) {
      request.headers.set('Proxy-Authorization', this.value);
    }
  }
}

/**
 * The value of the header field for `USER:PASSWORD`.
 * @throws {OptionError} for another text
 */
export function upstreamAuthorization(credentials: string): string {
  // The value may be a password that was mistyped.
  if (!/^[^:]+:/.test(credentials)) throw new OptionError('upstream_auth takes USER:PASSWORD');
  return writeBasicAuthorization(credentials);
}
