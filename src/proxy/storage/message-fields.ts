/** The dictionaries of messages: HTTP, WebSocket, TCP and UDP, DNS. They are the same in all layouts since 17. */
import type { DnsMessage, DnsQuestion, DnsRecord } from '../flow/dns-message.js';
import type { StreamMessage } from '../flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import { Headers } from '../message/headers.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import {
  bytes,
  dictionary,
  field,
  integer,
  items,
  latinBytes,
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

const headers: Codec<Headers> = {
  read: (value) =>
    new Headers(
      items(value).map((pair) => {
        const [name = null, content = null] = items(pair);
        return [bytes.read(name), bytes.read(content)] as const;
      }),
    ),
  write: ({ fields }) => fields,
};

const messageFields: readonly Field<Request | Response>[] = [
  field('http_version', 'httpVersion', textBytes),
  field('headers', 'headers', headers),
  field('content', 'rawContent', optional(bytes)),
  field('trailers', 'trailers', optional(headers)),
  field('timestamp_start', 'timestampStart', seconds),
  field('timestamp_end', 'timestampEnd', optional(seconds)),
];

/** The host stands apart: setting it on a request changes its headers. */
const requestFields: readonly Field<Request>[] = [
  ...messageFields,
  { key: 'host', readInto: () => undefined, writeOf: (request) => request.host },
  field('port', 'port', integer),
  field('method', 'rawMethod', textBytes),
  field('scheme', 'scheme', textBytes),
  field('authority', 'authority', textBytes),
  field('path', 'path', textBytes),
];

const responseFields: readonly Field<Response>[] = [
  ...messageFields,
  field('status_code', 'statusCode', integer),
  field('reason', 'reason', latinBytes),
];

export const request: Codec<Request> = {
  read: (value) => {
    const map = dictionary(value);
    return readFields(requestFields, map, new Request({ host: text.read(map.get('host') ?? null), port: 0 }));
  },
  write: (of) => writeFields(requestFields, of),
};

export const response: Codec<Response> = {
  read: (value) => readFields(responseFields, dictionary(value), new Response({ statusCode: 0 })),
  write: (of) => writeFields(responseFields, of),
};

const webSocketMessage: Codec<WebSocketMessage> = {
  read: (value) => {
    const [opcode = null, fromClient = null, content = null, time = null, dropped = null, injected = null] =
      items(value);
    const message = new WebSocketMessage(
      integer.read(opcode) === 1 ? 1 : 2,
      truth.read(fromClient),
      bytes.read(content),
      seconds.read(time),
    );
    return Object.assign(message, { dropped: truth.read(dropped), injected: truth.read(injected) });
  },
  write: ({ opcode, fromClient, content, timestamp, dropped, injected }) => [
    ...[BigInt(opcode), fromClient, content, timestamp, dropped, injected],
  ],
};

const webSocketFields: readonly Field<WebSocketData>[] = [
  field('messages', 'messages', listOf(webSocketMessage)),
  field('closed_by_client', 'closedByClient', optional(truth)),
  field('close_code', 'closeCode', optional(integer)),
  field('close_reason', 'closeReason', optional(text)),
  field('timestamp_end', 'timestampEnd', optional(seconds)),
];

export const webSocket: Codec<WebSocketData> = {
  read: (value) => readFields(webSocketFields, dictionary(value), new WebSocketData()),
  write: (of) => writeFields(webSocketFields, of),
};

/** A message of a TCP or UDP flow. */
export const streamMessage: Codec<StreamMessage> = {
  read: (value) => {
    const [fromClient = null, content = null, timestamp = null] = items(value);
    return { fromClient: truth.read(fromClient), content: bytes.read(content), timestamp: seconds.read(timestamp) };
  },
  write: ({ fromClient, content, timestamp }) => [fromClient, content, timestamp],
};

/** Objects that are filled member by member before anybody sees them. */
type Filled<T> = { -readonly [K in keyof T]: T[K] };

function record<T>(fields: readonly Field<Filled<T>>[]): Codec<T> {
  return {
    // All members of T stand in its table.
    read: (value) => readFields(fields, dictionary(value), {} as Filled<T>),
    write: (of) => writeFields(fields, of),
  };
}

const questionFields: readonly Field<Filled<DnsQuestion>>[] = [
  field('name', 'name', text),
  field('type', 'type', integer),
  field('class_', 'class', integer),
];
const question = record<DnsQuestion>(questionFields);
const answer = record<DnsRecord>([...questionFields, field('ttl', 'ttl', integer), field('data', 'data', bytes)]);

/** A list that nobody changes in place. */
function fixedListOf<T>(codec: Codec<T>): Codec<readonly T[]> {
  const list = listOf(codec);
  return { read: (value) => list.read(value), write: (values) => list.write([...values]) };
}

export const dnsMessage = record<DnsMessage>([
  field('timestamp', 'timestamp', seconds),
  field('id', 'id', integer),
  field('query', 'query', truth),
  field('op_code', 'opCode', integer),
  field('authoritative_answer', 'authoritativeAnswer', truth),
  field('truncation', 'truncation', truth),
  field('recursion_desired', 'recursionDesired', truth),
  field('recursion_available', 'recursionAvailable', truth),
  field('reserved', 'reserved', integer),
  field('response_code', 'responseCode', integer),
  field('questions', 'questions', fixedListOf(question)),
  field('answers', 'answers', fixedListOf(answer)),
  field('authorities', 'authorities', fixedListOf(answer)),
  field('additionals', 'additionals', fixedListOf(answer)),
]);
