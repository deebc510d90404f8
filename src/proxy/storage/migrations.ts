/**
 * Turns the dictionaries of old flow files into those of today, a step a version: up to 17, the layout of
 * mitmproxy 8.1.1, or from 18 on to 21, the newest. Both are read as they are.
 */
import { createHash } from 'node:crypto';
import { dictionary, items } from './codec.js';
import { newestVersion, oldestRelease } from './layout.js';
import type { FlowLayout } from './layout.js';
import { fromReleaseZero } from './release-zero.js';
import type { TnetMap, TnetValue } from './tnetstring.js';

/** A dictionary of a flow that was just read and belongs to nobody else. */
type State = Map<TnetValue, TnetValue>;

/** Handshakes met in files that keep WebSocket flows apart from them, by id. */
export type Handshakes = Map<TnetValue, TnetMap>;

/**
 * Brings a dictionary to a layout of today.
 * @throws {Error} when the version is missing, too old or too new
 */
export function migrate(
  value: TnetValue,
  handshakes: Handshakes,
): { readonly state: TnetMap; readonly layout: FlowLayout } {
  let state = dictionary(value) as State;
  let version = versionOf(state.get('version') ?? versionInBytes(state));
  const layout: FlowLayout = version <= 17 ? 17 : 21;
  for (; version < layout; version++) {
    state = steps[version]?.(state, handshakes) ?? state;
    state.set('version', BigInt(version + 1));
    const before = state.get('backup');
    if (before instanceof Map && version + 1 === layout) state.set('backup', migrate(before, handshakes).state);
  }
  return { state, layout };
}

/** The version of a dictionary whose keys are bytes. */
function versionInBytes(state: TnetMap): TnetValue | undefined {
  return Array.from(state).find(([key]) => Buffer.isBuffer(key) && key.toString() === 'version')?.[1];
}

/** Releases 1.0 to 3.0 count as 1 to 3, those from 0.11 on as 0. */
function versionOf(value: TnetValue | undefined): number {
  if (value === undefined) throw new Error('version is missing');
  const numbers = (Array.isArray(value) ? (value as readonly TnetValue[]) : [value]).map(Number);
  const [version = Number.NaN, release = 0] = numbers;
  if (!Number.isInteger(version)) throw new Error('version is no number');
  if (version === 0 && release >= oldestRelease && release <= 19) return 0;
  if (version >= 1 && version <= newestVersion) return version;
  const text = numbers.slice(0, 2).join('.');
  throw new Error(`version ${text} cannot be read, only 0.${String(oldestRelease)} to ${String(newestVersion)}`);
}

/** A member that is a dictionary, or an empty one. */
function part(state: State, key: string): State {
  const value = state.get(key);
  // Made for this flow alone, as the flow's own dictionary.
  return value instanceof Map ? (value as State) : new Map<TnetValue, TnetValue>();
}

/** Both messages of an HTTP flow, when they are there. */
function messagesOf(state: State): State[] {
  return ['request', 'response'].map((key) => state.get(key)).filter((value) => value instanceof Map) as State[];
}

function connectionsOf(state: State): State[] {
  return [part(state, 'client_conn'), part(state, 'server_conn')];
}

function rename(state: State, from: string, to: string): void {
  const value = state.get(from);
  if (value === undefined) return;
  state.delete(from);
  state.set(to, value);
}

function isHttp(state: State): boolean {
  return state.get('type') === 'http';
}

