import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Daemon } from '../../src/pathod/index.js';
import { Peer } from './peer.js';

/** A client of a daemon that trusts its authority. It is destroyed when the test that made it is over. */
export async function openTls(daemon: Daemon, options: ConnectionOptions = {}): Promise<Peer> {
  const ca = await daemon.openAuthority();
  const socket = connect({ host: '127.0.0.1', port: daemon.port, ca, ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  const peer = new Peer(socket);
  await once(socket, 'secureConnect');
  return peer;
}

/** What became of a handshake with a daemon: `ok`, or the code of the client's error. */
export async function tlsOutcome(daemon: Daemon, options: ConnectionOptions = {}): Promise<string> {
  try {
    await openTls(daemon, options);
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
