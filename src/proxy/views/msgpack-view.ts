import { pythonRepr } from '../filter/python-text.js';
import { encodePythonFloat } from '../storage/python-number.js';
import { MsgpackExtension, readMsgpack } from './msgpack-reader.js';
import type { MsgpackValue } from './msgpack-reader.js';
import { textLines } from './printed-lines.js';
import { mediaType } from './view.js';
import type { View } from './view.js';

const types = ['application/msgpack', 'application/x-msgpack'];
const step = '    ';

/** MessagePack, written as Python writes such values. */
export const msgpackView: View = {
  name: 'msgpack',
  priority: (content, context) => (content.length > 0 && types.includes(mediaType(context)) ? 1 : 0),
  render: (content) => {
    let value: MsgpackValue;
    try {
      value = readMsgpack(content);
    } catch {
      return undefined;
    }
    return { description: 'MsgPack', lines: textLines(printed(value, '')) };
  },
};

function printed(value: MsgpackValue, indent: string): string {
  if (typeof value === 'number') return encodePythonFloat(value);
  if (value instanceof MsgpackExtension) return extensionText(value);
  if (value instanceof Map) {
    // What a Map holds is what the type says; `instanceof` forgets it.
    const members = [...(value as Extract<MsgpackValue, ReadonlyMap<string, unknown>>).values()];
    const lines = members.map(([key, member]) => `${pythonRepr(key)}: ${printed(member, indent + step)}`);
    return block('{', lines, '}', indent);
  }
  if (Array.isArray(value)) {
    const items = (value as readonly MsgpackValue[]).map((item) => printed(item, indent + step));
    return block('[', items, ']', indent);
  }
  return pythonRepr(value);
}

function block(open: string, lines: readonly string[], close: string, indent: string): string {
  const inner = lines.map((line) => indent + step + line).join(',\n');
  return `${open}\n${inner}${inner === '' ? '' : '\n'}${indent}${close}`;
}

/** An extension; that of code -1 is a time. */
function extensionText({ code, data }: MsgpackExtension): string {
  if (code !== -1) return `ExtType(code=${String(code)}, data=${pythonRepr(data)})`;
  const [seconds, nanoseconds] = timeOf(data);
  return `Timestamp(seconds=${String(seconds)}, nanoseconds=${String(nanoseconds)})`;
}

function timeOf(data: Buffer): readonly [seconds: bigint, nanoseconds: bigint] {
  if (data.length === 4) return [BigInt(data.readUInt32BE()), 0n];
  if (data.length === 12) return [data.readBigInt64BE(4), BigInt(data.readUInt32BE())];
  const both = data.readBigUInt64BE();
  return [both & 0x3ffffffffn, both >> 34n];
}
