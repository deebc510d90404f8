import { onTestFinished } from 'vitest';
import { Daemon } from '../../src/pathod/index.js';
import type { DaemonOptions, DaemonPorts } from '../../src/pathod/index.js';
import { connect } from './connect.js';
import type { Peer } from './peer.js';

/** A daemon that is stopped when the test that made it is over. */
export async function startDaemon(options: DaemonOptions = {}, ports: DaemonPorts = {}): Promise<Daemon> {
  const daemon = await Daemon.start(options, ports);
  onTestFinished(() => daemon.stop());
  return daemon;
}

/** A request without a body, as raw bytes. */
export function get(target: string, ...fields: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: test', ...fields, '', ''].join('\r\n');
}

/** Sends bytes over a new connection, ends the sending side, and gives all that came back. */
export async function ask(daemon: Daemon, bytes: string | Buffer): Promise<string> {
  const peer = await open(daemon);
  return (await peer.send(bytes).end().closed()).toString('latin1');
}

/** A raw client of the daemon that goes on receiving after it ended its sending side. */
export function open(daemon: Daemon): Promise<Peer> {
  return connect(daemon.port, { allowHalfOpen: true });
}
