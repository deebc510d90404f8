/** Flows and their dictionaries, in the layouts of today. */
import { DnsFlow } from '../flow/dns-flow.js';
import type { Flow } from '../flow/flow.js';
import type { FlowError } from '../flow/flow-error.js';
import { HttpFlow } from '../flow/http-flow.js';
import { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import {
  about,
  dictionary,
  field,
  listOf,
  optional,
  readFields,
  seconds,
  text,
  truth,
  writeFields,
  writeMembers,
} from './codec.js';
import type { Codec, Field } from './codec.js';
import { clientCodec, serverCodec } from './connection-fields.js';
import type { ItemWriter } from './item-writer.js';
import type { FlowLayout } from './layout.js';
import { dnsMessage, request, response, streamMessage, webSocket } from './message-fields.js';
import { metadata } from './metadata.js';
import type { TnetMap, TnetValue } from './tnetstring.js';

const errorFields: readonly Field<{ -readonly [K in keyof FlowError]: FlowError[K] }>[] = [
  field('msg', 'message', text),
  field('timestamp', 'timestamp', seconds),
];

const error: Codec<FlowError> = {
  read: (value) => readFields(errorFields, dictionary(value), { message: '', timestamp: 0 }),
  write: (output, of) => writeFields(output, errorFields, of),
};

const replay: Codec<'request' | 'response'> = {
  read: (value) => {
    if (value === 'request' || value === 'response') return value;
    throw new Error('is neither request nor response');
  },
  write: (output, value) => output.text(value),
};

function commonFields(layout: FlowLayout): readonly Field<Flow>[] {
  return [
    field('id', 'id', text),
    field('error', 'error', optional(error)),
    field('client_conn', 'clientConn', clientCodec(layout)),
    field('server_conn', 'serverConn', serverCodec(layout)),
    field('intercepted', 'intercepted', truth),
    field('is_replay', 'isReplay', optional(replay)),
    field('marked', 'marked', text),
    field('metadata', 'metadata', metadata),
    field('comment', 'comment', text),
    field('timestamp_created', 'timestampCreated', seconds),
  ];
}

const common: Readonly<Record<FlowLayout, readonly Field<Flow>[]>> = { 17: commonFields(17), 21: commonFields(21) };

const httpFields: readonly Field<HttpFlow>[] = [
  field('request', 'request', request),
  field('response', 'response', optional(response)),
  field('websocket', 'websocket', optional(webSocket)),
];
const dnsFields: readonly Field<DnsFlow>[] = [
  field('request', 'request', dnsMessage),
  field('response', 'response', optional(dnsMessage)),
];
const streamFields: readonly Field<TcpFlow | UdpFlow>[] = [field('messages', 'messages', listOf(streamMessage))];

const ownFields = { http: httpFields, dns: dnsFields, tcp: streamFields, udp: streamFields };

/** All names that the dictionary of a flow may have. */
function namesOf(layout: FlowLayout): Readonly<Record<Flow['type'], ReadonlySet<TnetValue>>> {
  const names = (own: readonly { readonly key: string }[]): ReadonlySet<TnetValue> =>
    new Set(['version', 'type', 'backup', ...[...common[layout], ...own].map(({ key }) => key)]);
  const { http, dns, tcp, udp } = ownFields;
  return { http: names(http), dns: names(dns), tcp: names(tcp), udp: names(udp) };
}

const known: Readonly<Record<FlowLayout, ReturnType<typeof namesOf>>> = { 17: namesOf(17), 21: namesOf(21) };

/**
 * The flow of a dictionary in a layout of today.
 * @throws {Error} saying which member is missing, wrong or not known
 */
export function flowOfState(state: TnetMap, layout: FlowLayout): Flow {
  const flow = emptyFlow(state);
  readFields(common[layout], state, flow);
  const names = known[layout][flow.type];
  for (const key of state.keys()) if (!names.has(key)) throw new Error(`${JSON.stringify(key)} is not known`);
  const before = state.get('backup');
  // A kept state is of the type that the flow is of; the classes have no subclasses.
  if (before !== undefined && before !== null) {
    flow.kept = about('backup', () => flowOfState(dictionary(before), layout));
  }
  return flow;
}

/** A flow with its own members read. */
function emptyFlow(state: TnetMap): Flow {
  const type = state.get('type');
  const member = (key: string): TnetValue => {
    const value = state.get(key);
    if (value === undefined) throw new Error(`${key} is missing`);
    return value;
  };
  switch (type) {
    case 'http':
      return readFields(
        httpFields.slice(1),
        state,
        new HttpFlow(about('request', () => request.read(member('request')))),
      );
    case 'dns':
      return readFields(
        dnsFields.slice(1),
        state,
        new DnsFlow(about('request', () => dnsMessage.read(member('request')))),
      );
    case 'tcp':
      return readFields(streamFields, state, new TcpFlow({}));
    case 'udp':
      return readFields(streamFields, state, new UdpFlow({}));
    default:
      throw new Error(`there is no flow type ${typeof type === 'string' ? type : JSON.stringify(type ?? null)}`);
  }
}

/** Writes the dictionary of a flow. @throws {TypeError} for a UDP flow in layout 17, which has none */
export function writeFlow(output: ItemWriter, flow: Flow, layout: FlowLayout): void {
  const mark = output.open('}');
  writeOwn(output, flow, layout);
  const { kept } = flow;
  if (kept !== undefined && flow.modified()) {
    const before = output.open('}');
    writeOwn(output, kept, layout);
    output.close(before);
    output.text('backup');
  }
  output.close(mark);
}

function writeOwn(output: ItemWriter, flow: Flow, layout: FlowLayout): void {
  writeMembers(output, common[layout], flow);
  writeTypeMembers(output, flow, layout);
  output.integer(layout);
  output.text('version');
  output.text(flow.type);
  output.text('type');
}

function writeTypeMembers(output: ItemWriter, flow: Flow, layout: FlowLayout): void {
  switch (flow.type) {
    case 'http':
      writeMembers(output, httpFields, flow);
      return;
    case 'dns':
      writeMembers(output, dnsFields, flow);
      return;
    case 'udp':
      if (layout === 17) throw new TypeError('a UDP flow cannot be written in layout 17, only in layout 21');
      writeMembers(output, streamFields, flow);
      return;
    case 'tcp':
      writeMembers(output, streamFields, flow);
  }
}
