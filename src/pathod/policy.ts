/** What a daemon refuses to serve, however well it is spelt. */
import type { Served, Serving } from './recipe.js';

/** What is refused. */
export interface Policy {
  /** Bytes that a message may have, injections counted. No limit when absent. */
  readonly limitSize: number | undefined;
  /** No message may pause. */
  readonly nohang: boolean;
  /** No client may craft. */
  readonly nocraft: boolean;
}

/** The reason given when clients may not craft. */
export const craftingDisabled = 'Crafting disabled.';

/** The reason for which a message, or any that is sent before it, is not served; undefined when all are. */
export function objectionTo(policy: Policy, { served, preceding }: Serving): string | undefined {
  const runs = preceding?.runs ?? [];
  const all = runs.reduce((sum, run) => sum + run.times * run.served.maximumLength, served.maximumLength);
  for (const run of runs) {
    const reason = objection(policy, run.served);
    if (reason !== undefined) return reason;
  }
  return objection(policy, { ...served, maximumLength: all });
}

/** The reason for which a message is not served; undefined when it is. */
export function objection(
  policy: Policy,
  { message, maximumLength }: Pick<Served, 'message' | 'maximumLength'>,
): string | undefined {
  if (policy.limitSize !== undefined && maximumLength > policy.limitSize) return 'Response too large.';
  if (policy.nohang && (message.has('pauseat') || message.has('rateat'))) return 'Pauses have been disabled.';
  return undefined;
}
