import type { Duplex } from 'node:stream';
import { passOn } from '../net/pass-on.js';
import type { ProxyContext } from './context.js';
import { RelayEnds } from './relay-ends.js';
import type { RelayEnding, Side } from './relay-ends.js';

/** What was read from the two ends of a relay already. */
export interface ReadBefore {
  readonly fromClient: Buffer;
  readonly fromServer: Buffer;
}

/**
 * Passes bytes between two streams and looks at none of them, until both have ended or one is lost, and closes both.
 * Never rejects.
 * @returns how the relay came to its end
 */
export async function relayBare(
  proxy: ProxyContext,
  client: Duplex,
  server: Duplex,
  { fromClient, fromServer }: ReadBefore,
): Promise<RelayEnding> {
  const ends = new RelayEnds(proxy, client, server, { seconds: proxy.store.values.tcpTimeout });
  let open = 2;
  const pass = (side: Side, from: Duplex, to: Duplex, first: Buffer): void => {
    if (first.length > 0) to.write(first);
    from.on('data', (chunk: Buffer) => {
      ends.touch();
      const draining = passOn(to, chunk);
      if (draining === undefined) return;
      from.pause();
      void draining.then(() => from.resume());
    });
    from.once('end', () => {
      open--;
      to.end();
      if (open === 0) ends.finish({ how: 'end' });
    });
    from.once('close', () => {
      ends.finish({ how: 'lost', side, error: from.errored ?? undefined });
    });
    from.resume();
  };
  pass('client', client, server, fromClient);
  pass('server', server, client, fromServer);
  const ending = await ends.finished();
  await ends.close();
  return ending;
}
