import type { ClientContext } from './context.js';
import { serverDisconnected } from './server-disconnected.js';
import type { ServerLink } from './server-link.js';

/** Closes a connection to a server and calls `serverDisconnected`, once. */
export function closeLink(context: ClientContext, { connection, duplex }: ServerLink): void {
  duplex.destroy();
  void serverDisconnected(context, connection);
}
