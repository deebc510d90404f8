import type { ClientContext } from './context.js';
import { ServerConnection } from './flow/connection.js';
import { TcpFlow } from './flow/stream-flow.js';
import type { Destination } from './server-link.js';

/** Tells of a stream of bytes that came to nothing, because its server could not be connected to. */
export async function failedTcpFlow(
  { proxy, client }: ClientContext,
  { address, via }: Destination,
  message: string,
): Promise<void> {
  const { hooks, clock } = proxy;
  const timestamp = clock.now() / 1000;
  const serverConn = Object.assign(new ServerConnection(), { address, via, error: message });
  const flow = new TcpFlow({ clientConn: client, serverConn, timestampCreated: timestamp });
  await hooks.fireFlow('tcpStart', flow);
  flow.error = { message, timestamp };
  await hooks.fireFlow('tcpError', flow);
}
