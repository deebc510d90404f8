/** What the proxy can be told: one table for the command line, the fixture, the usage text and the types. */
import { isIP } from 'node:net';
import { OptionError } from '../errors.js';
import { defineOptions } from '../options/define.js';
import type { InputOf, ValuesOf } from '../options/define.js';
import { isMode, readMode } from './read-mode.js';

const tls = 'TLS';
const http = 'HTTP';
const clients = 'Clients';
const servers = 'Servers';

/** Versions of TLS as options name them. */
const versions = ['UNBOUNDED', 'SSL3', 'TLS1', 'TLS1_1', 'TLS1_2', 'TLS1_3'] as const;

/** The options of the core, in the order in which help shows them. In files and with `--set` they are in snake case. */
export const proxyOptions = defineOptions({
  mode: {
    type: 'list',
    short: 'm',
    default: ['regular'],
    parse: readMode,
    isParsed: isMode,
    valueName: 'MODE[@[HOST:]PORT]',
    help: 'How the proxy learns where connections lead: regular, transparent, socks5, reverse:SPEC, upstream:SPEC. Several may be given.',
  },
  listenHost: {
    type: 'string',
    default: '127.0.0.1',
    valueName: 'HOST',
    help: 'Address to listen on; an empty one means every address.',
  },
  listenPort: {
    type: 'integer',
    short: 'p',
    minimum: 0,
    maximum: 65535,
    valueName: 'PORT',
    help: 'Port to listen on; 0 for any that is free. Default: 8080, and 1080 for socks5.',
  },
  server: {
    type: 'boolean',
    short: 'n',
    default: true,
    negatable: true,
    help: 'Listen for clients. Without it, flows are read and sent again all the same.',
  },
  confdir: {
    type: 'string',
    valueName: 'DIRECTORY',
    help: 'Directory of the certificate authority and of config.yaml, made when it is missing. The program takes ~/.mitmproxy; in code, an authority in memory is made for the process.',
  },
  certs: {
    type: 'list',
    group: tls,
    valueName: '[DOMAIN=]PATH',
    help: 'Show the certificate in PATH, PEM with its key and chain, for DOMAIN, which may be *.NAME; for every host without one.',
  },
  certPassphrase: { type: 'string', group: tls, help: 'Passphrase of the private keys in those files.' },
  keySize: {
    type: 'integer',
    default: 2048,
    minimum: 512,
    maximum: 16384,
    group: tls,
    help: 'Bits of the RSA key of an authority that is made.',
  },
  upstreamCert: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: tls,
    help: 'Shake hands with the server first, and make certificates with the names of its own.',
  },
  addUpstreamCertsToClientChain: {
    type: 'boolean',
    negatable: true,
    group: tls,
    help: "Send the server's chain behind the certificate that is made. Needs upstream_cert.",
  },
  sslInsecure: {
    type: 'boolean',
    short: 'k',
    negatable: true,
    group: tls,
    help: 'Take any certificate of servers.',
  },
  sslVerifyUpstreamTrustedCa: {
    type: 'string',
    group: tls,
    valueName: 'FILE',
    help: 'PEM certificates that those of servers must lead to, in the place of the ones that are trusted otherwise.',
  },
  sslVerifyUpstreamTrustedConfdir: {
    type: 'string',
    group: tls,
    valueName: 'DIRECTORY',
    help: 'Directory of such PEM files.',
  },
  clientCerts: {
    type: 'string',
    group: tls,
    valueName: 'PATH',
    help: 'Certificate with its key, in PEM, to show to servers that ask for one; or a directory of files HOST.pem.',
  },
  requestClientCert: { type: 'boolean', negatable: true, group: tls, help: 'Ask clients for a certificate.' },
  ciphersClient: { type: 'string', group: tls, help: "Cipher suites for clients, in OpenSSL's form." },
  ciphersServer: { type: 'string', group: tls, help: "Cipher suites for servers, in OpenSSL's form." },
  tlsVersionClientMin: {
    type: 'choice',
    choices: versions,
    default: 'TLS1_2',
    group: tls,
    help: 'Oldest version of TLS for clients.',
  },
  tlsVersionClientMax: {
    type: 'choice',
    choices: versions,
    default: 'UNBOUNDED',
    group: tls,
    help: 'Newest version of TLS for clients.',
  },
  tlsVersionServerMin: {
    type: 'choice',
    choices: versions,
    default: 'TLS1_2',
    group: tls,
    help: 'Oldest version of TLS for servers.',
  },
  tlsVersionServerMax: {
    type: 'choice',
    choices: versions,
    default: 'UNBOUNDED',
    group: tls,
    help: 'Newest version of TLS for servers.',
  },
  tlsEcdhCurveClient: {
    type: 'string',
    group: tls,
    help: 'Curve of the key exchange with clients: prime256v1, X25519.',
  },
  tlsEcdhCurveServer: { type: 'string', group: tls, help: 'Curve of the key exchange with servers.' },
  ignoreHosts: {
    type: 'list',
    group: clients,
    valueName: 'REGEX',
    help: 'Pass on, undecrypted and unkept, what goes to hosts that match.',
  },
  allowHosts: {
    type: 'list',
    group: clients,
    valueName: 'REGEX',
    help: 'Pass on, undecrypted and unkept, what goes to any host but those that match.',
  },
  showIgnoredHosts: {
    type: 'boolean',
    negatable: true,
    group: clients,
    help: 'Keep what is passed on as flows of bytes.',
  },
  tcpHosts: {
    type: 'list',
    group: clients,
    valueName: 'REGEX',
    help: 'Take what goes to hosts that match for plain bytes; TLS is decrypted nevertheless.',
  },
  blockGlobal: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: clients,
    help: 'Turn clients with public addresses away.',
  },
  blockPrivate: {
    type: 'boolean',
    negatable: true,
    group: clients,
    help: 'Turn clients with private addresses away; loopback stays.',
  },
  proxyauth: {
    type: 'string',
    group: clients,
    valueName: 'SPEC',
    help: 'Ask clients for credentials: USER:PASSWORD, any, or @FILE for one of htpasswd.',
  },
  onboarding: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: clients,
    help: 'Serve the page from which the certificate of the authority is installed.',
  },
  onboardingHost: { type: 'string', default: 'mitm.it', group: clients, help: 'Host of that page.' },
  connectionStrategy: {
    type: 'choice',
    choices: ['eager', 'lazy'],
    default: 'eager',
    group: servers,
    help: 'When servers are connected to: as soon as it is known where to, or once there is something to send.',
  },
  connectAddr: {
    type: 'string',
    group: servers,
    parse: localAddress,
    isParsed: () => false,
    valueName: 'ADDRESS',
    help: 'Local address of connections to servers.',
  },
  upstreamAuth: {
    type: 'string',
    group: servers,
    valueName: 'USER:PASSWORD',
    help: 'Credentials for the proxy of upstream mode, or the server of reverse mode.',
  },
  httpConnectSendHostHeader: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: servers,
    help: 'Send a Host header field in CONNECT requests.',
  },
  http2: { type: 'boolean', default: true, negatable: true, group: http, help: 'Speak HTTP/2.' },
  http2PingKeepalive: {
    type: 'integer',
    default: 58,
    minimum: 0,
    group: http,
    valueName: 'SECONDS',
    help: 'Send PING on connections of HTTP/2 that were idle for so long; 0 for never.',
  },
  websocket: { type: 'boolean', default: true, negatable: true, group: http, help: 'Read what WebSockets carry.' },
  rawtcp: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: servers,
    help: 'Pass on what is neither HTTP nor TLS as plain bytes.',
  },
  tcpTimeout: {
    type: 'integer',
    default: 600,
    minimum: 1,
    group: servers,
    valueName: 'SECONDS',
    help: 'Close connections of plain bytes that were idle for so long.',
  },
  keepHostHeader: {
    type: 'boolean',
    negatable: true,
    group: http,
    help: 'Leave the Host header field alone in reverse mode.',
  },
  validateInboundHeaders: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: http,
    help: 'Refuse messages whose header fields two readers may understand in two ways.',
  },
  normalizeOutboundHeaders: {
    type: 'boolean',
    default: true,
    negatable: true,
    group: http,
    help: 'Send the names of header fields in lower case over HTTP/2.',
  },
  bodySizeLimit: { type: 'size', group: http, help: 'Refuse bodies that are larger.' },
  streamLargeBodies: {
    type: 'size',
    group: http,
    help: 'Pass on bodies that are larger as they arrive, without keeping them.',
  },
  storeStreamedBodies: {
    type: 'boolean',
    negatable: true,
    group: http,
    help: 'Keep bodies that are passed on as they arrive, too.',
  },
});

function localAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new OptionError(`connect_addr takes an IP address of this machine, not ${JSON.stringify(text)}`);
}

/** The values of all options of the core. */
export type ProxyValues = ValuesOf<typeof proxyOptions>;

/** What code may give for them. */
export type ProxyInput = InputOf<typeof proxyOptions>;
