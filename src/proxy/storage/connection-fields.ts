/** The dictionaries of connections, in the layout of mitmproxy 8.1.1 and in the newest. */
import { ClientConnection, ServerConnection } from '../flow/connection.js';
import type { Address, TransportProtocol, Via } from '../flow/connection.js';
import {
  bytes,
  derived,
  dictionary,
  field,
  integer,
  items,
  listOf,
  optional,
  readFields,
  seconds,
  text,
  textBytes,
  truth,
  writeFields,
} from './codec.js';
import type { Codec, Field } from './codec.js';
import type { FlowLayout } from './layout.js';

/** An address of IPv6 has two more numbers, which nobody looks at. */
const address: Codec<Address> = {
  read: (value) => {
    const [host = null, port = null] = items(value);
    return [text.read(host), integer.read(port)];
  },
  write: (output, [host, port]) => {
    const mark = output.open(']');
    output.integer(port);
    output.text(host);
    output.close(mark);
  },
};

const via: Codec<Via> = {
  read: (value) => {
    const [scheme = null, at = null] = items(value);
    return [text.read(scheme), address.read(at)];
  },
  write: (output, [scheme, at]) => {
    const mark = output.open(']');
    address.write(output, at);
    output.text(scheme);
    output.close(mark);
  },
};

const transport: Codec<TransportProtocol> = {
  read: (value) => (value === 'udp' ? 'udp' : 'tcp'),
  write: (output, value) => output.text(value),
};

const client17: readonly Field<ClientConnection>[] = [
  field('address', 'peername', optional(address)),
  field('alpn', 'alpn', optional(textBytes)),
  field('cipher_name', 'cipher', optional(text)),
  field('id', 'id', text),
  field('mitmcert', 'mitmcert', optional(bytes)),
  field('sni', 'sni', optional(text)),
  field('timestamp_end', 'timestampEnd', optional(seconds)),
  field('timestamp_start', 'timestampStart', optional(seconds)),
  field('timestamp_tls_setup', 'timestampTlsSetup', optional(seconds)),
  derived('tls_established', truth, (client) => client.tlsEstablished),
  derived('tls_extensions', listOf(text), () => []),
  field('tls_version', 'tlsVersion', optional(text)),
  field('state', 'state', integer),
  field('sockname', 'sockname', optional(address)),
  field('error', 'error', optional(text)),
  field('tls', 'tls', truth),
  field('certificate_list', 'certificateList', listOf(bytes)),
  field('alpn_offers', 'alpnOffers', listOf(textBytes)),
  field('cipher_list', 'cipherList', listOf(text)),
];

const server17: readonly Field<ServerConnection>[] = [
  field('address', 'address', optional(address)),
  field('alpn', 'alpn', optional(textBytes)),
  field('id', 'id', text),
  field('ip_address', 'peername', optional(address)),
  field('sni', 'sni', optional(text)),
  field('source_address', 'sockname', optional(address)),
  field('timestamp_end', 'timestampEnd', optional(seconds)),
  field('timestamp_start', 'timestampStart', optional(seconds)),
  field('timestamp_tcp_setup', 'timestampTcpSetup', optional(seconds)),
  field('timestamp_tls_setup', 'timestampTlsSetup', optional(seconds)),
  derived('tls_established', truth, (server) => server.tlsEstablished),
  field('tls_version', 'tlsVersion', optional(text)),
  derived('via', optional(text), () => undefined),
  {
    key: 'state',
    readInto: (value, server) => (server.state = integer.read(value)),
    // mitmproxy 8.1.1 cannot read a connection through a proxy that is open: it sets `via2` after the state, and
    // refuses to change an open connection. So none is written as open.
    writeOf: (output, { state, via: through }) => output.integer(through === undefined ? state : 0),
  },
  field('error', 'error', optional(text)),
  field('tls', 'tls', truth),
  field('certificate_list', 'certificateList', listOf(bytes)),
  field('alpn_offers', 'alpnOffers', listOf(textBytes)),
  field('cipher_name', 'cipher', optional(text)),
  field('cipher_list', 'cipherList', listOf(text)),
  field('via2', 'via', optional(via)),
];

/** What both connections have in the newest layout, where a state is not kept any more. */
function both21<C extends ClientConnection | ServerConnection>(): readonly Field<C>[] {
  const fields: readonly Field<ClientConnection | ServerConnection>[] = [
    field('peername', 'peername', optional(address)),
    field('sockname', 'sockname', optional(address)),
    field('id', 'id', text),
    field('transport_protocol', 'transportProtocol', transport),
    field('error', 'error', optional(text)),
    field('tls', 'tls', truth),
    field('certificate_list', 'certificateList', listOf(bytes)),
    field('alpn', 'alpn', optional(textBytes)),
    field('alpn_offers', 'alpnOffers', listOf(textBytes)),
    field('cipher', 'cipher', optional(text)),
    field('cipher_list', 'cipherList', listOf(text)),
    field('tls_version', 'tlsVersion', optional(text)),
    field('sni', 'sni', optional(text)),
    field('timestamp_end', 'timestampEnd', optional(seconds)),
    field('timestamp_tls_setup', 'timestampTlsSetup', optional(seconds)),
  ];
  return fields;
}

const client21: readonly Field<ClientConnection>[] = [
  ...both21<ClientConnection>(),
  {
    key: 'timestamp_start',
    readInto: (value, client) => (client.timestampStart = seconds.read(value)),
    writeOf: (output, client) => output.number(client.timestampStart ?? 0),
  },
  field('mitmcert', 'mitmcert', optional(bytes)),
  field('proxy_mode', 'proxyMode', text),
];

const server21: readonly Field<ServerConnection>[] = [
  ...both21<ServerConnection>(),
  field('timestamp_start', 'timestampStart', optional(seconds)),
  field('address', 'address', optional(address)),
  field('timestamp_tcp_setup', 'timestampTcpSetup', optional(seconds)),
  field('via', 'via', optional(via)),
];

/** The dictionary of the connection from the client. */
export function clientCodec(layout: FlowLayout): Codec<ClientConnection> {
  return connectionCodec(layout === 17 ? client17 : client21, () => new ClientConnection());
}

/** The dictionary of the connection to the server. */
export function serverCodec(layout: FlowLayout): Codec<ServerConnection> {
  return connectionCodec(layout === 17 ? server17 : server21, () => new ServerConnection());
}

/** Many flows share a connection: what was written of it is kept for as long as it stays as it was. */
function connectionCodec<C extends object>(fields: readonly Field<C>[], make: () => C): Codec<C> {
  const written = new WeakMap<C, { readonly facts: readonly unknown[]; readonly item: Buffer }>();
  return {
    read: (value) => readFields(fields, dictionary(value), make()),
    write: (output, connection) => {
      const facts: readonly unknown[] = Object.values(connection);
      const known = written.get(connection);
      if (known !== undefined && isEqual(known.facts, facts)) {
        output.raw(known.item);
        return;
      }
      const from = output.length;
      writeFields(output, fields, connection);
      written.set(connection, { facts, item: output.copy(from) });
    },
  };
}

/** Whether all facts are the same values. Lists of connections are never changed in place. */
function isEqual(some: readonly unknown[], others: readonly unknown[]): boolean {
  for (let i = 0; i < others.length; i++) if (some[i] !== others[i]) return false;
  return some.length === others.length;
}
