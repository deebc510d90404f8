/** Tests of addons: flows that are made, not recorded, and a place where one addon is loaded and its hooks are called. */
export { AddonTest } from './addon-test.js';
export type { AddonTestSetup } from './addon-test.js';
export type { FiredHook } from './fired-hook.js';
export { ManualClock } from './manual-clock.js';
export { RecordedLog } from './recorded-log.js';
export { RecordedFlows } from './recorded-flows.js';
export type { ClosedWebSocket, InjectedMessage, ReplayAnswer } from './recorded-flows.js';

export { httpFlow } from './http-flow.js';
export type { HttpFlowParts } from './http-flow.js';
export { webSocketFlow } from './web-socket-flow.js';
export type { WebSocketFlowParts } from './web-socket-flow.js';
export { tcpFlow, udpFlow } from './stream-flow.js';
export type { StreamFlowParts } from './stream-flow.js';
export { dnsFlow } from './dns-flow.js';
export type { DnsFlowParts } from './dns-flow.js';
export { clientConnection, serverConnection } from './connections.js';
export type { ConnectionParts } from './connections.js';
export type { FlowParts } from './flow-parts.js';
export type { MessageParts, RequestParts, ResponseParts } from './message-parts.js';
export type { Sent } from './sent.js';
