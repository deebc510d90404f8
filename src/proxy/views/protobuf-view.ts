import { pythonRepr } from '../filter/python-text.js';
import { textLines } from './printed-lines.js';
import { readProtobuf } from './protobuf-reader.js';
import type { ProtobufField } from './protobuf-reader.js';
import { mediaType } from './view.js';
import type { View, ViewContext } from './view.js';

const types = ['application/x-protobuf', 'application/x-protobuffer'];

/** Whether a body is said to be one message of Protocol Buffers. */
export function isProtobuf(context: ViewContext): boolean {
  return types.includes(mediaType(context));
}

/** Protocol Buffers without their definition: the fields, those of messages within it indented. */
export const protobufView: View = {
  name: 'protocol buffer',
  aliases: ['protobuf'],
  // The table of `grpc/protocol buffer` is shown unless this view is asked for.
  priority: (content, context) => (content.length > 0 && isProtobuf(context) ? 0.5 : 0),
  render: (content) => {
    if (content.length === 0) throw new RangeError('there is no message');
    return { description: 'Protobuf', lines: textLines(outline(readProtobuf(content)).join('\n')) };
  },
};

function outline(fields: readonly ProtobufField[]): string[] {
  const lines: string[] = [];
  let open = 0;
  const close = (depth: number): void => {
    while (open > depth) lines.push(`${'  '.repeat(--open)}}`);
  };
  for (const { path, type, value } of fields) {
    const numbers = path.split('.');
    close(numbers.length - 1);
    const name = '  '.repeat(open) + (numbers.at(-1) ?? '');
    if (type === 'message') {
      lines.push(`${name} {`);
      open++;
    } else lines.push(`${name}: ${typeof value === 'string' ? value : pythonRepr(value)}`);
  }
  close(0);
  return lines;
}
