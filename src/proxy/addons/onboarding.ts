import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import type { TlsClientHelloData } from '../hooks/hook-data.js';
import { reasonPhrase } from '../message/reason-phrase.js';
import type { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import type { ProxyTls } from '../proxy-tls.js';

/** A file of the page. */
interface Download {
  readonly type: string;
  readonly name: string;
  read(pem: string): Buffer | Promise<Buffer>;
}

/** The certificate under the names and in the forms that systems want. */
const downloads: Readonly<Record<string, Download>> = {
  '/cert/pem': { type: 'application/x-x509-ca-cert', name: 'mitmproxy-ca-cert.pem', read: (pem) => Buffer.from(pem) },
  '/cert/cer': { type: 'application/x-x509-ca-cert', name: 'mitmproxy-ca-cert.cer', read: (pem) => Buffer.from(pem) },
  '/cert/p12': { type: 'application/x-pkcs12', name: 'mitmproxy-ca-cert.p12', read: readPkcs12 },
};

/**
 * Serves the page from which the certificate of the authority is installed, without asking any server: the options
 * `onboarding` and `onboarding_host`.
 */
export class Onboarding implements Addon {
  readonly name = 'onboarding';

  constructor(private readonly tls: () => Promise<Pick<ProxyTls, 'ca'>>) {}

  isIdle({ options }: AddonContext): boolean {
    return !options.onboarding;
  }

  tlsClienthello(data: TlsClientHelloData, { options }: AddonContext): void {
    const host = data.clientHello.serverName ?? data.target?.[0];
    if (options.onboarding && isSame(host, options.onboardingHost)) data.establishServerTlsFirst = false;
  }

  requestheaders(flow: HttpFlow, { options }: AddonContext): void | Promise<void> {
    const { request } = flow;
    if (!isServed(request, options)) return undefined;
    return this.answer(request).then((response) => {
      flow.response = response;
    });
  }

  private async answer(request: Request): Promise<Response> {
    const path = request.path.replace(/[?#].*$/s, '');
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, { Allow: 'GET, HEAD' });
    const found = await this.find(path);
    if (method === 'HEAD') {
      const { length } = found.rawContent ?? '';
      found.rawContent = Buffer.alloc(0);
      found.headers.set('Content-Length', String(length));
    }
    return found;
  }

  private async find(path: string): Promise<Response> {
    const { ca } = await this.tls();
    if (path === '/') {
      const { onboardingPage } = await import('./onboarding-page.js');
      return fresh(onboardingPage({ ca }), { 'Content-Type': 'text/html; charset=utf-8' });
    }
    const download = Object.hasOwn(downloads, path) ? downloads[path] : undefined;
    if (download === undefined) return refusal(404);
    return fresh(await download.read(ca), {
      'Content-Type': download.type,
      'Content-Disposition': `inline; filename=${download.name}`,
    });
  }
}

/** Whether a request is for the page. */
function isServed(request: Request, { onboarding, onboardingHost }: AddonContext['options']): boolean {
  // The port is that which the client meant, and costs less to look at.
  return onboarding && (request.port === 80 || request.port === 443) && isSame(request.prettyHost, onboardingHost);
}

function isSame(host: string | undefined, wanted: string): boolean {
  return host?.toLowerCase() === wanted.toLowerCase();
}

/** node-forge, which makes the file, takes long to load. */
async function readPkcs12(pem: string): Promise<Buffer> {
  const { pkcs12 } = await import('../../net/pkcs12.js');
  return pkcs12(pem, undefined, 'mitmproxy');
}

/** A response that is not to be kept: another proxy serves another certificate at the same address. */
function fresh(content: Buffer | string, headers: Record<string, string>): Response {
  return Response.make(200, content, { ...headers, 'Cache-Control': 'no-store' });
}

function refusal(status: number, headers: Record<string, string> = {}): Response {
  const title = `${String(status)} ${reasonPhrase(status) ?? ''}`;
  const page = `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n<p><a href="/">Install the certificate</a></p>\n`;
  return Response.make(status, page, { 'Content-Type': 'text/html; charset=utf-8', ...headers });
}
