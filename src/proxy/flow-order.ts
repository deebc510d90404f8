/** Orders in which flows are shown. */
import { formatAddress } from '../net/format-address.js';
import type { Address } from './flow/connection.js';
import type { DnsFlow } from './flow/dns-flow.js';
import { dnsOpCode } from './flow/dns-text.js';
import type { Flow } from './flow/flow.js';
import type { HttpFlow } from './flow/http-flow.js';

/** By what flows are ordered: when they came, their method, their URL, or the bytes of their bodies. */
export const flowOrders = ['time', 'method', 'url', 'size'] as const;

/** One of {@link flowOrders}. */
export type FlowOrder = (typeof flowOrders)[number];

/** How flows are ordered. */
export interface FlowOrdering {
  /** Default: `time`. */
  readonly order?: FlowOrder | undefined;
  /** The last first. */
  readonly reversed?: boolean | undefined;
}

/** The flows in an order. Those that are equal in it stay in the order in which they were given. */
export function orderFlows(flows: readonly Flow[], { order = 'time', reversed = false }: FlowOrdering = {}): Flow[] {
  const keyOf = keys[order];
  const keyed = flows.map((flow) => ({ flow, key: keyOf(flow) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const ordered = keyed.map(({ flow }) => flow);
  return reversed ? ordered.reverse() : ordered;
}

/** What flows are compared by. */
const keys: Readonly<Record<FlowOrder, (flow: Flow) => number | string>> = {
  time: ({ timestampCreated }) => timestampCreated,
  method: (flow) => {
    if (flow.type === 'http') return flow.request.method;
    return flow.type === 'dns' ? dnsOpCode(flow.request.opCode) : flow.type.toUpperCase();
  },
  url: (flow) => {
    if (flow.type === 'http') return flow.request.url;
    return flow.type === 'dns' ? (flow.request.questions[0]?.name ?? '') : addressText(flow.serverConn.address);
  },
  size: (flow) => {
    if (flow.type === 'http') return sizeOfBodies(flow);
    return flow.type === 'dns' ? sizeOfAnswers(flow) : sum(flow.messages.map(({ content }) => content.length));
  },
};

function addressText(address: Address | undefined): string {
  return address === undefined ? '' : formatAddress(...address);
}

function sizeOfBodies({ request, response }: HttpFlow): number {
  return (request.rawContent?.length ?? 0) + (response?.rawContent?.length ?? 0);
}

function sizeOfAnswers({ response }: DnsFlow): number {
  return sum((response?.answers ?? []).map(({ data }) => data.length));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
