/** The dictionaries of messages: HTTP, WebSocket, TCP and UDP, DNS. They are the same in all layouts since 17. */
import type { RawField } from '../../wire/headers.js';
import type { DnsMessage, DnsQuestion, DnsRecord } from '../flow/dns-message.js';
import { KeptMessage } from '../flow/kept-message.js';
import type { StreamMessage } from '../flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import { Headers } from '../message/headers.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import {
  bytes,
  derived,
  dictionary,
  field,
  integer,
  items,
  latinBytes,
  listOf,
  optional,
  readFields,
  readMember,
  seconds,
  text,
  textBytes,
  truth,
  writeFields,
} from './codec.js';
import type { Codec, Field } from './codec.js';
import type { ItemWriter } from './item-writer.js';

const headers: Codec<Headers> = {
  read: (value) =>
    new Headers(
      items(value).map((pair) => {
        const [name = null, content = null] = items(pair);
        return [bytes.read(name), bytes.read(content)] as const;
      }),
    ),
  write: (output, of) => {
    const mark = output.open(']');
    const received = of.asReceived;
    if (received === undefined) {
      for (let i = of.fields.length - 1; i >= 0; i--) writePair(output, ...(of.fields[i] as RawField));
    } else {
      const block = received.raw;
      received.eachBackward((nameStart, nameEnd, valueStart, valueEnd) => {
        const pair = output.open(']');
        output.bytes(block, valueStart, valueEnd);
        output.bytes(block, nameStart, nameEnd);
        output.close(pair);
      });
    }
    output.close(mark);
  },
};

function writePair(output: ItemWriter, name: Buffer, value: Buffer): void {
  const mark = output.open(']');
  output.bytes(value);
  output.bytes(name);
  output.close(mark);
}

const messageFields: readonly Field<Request | Response>[] = [
  field('http_version', 'httpVersion', textBytes),
  field('headers', 'headers', headers),
  field('content', 'rawContent', optional(bytes)),
  field('trailers', 'trailers', optional(headers)),
  field('timestamp_start', 'timestampStart', seconds),
  field('timestamp_end', 'timestampEnd', optional(seconds)),
];

/** What a message is made with is derived: it is not looked at, nor changes it headers, as when it is set. */
const requestFields: readonly Field<Request>[] = [
  ...messageFields,
  derived('host', text, ({ host }) => host),
  derived('port', integer, ({ port }) => port),
  field('method', 'rawMethod', textBytes),
  field('scheme', 'scheme', textBytes),
  field('authority', 'authority', textBytes),
  field('path', 'path', textBytes),
];

const responseFields: readonly Field<Response>[] = [
  ...messageFields,
  derived('status_code', integer, ({ statusCode }) => statusCode),
  field('reason', 'reason', latinBytes),
];

export const request: Codec<Request> = {
  read: (value) => {
    const map = dictionary(value);
    const init = { host: readMember(map, 'host', text), port: readMember(map, 'port', integer) };
    return readFields(requestFields, map, new Request(init));
  },
  write: (output, of) => writeFields(output, requestFields, of),
};

export const response: Codec<Response> = {
  read: (value) => {
    const map = dictionary(value);
    return readFields(responseFields, map, new Response({ statusCode: readMember(map, 'status_code', integer) }));
  },
  write: (output, of) => writeFields(output, responseFields, of),
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
  write: (output, { opcode, fromClient, content, timestamp, dropped, injected }) => {
    const mark = output.open(']');
    output.truth(injected);
    output.truth(dropped);
    output.number(timestamp);
    output.bytes(content);
    output.truth(fromClient);
    output.integer(opcode);
    output.close(mark);
  },
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
  write: (output, of) => writeFields(output, webSocketFields, of),
};

/** A message of a TCP or UDP flow. */
export const streamMessage: Codec<StreamMessage> = {
  read: (value) => {
    const [fromClient = null, content = null, timestamp = null] = items(value);
    return new KeptMessage(truth.read(fromClient), bytes.read(content), seconds.read(timestamp));
  },
  write: (output, { fromClient, content, timestamp }) => {
    const mark = output.open(']');
    output.number(timestamp);
    output.bytes(content);
    output.truth(fromClient);
    output.close(mark);
  },
};

/** Objects that are filled member by member before anybody sees them. */
type Filled<T> = { -readonly [K in keyof T]: T[K] };

function record<T>(fields: readonly Field<Filled<T>>[]): Codec<T> {
  return {
    // All members of T stand in its table.
    read: (value) => readFields(fields, dictionary(value), {} as Filled<T>),
    write: (output, of) => writeFields(output, fields, of),
  };
}

const questionFields: readonly Field<Filled<DnsQuestion>>[] = [
  field('name', 'name', text),
  field('type', 'type', integer),
  field('class_', 'class', integer),
];
const question = record<DnsQuestion>(questionFields);
const answer = record<DnsRecord>([...questionFields, field('ttl', 'ttl', integer), field('data', 'data', bytes)]);

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
  field('questions', 'questions', listOf(question)),
  field('answers', 'answers', listOf(answer)),
  field('authorities', 'authorities', listOf(answer)),
  field('additionals', 'additionals', listOf(answer)),
]);
