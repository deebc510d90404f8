import type { ClientContext } from './context.js';
import type { ServerConnection } from './flow/connection.js';

/** Notes that the connection to a server is over, and calls the hook about it: once, however often it is called. */
export function serverDisconnected(
  { proxy: { hooks, clock }, client }: ClientContext,
  server: ServerConnection,
): void | Promise<void> {
  if (server.timestampEnd !== undefined) return undefined;
  server.state = 0;
  server.timestampEnd = clock.now() / 1000;
  return hooks.fire('serverDisconnected', { client, server });
}
