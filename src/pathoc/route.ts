/** From options to the way to the server. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { OptionError } from '../errors.js';
import type { DialChainOptions } from '../net/dial-chain.js';
import { expandHome } from '../net/expand-home.js';
import { parseCertificates, parsePem, readCertificates, readPemFile } from '../net/pem-file.js';
import type { KeyAndCertificates } from '../net/pem-file.js';
import { tlsClientContext } from '../net/tls-dial.js';
import type { TlsHandshakeOptions } from '../net/tls-dial.js';
import type { PathocValues } from './options.js';

/** The keys of the options that decide how a connection is made, for the command line and for code. */
export const routeKeys = [
  'port',
  'connectTo',
  'proxyAuth',
  'socks',
  'timeout',
  'ssl',
  'sni',
  'clientCertificate',
  'ciphers',
  'sslVersion',
  'verify',
  'ca',
  'http2',
  'h2c',
  'http2SkipConnectionPreface',
  'http2Framedump',
] as const satisfies readonly (keyof PathocValues)[];

/** The options that decide how a connection is made. */
export type RouteValues = Pick<PathocValues, (typeof routeKeys)[number]>;

/** The way to a server, ready to be gone any number of times. */
export type Route = Omit<DialChainOptions, 'signal' | 'clock'>;

/** Options that mean nothing without TLS. */
const tlsOnly = ['sni', 'clientCertificate', 'ciphers', 'sslVersion', 'verify', 'ca'] as const;

const names = {
  sni: '--sni',
  clientCertificate: '--client-cert',
  ciphers: '--ciphers',
  sslVersion: '--ssl-version',
  verify: '--verify',
  ca: '--ca',
} as const satisfies Record<(typeof tlsOnly)[number], string>;

/** Whether these options ask for TLS. */
export function usesTls({ ssl, http2 }: Pick<RouteValues, 'ssl' | 'http2'>): boolean {
  return ssl || http2;
}

/** The port to connect to when none stands behind the host. */
export function portOf(values: Pick<RouteValues, 'port' | 'ssl' | 'http2'>): number {
  // It is so for the proxy of -c too, as the ancestor has it.
  return values.port ?? (usesTls(values) ? 443 : 80);
}

/**
 * Reads the files that options name, and checks that the options go together.
 * @param host whom to connect to; an HTTP proxy with `connectTo`
 * @throws {OptionError} for files and values that cannot be used, and for options that contradict each other
 */
export async function routeOf(host: string, values: RouteValues): Promise<Route> {
  checkTogether(values);
  checkServerName(values.sni);
  const { timeout, connectTo, proxyAuth, socks } = values;
  return {
    host,
    port: portOf(values),
    timeout: timeout === undefined ? undefined : timeout * 1000,
    socks,
    connectTo: connectTo && { ...connectTo, credentials: proxyAuth },
    tls: usesTls(values) ? await tlsOptions(connectTo?.host ?? host, values) : undefined,
  };
}

function checkTogether(values: RouteValues): void {
  const { connectTo, proxyAuth, ssl, http2, h2c, http2SkipConnectionPreface, http2Framedump } = values;
  if (h2c && (ssl || http2)) throw new OptionError('--h2c is HTTP/2 without TLS: it goes neither with -s nor --http2');
  if (proxyAuth !== undefined && connectTo === undefined) {
    throw new OptionError('--proxy-auth is sent with the CONNECT of -c, which was not given');
  }
  const framesOnly = http2SkipConnectionPreface ? 'skip-connection-preface' : http2Framedump ? 'framedump' : undefined;
  if (framesOnly !== undefined && !http2 && !h2c) throw new OptionError(`--http2-${framesOnly} needs --http2 or --h2c`);
  if (usesTls(values)) return;
  const useless = tlsOnly.find((key) => values[key] !== undefined && values[key] !== false);
  if (useless !== undefined) throw new OptionError(`${names[useless]} needs TLS, which -s asks for`);
}

/** An empty name is none, which is asked for. A ClientHello has room for other names, but no server for them. */
function checkServerName(sni: string | undefined): void {
  if (sni === undefined || sni === '' || isIP(sni) !== 0 || /^[\w.-]{1,255}$/.test(sni)) return;
  throw new OptionError(`--sni takes the name of a host in ASCII, not ${JSON.stringify(sni)}`);
}

async function tlsOptions(host: string, values: RouteValues): Promise<TlsHandshakeOptions> {
  const { sni, clientCertificate, ciphers, sslVersion, verify, ca, http2 } = values;
  const authorities = await readAuthorities(ca);
  return {
    context: tlsClientContext({
      certificate: await readClientCertificate(clientCertificate),
      ciphers,
      versions: sslVersion,
      authorities: authorities?.map(String),
    }),
    serverName: sni ?? host,
    verifiedName: sni === undefined || sni === '' ? host : sni,
    protocols: [http2 ? 'h2' : 'http/1.1'],
    verify: verify || ca !== undefined,
  };
}

async function readClientCertificate(given: string | undefined): Promise<KeyAndCertificates | undefined> {
  if (given === undefined) return undefined;
  const role = 'client certificate';
  return isPem(given) ? parsePem(given, 'given', { role }) : readPemFile(pathOf(given), { role });
}

async function readAuthorities(given: string | undefined): Promise<readonly X509Certificate[] | undefined> {
  if (given === undefined) return undefined;
  const role = 'authority file';
  return isPem(given) ? parseCertificates(given, 'given', role) : readCertificates(pathOf(given), role);
}

/** Code may have the text at hand instead of a file. No path is meant by more than one line. */
function isPem(given: string): boolean {
  return given.includes('-----BEGIN ') || /[\r\n]/.test(given);
}

function pathOf(written: string): string {
  return resolve(expandHome(written));
}