/** What is done to leave each version. A step changes the dictionary, or gives another. */
const steps: Readonly<Record<number, (state: State, handshakes: Handshakes) => State | undefined>> = {
  0: fromReleaseZero,
  1: (state) => plainAddresses(state),
  2: (state) => {
    part(state, 'client_conn').set('mitmcert', null);
    part(state, 'server_conn').set('tls_version', null);
    return undefined;
  },
  4: (state) => connectionIds(state),
  5: (state) => {
    for (const connection of connectionsOf(state)) {
      rename(connection, 'ssl_established', 'tls_established');
      rename(connection, 'timestamp_ssl_setup', 'timestamp_tls_setup');
    }
    return undefined;
  },
  6: (state) => {
    part(state, 'client_conn').set('tls_extensions', []);
    return undefined;
  },
  7: (state) => {
    for (const message of messagesOf(state)) message.set('trailers', null);
    return undefined;
  },
  8: (state) => replayOfFlow(state),
  9: (state) => connectionFacts(state),
  10: (state) => {
    for (const connection of connectionsOf(state)) {
      rename(connection, 'alpn_proto_negotiated', 'alpn');
      const sni = connection.get('sni');
      if (Buffer.isBuffer(sni)) connection.set('sni', sni.toString('latin1'));
      for (const key of ['alpn_offers', 'cipher_list', 'certificate_list']) {
        if (connection.get(key) === null) connection.set(key, []);
      }
    }
    return undefined;
  },
  11: mergeWebSocket,
  12: (state) => state.set('marked', state.get('marked') === true ? ':default:' : ''),
  13: (state) => commentAndTimes(state),
  14: (state) => {
    const webSocket = part(state, 'websocket');
    const messages = webSocket.get('messages');
    if (messages !== undefined)
      webSocket.set(
        'messages',
        items(messages).map((message) => [...items(message), false]),
      );
    return undefined;
  },
  15: (state) => {
    const started = part(state, 'request').get('timestamp_start') ?? part(state, 'client_conn').get('timestamp_start');
    return state.set('timestamp_created', started ?? 0);
  },
  16: (state) => {
    state.delete('mode');
    return undefined;
  },
  17: (state) => {
    part(state, 'client_conn').set('proxy_mode', 'regular');
    return undefined;
  },
  18: (state) => newNames(state),
  19: (state) => {
    for (const connection of connectionsOf(state)) connection.delete('state');
    return undefined;
  },
  20: (state) => {
    for (const connection of connectionsOf(state)) {
      if (connection.get('tls_version') === 'QUIC') connection.set('tls_version', 'QUICv1');
    }
    return undefined;
  },
};

function plainAddresses(state: State): undefined {
  const places = [
    [part(state, 'client_conn'), ['address']],
    [part(state, 'server_conn'), ['address', 'ip_address', 'source_address']],
  ] as const;
  for (const [connection, keys] of places) {
    for (const key of keys) {
      const value = connection.get(key);
      if (value instanceof Map) connection.set(key, (value as TnetMap).get('address') ?? null);
    }
  }
}

/** The same id for the same start and address, as connections were told apart by these. */
function connectionIds(state: State): undefined {
  const idFrom = (...facts: readonly (TnetValue | undefined)[]): string => {
    const text = JSON.stringify(facts, (_, fact: unknown) => (typeof fact === 'bigint' ? String(fact) : fact));
    const hash = createHash('sha256').update(text).digest('hex');
    return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  };
  const [client, server] = [part(state, 'client_conn'), part(state, 'server_conn')];
  client.set('id', idFrom('client', client.get('timestamp_start'), client.get('address')));
  server.set('id', idFrom('server', server.get('timestamp_start'), server.get('source_address')));
}

function replayOfFlow(state: State): undefined {
  let replay: string | null = null;
  for (const key of ['request', 'response']) {
    const message = part(state, key);
    if (message.get('is_replay') === true) replay = key;
    message.delete('is_replay');
  }
  state.set('is_replay', replay);
  if (!isHttp(state)) return;
  const request = part(state, 'request');
  request.delete('first_line_format');
  request.set('authority', Buffer.alloc(0));
}

