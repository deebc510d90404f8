import type { FlowInit } from '../flow/base-flow.js';
import type { TransportProtocol } from '../flow/connection.js';
import { KeptMessage } from '../flow/kept-message.js';
import { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import type { StreamMessage } from '../flow/stream-flow.js';
import { encodeUtf8 } from '../message/utf8.js';
import { clientConnection, serverConnection } from './connections.js';
import { checkFlowParts, dressed } from './flow-parts.js';
import type { FlowParts } from './flow-parts.js';
import { flowTimes } from './flow-times.js';
import { contentOf, isFromClient } from './sent.js';
import type { Sent } from './sent.js';

/** What a flow of bytes or datagrams is made with. */
export interface StreamFlowParts extends FlowParts {
  /** Text is sent as UTF-8. Default: one each way. */
  readonly messages?: readonly Sent[] | undefined;
}

/** A TCP connection to port 9000 of `example.com`. @throws {TypeError} for a part that there is not */
export function tcpFlow(parts: StreamFlowParts = {}): TcpFlow {
  return filled(new TcpFlow(endsOf(parts, 'tcp')), parts);
}

/** Datagrams to port 9000 of `example.com`, and back. @throws {TypeError} for a part that there is not */
export function udpFlow(parts: StreamFlowParts = {}): UdpFlow {
  return filled(new UdpFlow(endsOf(parts, 'udp')), parts);
}

function endsOf({ client, server }: FlowParts, transportProtocol: TransportProtocol): FlowInit {
  return {
    clientConn: clientConnection({ transportProtocol, ...client }),
    serverConn: serverConnection({ transportProtocol, address: ['example.com', 9000], ...server }),
  };
}

function filled<F extends TcpFlow | UdpFlow>(flow: F, parts: StreamFlowParts): F {
  checkFlowParts(`a ${flow.type.toUpperCase()} flow`, parts, ['messages']);
  flow.messages = (parts.messages ?? usual).map(messageOf);
  return dressed(flow, parts);
}

const usual: readonly Sent[] = [{ fromClient: 'hello' }, { fromServer: 'hello yourself' }];

function messageOf(sent: Sent): StreamMessage {
  const content = contentOf(sent);
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
  return new KeptMessage(isFromClient(sent), bytes, flowTimes.message);
}
