/** Facts of flows, by the names that mitmproxy has for them: `request.header[host]`, `client_conn.peername.port`. */
import { OptionError } from '../errors.js';
import { camelCase } from '../options/set.js';
import type { Flow } from './flow/flow.js';
import { Headers } from './message/headers.js';
import { Message } from './message/message.js';

/** Names that are others here. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  msg: ['message'],
  address: ['address', 'peername'],
  ip_address: ['peername'],
};

/**
 * What a flow has under a name: bytes or text, empty when there is nothing.
 * @throws {OptionError} for a name that cannot be one
 */
export function cutOf(spec: string, flow: Flow): string | Buffer {
  let value: unknown = flow;
  for (const name of spec.match(/(?:[^.[]|\[[^\]]*\]?)+/g) ?? []) {
    if (name.startsWith('_')) throw new OptionError(`${name} of ${spec} is nobody else's business`);
    value = name.startsWith('header[') ? headerOf(value, name) : memberOf(value, name);
    if (value === undefined || value === null) return '';
  }
  return spec === '' ? '' : shown(value);
}

function headerOf(value: unknown, name: string): string {
  const wanted = /^header\[(.*)\]$/.exec(name)?.[1];
  if (wanted === undefined) throw new OptionError(`the name of the header field in ${name} is not closed by ]`);
  return value instanceof Message ? (value.headers.get(wanted) ?? '') : '';
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isAddress(value)) return name === 'host' ? value[0] : name === 'port' ? value[1] : undefined;
  // What cannot be decoded is given as it is.
  if (value instanceof Message && name === 'content') return value.getContent(false);
  if (value instanceof Message && name === 'text') return value.getText(false);
  for (const key of aliases[name] ?? [camelCase(name)]) {
    // Members are found by their names; there may be none.
    if (key in value) return (value as Readonly<Record<string, unknown>>)[key];
  }
  return undefined;
}

function isAddress(value: object): value is readonly [host: string, port: number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number';
}

function shown(value: unknown): string | Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (value instanceof Headers) return value.block.toString('latin1');
  if (Array.isArray(value)) return value.map((item) => String(item)).join(isAddress(value) ? ':' : ', ');
  const isError = typeof value === 'object' && value !== null && 'message' in value && 'timestamp' in value;
  return isError && typeof value.message === 'string' ? value.message : '';
}
