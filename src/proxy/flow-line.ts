import type { Address } from './flow/connection.js';
import type { Flow } from './flow/flow.js';

/** Longer URLs are cut. */
const longestUrl = 120;

/** What a flow is, on one line of plain text: `POST http://a.test/cart 201`. */
export function flowLine(flow: Flow): string {
  return `${subjectOf(flow)} ${outcomeOf(flow)}`;
}

function subjectOf(flow: Flow): string {
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

function outcomeOf(flow: Flow): string {
  if (flow.error !== undefined) return `failed: ${flow.error.message}`;
  switch (flow.type) {
    case 'http': {
      const { response, websocket } = flow;
      const messages = websocket === undefined ? '' : `, ${count(websocket.messages.length, 'WebSocket message')}`;
      return response === undefined ? 'without a response' : `${String(response.statusCode)}${messages}`;
    }
    case 'dns':
      return flow.response === undefined ? 'without a response' : count(flow.response.answers.length, 'answer');
    case 'tcp':
    case 'udp':
      return count(flow.messages.length, 'message');
  }
}

function addressText(address: Address | undefined): string {
  return address === undefined ? '(no address)' : `${address[0]}:${String(address[1])}`;
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function cut(text: string): string {
  return text.length > longestUrl ? `${text.slice(0, longestUrl)}...` : text;
}
