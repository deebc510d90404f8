/** What operators look at in a flow, and how. Bytes are ISO 8859-1 text. */
import { dnsText } from '../flow/dns-text.js';
import type { Flow } from '../flow/flow.js';
import type { Address } from '../flow/connection.js';
import type { Headers } from '../message/headers.js';
import type { Message } from '../message/message.js';
import { encodeUtf8 } from '../message/utf8.js';
import type { FilterRules, FlowFilter, Search } from './operator.js';
import { pythonStr } from './python-text.js';

/** The messages of a flow by direction. */
export type Side = 'request' | 'response';

/** Bytes that are searched at once: text cannot be much longer than this. */
const window = 256 * 1024 * 1024;
/** What windows have in common, so that nothing shorter is missed between them. */
const overlap = 1024 * 1024;

function searchBytes(search: Search, bytes: Buffer): boolean {
  for (let from = 0; ; from += window - overlap) {
    if (search(bytes.toString('latin1', from, from + window))) return true;
    if (from + window >= bytes.length) return false;
  }
}

/** Text as the bytes of its UTF-8. */
export function bytesOfText(text: string): string {
  return /[^\0-\x7f]/.test(text) ? encodeUtf8(text).toString('latin1') : text;
}

/** Searches the bodies of messages, decoded where that is possible; those of WebSocket and stream flows one by one. */
export function inBodies(sides: readonly Side[], search: Search, rules: FilterRules): FlowFilter {
  const isWanted = ({ fromClient }: { readonly fromClient: boolean }): boolean =>
    sides.includes(fromClient ? 'request' : 'response');
  return (flow) => {
    switch (flow.type) {
      case 'http':
        return (
          sides.some((side) => inBody(flow[side], search, rules)) ||
          (flow.websocket?.messages.some((one) => isWanted(one) && searchBytes(search, one.content)) ?? false)
        );
      case 'tcp':
      case 'udp':
        return flow.messages.some((one) => isWanted(one) && searchBytes(search, one.content));
      case 'dns':
        return sides.some((side) => {
          const message = flow[side];
          return message !== undefined && search(bytesOfText(dnsText(message)));
        });
    }
  };
}

function inBody(message: Message | undefined, search: Search, { emptyBodies }: FilterRules): boolean {
  const raw = message?.rawContent;
  if (message === undefined || raw === undefined || (raw.length === 0 && !emptyBodies)) return false;
  return searchBytes(search, message.getContent(false) ?? raw);
}

/** Searches the header sections, a line a field: `Name: value` and CRLF. */
export function inHeaders(sides: readonly Side[], search: Search): FlowFilter {
  return (flow) => {
    if (flow.type !== 'http') return false;
    return sides.some((side) => {
      const message = flow[side];
      return message !== undefined && search(headerLines(message.headers));
    });
  };
}

function headerLines({ fields }: Headers): string {
  let lines = '';
  for (const [name, value] of fields) lines += `${name.toString('latin1')}: ${value.toString('latin1')}\r\n`;
  return lines;
}

/** Searches the values of Content-Type, one by one. */
export function inContentTypes(sides: readonly Side[], search: Search): FlowFilter {
  return (flow) => {
    if (flow.type !== 'http') return false;
    return sides.some(
      (side) => flow[side]?.headers.getAll('content-type').some((type) => search(bytesOfText(type))) ?? false,
    );
  };
}

/** Searches `host:port`. */
export function inAddress(addressOf: (flow: Flow) => Address | undefined, search: Search): FlowFilter {
  return (flow) => {
    const address = addressOf(flow);
    return address !== undefined && search(`${address[0]}:${String(address[1])}`);
  };
}

/** The URL that a flow is known by: of DNS, the first name that is asked for. */
export function urlOf(flow: Flow): string | undefined {
  if (flow.type === 'http') return flow.request.prettyUrl;
  return flow.type === 'dns' ? flow.request.questions[0]?.name : undefined;
}

/** What addons noted, a line a note: `key: value`. */
export function notesOf({ metadata }: Flow): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key}: ${pythonStr(value)}`)
    .join('\n');
}
