import type { Address } from './flow/connection.js';
import type { Flow } from './flow/flow.js';

/** Longer URLs are cut. */
const longestUrl = 120;

/** What a flow is about, on one line of plain text: `POST http://a.test/cart`. */
export function flowName(flow: Flow): string {
  switch (flow.type) {
    case 'http':
      return `${flow.request.method} ${cut(flow.request.prettyUrl)}`;
    case 'dns':
      return `dns ${flow.request.questions.map(({ name }) => name).join(' ')}`;
    case 'tcp':
    case 'udp':
      return `${flow.type} ${addressText(flow.serverConn.address ?? flow.serverConn.peername)}`;
  }
}

function addressText(address: Address | undefined): string {
  return address === undefined ? '(no address)' : `${address[0]}:${String(address[1])}`;
}

function cut(text: string): string {
  return text.length > longestUrl ? `${text.slice(0, longestUrl)}...` : text;
}
