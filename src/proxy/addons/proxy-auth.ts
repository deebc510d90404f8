import { reasonPhrase } from '../message/reason-phrase.js';
import { Response } from '../message/response.js';
import { readBasicAuthorization } from '../credentials/basic-authorization.js';
import type { Credentials } from '../credentials/basic-authorization.js';
import { readCredentialCheck } from '../credentials/credential-check.js';
import type { CredentialCheck } from '../credentials/credential-check.js';
import type { ClientConnection } from '../flow/connection.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import type { Socks5AuthData } from '../hooks/hook-data.js';

/** The fields and the status by which credentials are asked for (RFC 9110, section 11). */
interface Demand {
  readonly status: 401 | 407;
  readonly challenge: string;
  readonly answer: string;
}

const ofProxy: Demand = { status: 407, challenge: 'Proxy-Authenticate', answer: 'Proxy-Authorization' };
const ofServer: Demand = { status: 401, challenge: 'WWW-Authenticate', answer: 'Authorization' };

/**
 * Asks clients for credentials: the option `proxyauth`. A client that gave them with CONNECT or to SOCKS is not asked
 * again on that connection.
 */
export class ProxyAuth implements Addon {
  readonly name = 'proxyauth';
  private check: CredentialCheck | undefined;
  private readonly known = new WeakMap<ClientConnection, Credentials>();

  async configure(updated: ReadonlySet<string>, { options }: AddonContext): Promise<void> {
    if (!updated.has('proxyauth')) return;
    const spec = options.proxyauth ?? '';
    this.check = spec === '' ? undefined : await readCredentialCheck(spec);
  }

  /** Without credentials to ask for, every user that SOCKS tells of is let in. */
  isIdle({ options }: AddonContext): boolean {
    return this.check === undefined && !options.mode.some(({ type }) => type === 'socks5');
  }

  requestheaders(flow: HttpFlow): void | Promise<void> {
    if (this.check === undefined || flow.isReplay !== undefined) return undefined;
    const known = this.known.get(flow.clientConn);
    if (known !== undefined) {
      note(flow, known);
      return undefined;
    }
    return this.authenticate(this.check, flow, () => undefined);
  }

  httpConnect(flow: HttpFlow): void | Promise<void> {
    if (this.check === undefined) return undefined;
    return this.authenticate(this.check, flow, (credentials) => this.known.set(flow.clientConn, credentials));
  }

  async socks5Auth(data: Socks5AuthData): Promise<void> {
    const { client, username, password } = data;
    data.valid = this.check === undefined || (await this.check.accepts({ username, password }));
    if (data.valid) this.known.set(client, { username, password });
  }

  private authenticate(
    check: CredentialCheck,
    flow: HttpFlow,
    letIn: (credentials: Credentials) => void,
  ): void | Promise<void> {
    const demand = /^(?:regular|upstream)(?::|$)/i.test(flow.clientConn.proxyMode) ? ofProxy : ofServer;
    const credentials = readBasicAuthorization(flow.request.headers.get(demand.answer) ?? '');
    const judge = (isGood: boolean): void => {
      if (!isGood || credentials === undefined) {
        flow.response = refusal(demand);
        return;
      }
      flow.request.headers.delete(demand.answer);
      note(flow, credentials);
      letIn(credentials);
    };
    const isGood = credentials !== undefined && check.accepts(credentials);
    return typeof isGood === 'boolean' ? judge(isGood) : isGood.then(judge);
  }
}

function note(flow: HttpFlow, { username, password }: Credentials): void {
  flow.metadata['proxyauth'] = [username, password];
}

function refusal({ status, challenge }: Demand): Response {
  const title = `${String(status)} ${reasonPhrase(status) ?? ''}`;
  const page = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return Response.make(status, page, { [challenge]: 'Basic realm="mitmproxy"' });
}
