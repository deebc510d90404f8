/** Runs a flow that was read from a file through the hooks that it would have been through when it was live. */
import type { DnsFlow } from './flow/dns-flow.js';
import type { Flow } from './flow/flow.js';
import type { HttpFlow } from './flow/http-flow.js';
import type { TcpFlow, UdpFlow } from './flow/stream-flow.js';
import type { FlowHookName, FlowHookTable, HookTable } from './hooks/hook-table.js';

/** Calls a hook: `hooks.fireFlow`, for instance. */
export type FireFlow = <H extends FlowHookName>(hook: H, flow: FlowHookTable[H] & HookTable[H]) => void | Promise<void>;

/**
 * Calls the hooks of a flow in order. Messages of WebSockets and streams appear one by one, as they did then. A flow
 * with a response and an error has both hooks called; one with a WebSocket has no `error`.
 */
export async function replayHooks(flow: Flow, fire: FireFlow): Promise<void> {
  switch (flow.type) {
    case 'http':
      return replayHttp(flow, fire);
    case 'tcp':
      return replayTcp(flow, fire);
    case 'udp':
      return replayUdp(flow, fire);
    case 'dns':
      return replayDns(flow, fire);
  }
}

async function replayHttp(flow: HttpFlow, fire: FireFlow): Promise<void> {
  await fire('requestheaders', flow);
  await fire('request', flow);
  if (flow.response) {
    await fire('responseheaders', flow);
    await fire('response', flow);
  }
  if (flow.websocket) {
    await reveal(
      flow.websocket,
      () => fire('websocketStart', flow),
      () => fire('websocketMessage', flow),
    );
    await fire('websocketEnd', flow);
  } else if (flow.error) await fire('error', flow);
}

async function replayTcp(flow: TcpFlow, fire: FireFlow): Promise<void> {
  await reveal(
    flow,
    () => fire('tcpStart', flow),
    () => fire('tcpMessage', flow),
  );
  await (flow.error ? fire('tcpError', flow) : fire('tcpEnd', flow));
}

async function replayUdp(flow: UdpFlow, fire: FireFlow): Promise<void> {
  await reveal(
    flow,
    () => fire('udpStart', flow),
    () => fire('udpMessage', flow),
  );
  await (flow.error ? fire('udpError', flow) : fire('udpEnd', flow));
}

async function replayDns(flow: DnsFlow, fire: FireFlow): Promise<void> {
  await fire('dnsRequest', flow);
  if (flow.response) await fire('dnsResponse', flow);
  if (flow.error) await fire('dnsError', flow);
}

/** Takes all messages away, begins, and puts them back one after the other. Those that an addon adds stay. */
async function reveal<M>(
  holder: { messages: M[] },
  begin: () => void | Promise<void>,
  shown: () => void | Promise<void>,
): Promise<void> {
  const all = holder.messages;
  holder.messages = [];
  await begin();
  for (const message of all) {
    holder.messages.push(message);
    await shown();
  }
}
