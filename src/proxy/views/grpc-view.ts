import { pythonRepr } from '../filter/python-text.js';
import { decodeContent } from '../message/content-coding.js';
import { ByteCursor } from './byte-cursor.js';
import { tableLines } from './printed-lines.js';
import { readProtobuf } from './protobuf-reader.js';
import type { ProtobufField } from './protobuf-reader.js';
import { isProtobuf } from './protobuf-view.js';
import { mediaType } from './view.js';
import type { Line, View, ViewContext } from './view.js';

/**
 * gRPC: messages with their lengths ("gRPC over HTTP2", Length-Prefixed-Message), each the fields of a Protocol
 * Buffer in a table; of other types, one Protocol Buffer.
 */
export const grpcView: View = {
  name: 'grpc/protocol buffer',
  aliases: ['grpc'],
  priority: (content, context) => (content.length > 0 && (isGrpc(context) || isProtobuf(context)) ? 1 : 0),
  render: (content, context) => {
    if (!isGrpc(context)) return { description: 'Protobuf (flattened)', lines: protobufLines(content) };
    const coding = context.message?.headers.get('grpc-encoding') ?? 'gzip';
    return { description: 'gRPC', lines: messageLines(content, coding) };
  },
};

function isGrpc(context: ViewContext): boolean {
  return mediaType(context) === 'application/grpc';
}

function messageLines(content: Buffer, coding: string): Line[] {
  const lines: Line[] = [];
  const cursor = new ByteCursor(content);
  while (!cursor.isAtEnd) {
    const compressed = cursor.uint8();
    if (compressed > 1) throw new RangeError('a message begins with neither 0 nor 1');
    const message = cursor.take(cursor.uint32());
    const how = compressed === 1 ? coding : 'False';
    // The number is always 0, as in the ancestor.
    lines.push([['text', `gRPC message 0 (compressed ${how})`]]);
    lines.push(...protobufLines(compressed === 1 ? decodeContent(message, coding) : message));
  }
  return lines;
}

/** The fields of a message, a line each: type, an empty column for a name, number, value. */
function protobufLines(content: Buffer): Line[] {
  return tableLines(readProtobuf(content).map((field) => [`[${field.type}]`, '', field.path, valueText(field)]));
}

function valueText({ value }: ProtobufField): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value.replaceAll('\n', '\\n') : pythonRepr(value);
}
