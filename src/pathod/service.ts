import type { Files, Random } from '../language/index.js';
import type { TextCache } from '../language/cache.js';
import type { Clock } from '../net/clock.js';
import type { LogEntry } from './log.js';
import type { Policy } from './policy.js';
import type { Reflection } from './reflection.js';
import type { Router } from './router.js';

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
  log(entry: LogEntry): void;
  /** A connection may have become silent. */
  settled(): void;
}
