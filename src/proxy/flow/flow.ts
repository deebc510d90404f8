import type { DnsFlow } from './dns-flow.js';
import type { HttpFlow } from './http-flow.js';
import type { TcpFlow, UdpFlow } from './stream-flow.js';

/** An exchange that was recorded, told apart by its `type`. */
export type Flow = HttpFlow | TcpFlow | UdpFlow | DnsFlow;
