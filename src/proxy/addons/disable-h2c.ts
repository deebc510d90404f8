import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';

/**
 * Keeps clients from going over to HTTP/2 within a connection in the clear, where nobody would read it any more: takes
 * the offer out of the request (RFC 7540, section 3.2).
 */
export class DisableH2c implements Addon {
  readonly name = 'disable_h2c';

  requestheaders({ request }: HttpFlow, { log }: AddonContext): void {
    const offer = request.headers.get('upgrade');
    if (offer === undefined || request.isHttp2 || !/(?:^|[\s,])h2c(?:[\s,]|$)/i.test(offer)) return;
    log.warn(`${request.prettyUrl}: the offer of HTTP/2 in the clear was taken out of the request`);
    for (const name of ['upgrade', 'connection', 'http2-settings']) request.headers.delete(name);
  }
}
