import { DnsFlow } from '../flow/dns-flow.js';
import type { DnsMessage } from '../flow/dns-message.js';
import { clientConnection, serverConnection } from './connections.js';
import { checkFlowParts, dressed } from './flow-parts.js';
import type { FlowParts } from './flow-parts.js';
import { flowTimes } from './flow-times.js';

/** What a DNS flow is made with. */
export interface DnsFlowParts extends FlowParts {
  /** What differs in the query; a text is the name that is asked for. Default: the address of `example.com`. */
  readonly request?: string | Partial<DnsMessage> | undefined;
  /** What differs in the answer; `true` is 192.0.2.1. Default: there is none yet. */
  readonly response?: true | Partial<DnsMessage> | undefined;
}

/** A DNS query, and perhaps its answer. @throws {TypeError} for a part that there is not */
export function dnsFlow(parts: DnsFlowParts = {}): DnsFlow {
  checkFlowParts('a DNS flow', parts, ['request', 'response']);
  const request = queryOf(parts.request ?? 'example.com');
  const udp = { transportProtocol: 'udp' } as const;
  const flow = new DnsFlow(request, {
    clientConn: clientConnection({ ...udp, ...parts.client }),
    serverConn: serverConnection({
      ...udp,
      address: ['192.0.2.53', 53],
      peername: ['192.0.2.53', 53],
      ...parts.server,
    }),
  });
  if (parts.response !== undefined) {
    flow.response = { ...answerTo(request), ...(parts.response === true ? undefined : parts.response) };
  }
  return dressed(flow, parts);
}

/** A and IN, of RFC 1035, section 3.2. */
const addressInInternet = { type: 1, class: 1 };

function queryOf(given: string | Partial<DnsMessage>): DnsMessage {
  return {
    ...{ timestamp: flowTimes.request, id: 42, query: true, opCode: 0, responseCode: 0, reserved: 0 },
    ...{ authoritativeAnswer: false, truncation: false, recursionDesired: true, recursionAvailable: false },
    questions: [{ name: typeof given === 'string' ? given : 'example.com', ...addressInInternet }],
    ...{ answers: [], authorities: [], additionals: [] },
    ...(typeof given === 'string' ? undefined : given),
  };
}

function answerTo(query: DnsMessage): DnsMessage {
  const [question] = query.questions;
  const answer = question && { ...question, ...addressInInternet, ttl: 60, data: Buffer.from([192, 0, 2, 1]) };
  return {
    ...query,
    ...{ timestamp: flowTimes.response, query: false, recursionAvailable: true },
    answers: answer === undefined ? [] : [answer],
  };
}
