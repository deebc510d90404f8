/** The secrets of TLS connections in a file, for Wireshark: the format that NSS has for SSLKEYLOGFILE. */
import { appendFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { systemReason } from './system-error.js';

/** Variables of the environment that name the file, the first one first. */
const variables = ['MITMPROXY_SSLKEYLOGFILE', 'SSLKEYLOGFILE'] as const;

/** The file that the environment asks for; undefined when it asks for none. */
export function keyLogPath(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return variables.map((name) => environment[name]).find((path) => path !== undefined && path !== '');
}

/** Appends secrets to a file, which only its owner may read when it is made here. */
export class KeyLog {
  private failed = false;

  /** @param fail is told once when the file cannot be written; connections go on without it */
  constructor(
    private readonly path: string,
    private readonly fail: (message: string) => void,
  ) {}

  /** Writes down the secrets of a connection whose handshake is still to come. */
  watch(socket: TLSSocket): void {
    // A line must be in the file before what it decrypts is seen, and there is no file to be closed later.
    socket.on('keylog', (line: Buffer) => {
      this.append(line);
    });
  }

  private append(line: Buffer): void {
    try {
      appendFileSync(this.path, line, { mode: 0o600 });
    } catch (error) {
      if (!this.failed) this.fail(`cannot write TLS secrets to ${this.path}: ${systemReason(error).reason}`);
      this.failed = true;
    }
  }
}
