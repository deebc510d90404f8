/** What the processes of the soak tell one another. */

/** Bytes, after the garbage was collected. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** The largest `rss` that was seen. */
  readonly peak: number;
  /** Flows that are kept. */
  readonly kept: number;
}

export interface Outcomes {
  /** By the number of the request: how often each hook was called. */
  readonly outcomes: readonly (readonly [
    number,
    { readonly begun: number; readonly answered: number; readonly failed: number },
  ])[];
  /** Different ids of flows. */
  readonly ids: number;
  /** Hooks that were called for flows without a number. */
  readonly nameless: number;
  /** Lines of the log that tell of errors, and how often. */
  readonly errors: readonly (readonly [string, number])[];
  /** Rejections, exceptions and warnings that nobody handled. */
  readonly unhandled: readonly string[];
}

/** What keeps the process alive, by its kind: before the proxy was started, and after it was stopped. */
export interface Handles {
  readonly before: readonly string[];
  readonly after: readonly string[];
}
