/** What pathoc can be told: one table for the command line, the usage text and the types. */
import { OptionError } from '../errors.js';
import { readTlsVersions, tlsVersionNames } from '../net/tls-version.js';
import { defineOptions, standardOptions } from '../options/define.js';
import type { InputOf, Program, ValuesOf } from '../options/define.js';
import { parseAuthority } from './authority.js';
import type { Authority } from './authority.js';
import { readProxyCredentials, readSocksProxy } from './proxies.js';

const tls = 'TLS';
const http2 = 'HTTP/2';
const sending = 'Choosing what is sent';
const output = 'Controlling output';

/** The options, in the order in which help shows them. */
export const pathocOptions = defineOptions({
  port: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    help: 'Port to connect to. The short form is -p followed by a whole number. By default, the port behind the host, else 443 with TLS and 80 without.',
  },
  connectTo: {
    type: 'string',
    short: 'c',
    valueName: 'HOST:PORT',
    parse: readConnect,
    help: 'Have the peer, a proxy, connect to HOST:PORT with an HTTP CONNECT, and send everything there.',
  },
  proxyAuth: {
    type: 'string',
    valueName: 'USER:PASS',
    parse: readProxyCredentials,
    help: 'With -c: tell the proxy who asks, by the Basic scheme.',
  },
  socks: {
    type: 'string',
    valueName: '[USER:PASS@]HOST[:PORT]',
    parse: readSocksProxy,
    help: 'Connect through this SOCKS5 proxy, which looks names up itself. Its port is 1080 unless given.',
  },
  timeout: {
    type: 'number',
    short: 't',
    minimum: 0.001,
    valueName: 'SECONDS',
    help:
      'Give up when for so long no connection is made, or nothing is received and nothing can be sent. ' +
      'By default pathoc waits for an answer, and for WebSocket frames, until the peer closes; proxies and handshakes of TLS have 10 seconds.',
  },
  ssl: {
    type: 'boolean',
    short: 's',
    aliases: ['tls'],
    group: tls,
    help: 'Speak TLS, with -c behind the proxy. Certificates are not verified unless --verify or --ca says so.',
  },
  sni: {
    type: 'string',
    short: 'i',
    valueName: 'NAME',
    group: tls,
    help: 'Name of the server to ask for, and to verify. By default the host, unless it is an address; nothing is asked for with an empty name.',
  },
  clientCertificate: {
    type: 'string',
    short: 'C',
    long: 'client-cert',
    valueName: 'FILE',
    group: tls,
    help: 'Show the certificate of this PEM file, which holds its private key too, to servers that ask for one.',
  },
  ciphers: {
    type: 'string',
    valueName: 'LIST',
    group: tls,
    help: "Ciphers to offer, as a cipher list of OpenSSL's: names with colons between them.",
  },
  sslVersion: {
    type: 'string',
    valueName: `{${tlsVersionNames.join(',')}}`,
    parse: readTlsVersions,
    group: tls,
    help: 'Version of TLS to speak. By default secure, which is 1.2 and 1.3; all is 1.0 to 1.3.',
  },
  verify: {
    type: 'boolean',
    group: tls,
    help: 'Go on only if the certificate of the server is valid, for its name, and from an authority that Node.js trusts.',
  },
  ca: {
    type: 'string',
    valueName: 'FILE',
    group: tls,
    help: 'As --verify, but trust the authorities in this PEM file and no others.',
  },
  http2: { type: 'boolean', group: http2, help: 'Send HTTP/2, over TLS: -s is implied.' },
  h2c: {
    type: 'boolean',
    group: http2,
    help: 'Send HTTP/2 without TLS, to a server that is known to understand it.',
  },
  http2SkipConnectionPreface: {
    type: 'boolean',
    group: http2,
    help: 'Begin without the connection preface and its SETTINGS.',
  },
  http2Framedump: { type: 'boolean', programOnly: true, group: http2, help: 'Print every frame sent and received.' },
  repeat: {
    type: 'integer',
    programOnly: true,
    short: 'n',
    minimum: -1,
    default: 1,
    valueName: 'N',
    group: sending,
    help: 'Repeat N times, each time over a new connection; -1 repeats forever.',
  },
  wait: {
    type: 'number',
    programOnly: true,
    short: 'w',
    minimum: 0,
    valueName: 'SECONDS',
    group: sending,
    help: 'Wait between repetitions.',
  },
  random: {
    type: 'boolean',
    programOnly: true,
    short: 'r',
    group: sending,
    help: 'Send one spec picked by chance in each repetition. By default all of them are sent, in order.',
  },
  memo: {
    type: 'boolean',
    programOnly: true,
    short: 'm',
    group: sending,
    help: 'Never send the same twice. What is sent is compared with all that chance decides written out.',
  },
  memoLimit: {
    type: 'integer',
    programOnly: true,
    minimum: 1,
    default: 5000,
    valueName: 'N',
    group: sending,
    help: 'With -m: stop when N attempts in a row gave nothing new.',
  },
  seed: {
    type: 'string',
    valueName: 'N',
    group: sending,
    help:
      'Where chance begins: the same seed sends the same bytes. ' +
      'By default another one every time, printed on standard error when chance decides anything.',
  },
  ignoreCodes: {
    type: 'string',
    programOnly: true,
    short: 'I',
    valueName: 'CODES',
    parse: readCodes,
    group: output,
    help: 'Print nothing of exchanges that are answered with one of these codes, a list of numbers with commas.',
  },
  explain: {
    type: 'boolean',
    programOnly: true,
    short: 'e',
    group: output,
    help: 'Print, and send, each spec with all that is added and all that chance decides written out, so that it can be sent again.',
  },
  oneshot: {
    type: 'boolean',
    programOnly: true,
    short: 'o',
    group: output,
    help: 'Stop after the first answer that is not ignored.',
  },
  showRequest: {
    type: 'boolean',
    programOnly: true,
    short: 'q',
    group: output,
    help: 'Print the bytes sent, up to 16 MiB of each message.',
  },
  showResponse: {
    type: 'boolean',
    programOnly: true,
    short: 'p',
    orInteger: 'port',
    group: output,
    help: 'Print the bytes received, up to 16 MiB for each message. Followed by a whole number, -p means --port.',
  },
  showSummary: {
    type: 'boolean',
    programOnly: true,
    short: 'S',
    group: output,
    help: 'Print the protocol, the cipher and the certificates of each TLS connection.',
  },
  ignoreTimeouts: {
    type: 'boolean',
    programOnly: true,
    short: 'T',
    group: output,
    help: 'Go on with the next request after a timeout, and do not count it as a failure.',
  },
  hexdump: { type: 'boolean', programOnly: true, short: 'x', group: output, help: 'Print bytes in hexadecimal.' },
  timestamps: {
    type: 'boolean',
    programOnly: true,
    default: true,
    negatable: true,
    group: output,
    help: 'Leave out the local time, DD-MM-YY HH:MM:SS, before each message sent.',
  },
  showUas: { type: 'boolean', standalone: true, help: 'Show the user agents that the clause u knows, and exit.' },
  ...standardOptions,
});

