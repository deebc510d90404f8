import type { Flow } from './flow/flow.js';
import { flowName } from './flow-name.js';

/** What a flow is, on one line of plain text: `POST http://a.test/cart 201`. */
export function flowLine(flow: Flow): string {
  return `${flowName(flow)} ${outcomeOf(flow)}`;
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

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}
