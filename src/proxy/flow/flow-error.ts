/** Why a flow failed. */
export interface FlowError {
  /** A sentence, or a few words. */
  readonly message: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** The message of the error of a flow that was killed. */
export const killed = 'Connection killed.';

/** The message of the error of a flow whose client left before it was over. */
export const clientLeft = 'Client disconnected.';

/** The message of the error of a flow that the end of the proxy cut off. */
export const proxyStopped = 'The proxy was stopped.';