/** The pathocProgram as its usage text shows it. */
export const pathocProgram: Program<(typeof pathocOptions)['table']> = {
  name: 'pathoc',
  summary:
    'A perverse HTTP client: sends whatever requests and WebSocket frames its arguments spell out, and shows what comes back.',
  operands: [
    {
      name: 'host[:port]',
      help: 'Whom to connect to. IPv6 addresses stand in brackets when a port follows: [::1]:80.',
    },
    { name: 'spec', help: 'What to send: requests and frames, or the name of a file that holds them.', many: true },
  ],
  options: pathocOptions,
};

/** All options with their values. */
export type PathocValues = ValuesOf<typeof pathocOptions>;

/** What code may give of them. */
export type PathocInput = InputOf<typeof pathocOptions>;

function readConnect(text: string): Required<Authority> {
  const authority = parseAuthority(text);
  if (authority?.port !== undefined) return { host: authority.host, port: authority.port };
  throw new OptionError(`Invalid CONNECT specification: ${text} (write HOST:PORT)`);
}

function readCodes(text: string): readonly number[] {
  const codes = text.split(',').map((code) => code.trim());
  if (codes.every((code) => /^\d+$/.test(code))) return codes.map(Number);
  throw new OptionError(`Invalid return code specification: ${text} (write numbers with commas between them)`);
}
