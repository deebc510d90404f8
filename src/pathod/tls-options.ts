/** What pathod and its fixture can be told about TLS and HTTP/2. */
import { OptionError } from '../errors.js';
import type { OptionTable } from '../options/define.js';
import { checkTlsVersions, readTlsVersions } from '../net/tls-version.js';
import type { PathodValues } from './options.js';

/** A pattern that server names must begin with, and the name of the fault that handshakes for them have. */
export type TlsAnchor = readonly [pattern: string | RegExp, fault: string];

/**
 * Takes `PATTERN=FAULT` apart at the last `=`: a pattern may hold one, a fault does not.
 * @throws {OptionError} when one of the two is missing
 */
function readTlsAnchor(text: string): TlsAnchor {
  const equals = text.lastIndexOf('=');
  const pattern = text.slice(0, Math.max(0, equals));
  const fault = text.slice(equals + 1);
  if (pattern === '' || fault === '') {
    throw new OptionError(`Invalid TLS anchor: ${text} (a TLS anchor is written PATTERN=FAULT)`);
  }
  return [pattern, fault];
}

const group = 'TLS and HTTP/2';

/** A part of the options of pathod, in the order in which help shows them. */
export const tlsOptions = {
  ssl: { type: 'boolean', short: 's', aliases: ['tls'], group, help: 'Speak TLS on the port.' },
  cn: {
    type: 'string',
    group,
    valueName: 'NAME',
    help: 'Common name of the certificates that are made; by default, the name that the client asks for.',
  },
  sans: {
    type: 'list',
    long: 'san',
    group,
    valueName: 'NAME',
    help: 'A further name or address for the certificates that are made.',
  },
  certs: {
    type: 'list',
    long: 'cert',
    group,
    valueName: '[DOMAIN=]FILE',
    help: 'Show the certificate in FILE, PEM with its key and chain, for DOMAIN, which may be *.NAME; for every host without one.',
  },
  certPassphrase: {
    type: 'string',
    group,
    valueName: 'TEXT',
    help: 'Passphrase of the private keys in those files.',
  },
  confdir: {
    type: 'string',
    group,
    valueName: 'DIRECTORY',
    help: 'Directory of the certificate authority, made when it is missing. The program takes ~/.mitmproxy unless told otherwise; in code, an authority in memory is made for the process.',
  },
  ciphers: {
    type: 'string',
    group,
    valueName: 'LIST',
    help: 'Cipher suites to accept, as OpenSSL lists them.',
  },
  sslVersion: {
    type: 'string',
    default: 'secure',
    parse: readTlsVersions,
    group,
    valueName: 'VERSION',
    help: 'Versions of TLS to accept: secure (1.2 and 1.3), all, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3.',
  },
  requestClientCertificate: {
    type: 'boolean',
    group,
    help: 'Ask clients for a certificate, which records show, and the text log with -e or -q. None is needed, and any will do.',
  },
  tlsFault: {
    type: 'string',
    group,
    valueName: 'FAULT',
    help: 'Let every handshake go wrong in the way named, see --faults.',
  },
  tlsAnchors: {
    type: 'list',
    long: 'tls-anchor',
    parse: readTlsAnchor,
    group,
    valueName: 'PATTERN=FAULT',
    help: 'Let handshakes go wrong for server names that begin with the regular expression PATTERN. Tried in order, before --tls-fault.',
  },
  noTlsAfterConnect: {
    type: 'boolean',
    short: 'C',
    group,
    help: 'Do not expect TLS after a CONNECT: what is in the tunnel is served as plain HTTP.',
  },
  http2: {
    type: 'boolean',
    default: true,
    negatable: true,
    group,
    help: 'Offer HTTP/1.1 alone to clients of TLS; in code, http2: false.',
  },
  h2c: { type: 'boolean', group, help: 'Speak HTTP/2 without TLS to clients that begin with its preface.' },
  http2Framedump: {
    type: 'boolean',
    long: 'http2-framedump',
    group: 'Controlling logging',
    help: 'Log each HTTP/2 frame, received or sent.',
  },
} as const satisfies OptionTable;

/**
 * What the table cannot say: texts that would do nothing, or something else than they seem to.
 * @throws {OptionError} for one that is empty, and for versions that code gave in another form than a name
 */
export function checkTlsValues({
  confdir,
  ciphers,
  cn,
  sslVersion,
}: Pick<PathodValues, 'confdir' | 'ciphers' | 'cn' | 'sslVersion'>): void {
  const texts = {
    confdir: [confdir, 'a directory'],
    ciphers: [ciphers, 'a list of cipher suites'],
    cn: [cn, 'a name'],
  };
  for (const [name, [given, what = '']] of Object.entries(texts)) {
    if (given?.trim() === '') throw new OptionError(`${name} takes ${what}, not an empty text`);
  }
  checkTlsVersions(sslVersion);
}
