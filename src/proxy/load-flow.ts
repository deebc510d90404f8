/** Calls the hooks of flows that were read from somewhere, as they were called when the flows passed. */
import type { DnsFlow } from './flow/dns-flow.js';
import type { Flow } from './flow/flow.js';
import type { HttpFlow } from './flow/http-flow.js';
import type { TcpFlow, UdpFlow } from './flow/stream-flow.js';
import type { FlowHookName } from './hooks/hook-table.js';
import type { Hooks } from './hooks/hooks.js';

/**
 * Calls the hooks of a flow one after the other. Messages are there one by one, as they came; the bodies are there
 * from the beginning. Behind each hook, a flow that was intercepted is waited for.
 */
export async function loadFlow(hooks: Hooks, flow: Flow): Promise<void> {
  switch (flow.type) {
    case 'http':
      return loadHttp(hooks, flow);
    case 'tcp':
      return loadMessages(hooks, flow, ['tcpStart', 'tcpMessage', 'tcpEnd', 'tcpError']);
    case 'udp':
      return loadMessages(hooks, flow, ['udpStart', 'udpMessage', 'udpEnd', 'udpError']);
    case 'dns':
      return loadDns(hooks, flow);
  }
}

async function loadHttp(hooks: Hooks, flow: HttpFlow): Promise<void> {
  await hooks.fireFlow('requestheaders', flow);
  await hooks.fireFlow('request', flow);
  if (flow.response !== undefined) {
    await hooks.fireFlow('responseheaders', flow);
    await hooks.fireFlow('response', flow);
  }
  if (flow.websocket !== undefined) await loadWebSocket(hooks, flow, flow.websocket);
  else if (flow.error !== undefined) await hooks.fireFlow('error', flow);
}

async function loadWebSocket(hooks: Hooks, flow: HttpFlow, data: NonNullable<HttpFlow['websocket']>): Promise<void> {
  const { messages } = data;
  data.messages = [];
  await hooks.fireFlow('websocketStart', flow);
  for (const message of messages) {
    data.messages.push(message);
    await hooks.fireFlow('websocketMessage', flow);
  }
  await hooks.fireFlow('websocketEnd', flow);
}

async function loadMessages<F extends TcpFlow | UdpFlow>(
  hooks: Hooks,
  flow: F,
  names: F extends TcpFlow ? readonly TcpHook[] : readonly UdpHook[],
): Promise<void> {
  // The names are those of the type of the flow.
  const [start, message, end, error] = names as readonly FlowHookName[];
  const fire = async (name: FlowHookName | undefined): Promise<void> => {
    if (name !== undefined) await hooks.fireFlow(name, flow);
  };
  const { messages } = flow;
  flow.messages = [];
  await fire(start);
  for (const one of messages) {
    flow.messages.push(one);
    await fire(message);
  }
  await fire(flow.error === undefined ? end : error);
}

type TcpHook = Extract<FlowHookName, `tcp${string}`>;
type UdpHook = Extract<FlowHookName, `udp${string}`>;

async function loadDns(hooks: Hooks, flow: DnsFlow): Promise<void> {
  await hooks.fireFlow('dnsRequest', flow);
  if (flow.response !== undefined) await hooks.fireFlow('dnsResponse', flow);
  if (flow.error !== undefined) await hooks.fireFlow('dnsError', flow);
}