function connectionFacts(state: State): undefined {
  for (const connection of connectionsOf(state)) {
    const alpn = connection.get('alpn_proto_negotiated');
    const cipher = connection.get('cipher_name');
    const certificate = connection.get('cert') ?? connection.get('clientcert');
    connection.set('state', 0n).set('error', null);
    connection.set('tls', connection.get('tls_established') ?? false);
    connection.set('alpn_offers', Buffer.isBuffer(alpn) && alpn.length > 0 ? [alpn] : []);
    connection.set('cipher_list', typeof cipher === 'string' && cipher !== '' ? [cipher] : []);
    connection.set('certificate_list', Buffer.isBuffer(certificate) ? [certificate] : []);
    connection.delete('cert');
    connection.delete('clientcert');
  }
  part(state, 'client_conn').set('sockname', ['', 0n]);
  part(state, 'server_conn').set('cipher_name', null).set('via2', null);
}

/** What mitmproxy notes on a flow that stands in the file a second time, with its messages. */
const duplicated = 'This WebSocket flow has been migrated from an old file format version and may appear duplicated.';

/** A WebSocket flow refers to its handshake, which came before it; together they are one flow. */
function mergeWebSocket(state: State, handshakes: Handshakes): State {
  const marks = part(state, 'metadata');
  if (marks.has('websocket')) handshakes.set(state.get('id') ?? null, new Map(state));
  const handshake = marks.get('websocket_handshake');
  if (handshake === undefined) return state.set('websocket', null);
  // Kept by the step above.
  const flow = (handshakes.get(handshake) ?? handshakeOf(state)) as State;
  handshakes.delete(handshake);
  const merged = new Map(flow).set('metadata', new Map(part(flow, 'metadata')).set('duplicated', duplicated));
  return merged.set(
    'websocket',
    new Map<TnetValue, TnetValue>([
      ['messages', state.get('messages') ?? []],
      ['closed_by_client', state.get('close_sender') === 'client'],
      ['close_code', state.get('close_code') ?? null],
      ['close_reason', state.get('close_reason') ?? null],
      ['timestamp_end', part(flow, 'server_conn').get('timestamp_end') ?? null],
    ]),
  );
}

/** A handshake in place of one that the file lacks. */
function handshakeOf(state: State): State {
  const time = part(state, 'client_conn').get('timestamp_start') ?? 0;
  const flow = new Map(state).set('type', 'http').set('response', null).set('metadata', new Map());
  for (const key of ['messages', 'close_sender', 'close_code', 'close_message', 'close_reason']) flow.delete(key);
  for (const key of [...flow.keys()]) {
    if (typeof key === 'string' && /^(client|server)_(key|protocol|extensions)$/.test(key)) flow.delete(key);
  }
  const request = new Map<TnetValue, TnetValue>([
    ['http_version', Buffer.from('HTTP/1.1')],
    ['headers', []],
    ['content', null],
    ['trailers', null],
    ['timestamp_start', time],
    ['timestamp_end', time],
    ['host', 'unknown'],
    ['port', 80n],
    ['method', Buffer.from('GET')],
    ['scheme', Buffer.from('http')],
    ['authority', Buffer.alloc(0)],
    ['path', Buffer.from('/')],
  ]);
  return flow.set('request', request);
}

function commentAndTimes(state: State): undefined {
  state.set('comment', '');
  const request = part(state, 'request');
  const response = part(state, 'response');
  if (response.size === 0) return;
  const fallback = request.get('timestamp_end') ?? request.get('timestamp_start') ?? 0;
  for (const key of ['timestamp_start', 'timestamp_end']) {
    if (response.get(key) === null) response.set(key, fallback);
  }
}

function newNames(state: State): undefined {
  const [client, server] = [part(state, 'client_conn'), part(state, 'server_conn')];
  for (const connection of [client, server]) {
    connection.set('transport_protocol', state.get('type') === 'dns' ? 'udp' : 'tcp');
    rename(connection, 'cipher_name', 'cipher');
    connection.delete('tls_established');
    connection.delete('tls_extensions');
  }
  rename(client, 'address', 'peername');
  if (client.get('timestamp_start') === null) client.set('timestamp_start', 0);
  rename(server, 'ip_address', 'peername');
  rename(server, 'source_address', 'sockname');
  server.delete('via');
  rename(server, 'via2', 'via');
}
