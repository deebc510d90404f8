import type { Files, Random } from '../language/index.js';
import type { TextCache } from '../language/cache.js';
import type { Clock } from '../net/clock.js';
import type { LogEntry } from './log.js';
import type { Policy } from './policy.js';
import type { Reflection } from './reflection.js';
import type { Router } from './router.js';
import type { Tls } from './tls.js';

/** What the connections of a daemon share. */
export interface Service {
  readonly router: Router;
  readonly reflections: TextCache<Reflection>;
  readonly policy: Policy;
  readonly files: Files;
  readonly seed: Random;
  readonly clock: Clock;
  /** Aborts when the daemon stops. */
  readonly signal: AbortSignal;
  /** Seconds that a client may be silent when it is its turn. */
  readonly timeout: number | undefined;
  readonly keepsRequests: boolean;
  readonly keepsResponses: boolean;
  /** Whether each HTTP/2 frame is a line of the text log, received ones and sent ones. */
  readonly dumpsHttp2Frames: boolean;
  /** Whether the port speaks TLS. */
  readonly ssl: boolean;
  /** Whether TLS may begin behind a CONNECT. */
  readonly tlsAfterConnect: boolean;
  /** Whether HTTP/2 may begin without TLS. */
  readonly h2c: boolean;
  /**
   * TLS, opened when it is first needed.
   * @throws {OptionError} when it cannot be: the authority is not readable, for instance
   */
  tls(): Promise<Tls>;
  log(entry: LogEntry): void;
  /** A line about a connection, for the text log that is printed with `-e` or `-q`; no record is made of it. */
  readonly tell: (line: string) => void;
  /** A connection may have become silent. */
  settled(): void;
}
