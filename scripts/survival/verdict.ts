/** From what came of a request to a cell of the table. */
import type { Client } from './clients.js';
import type { Outcome, Success } from './outcome.js';
import type { Truth } from './truth.js';

/** What can be said of an outcome, in the order in which the page tells of it. */
export const verdicts = {
  success: { isRight: true, means: 'The client gives the whole message, or what the specifications make of it.' },
  error: { isRight: true, means: 'The client tells that something is wrong.' },
  'wrong success': { isRight: false, means: 'The client tells nothing, though the message is damaged.' },
  'wrong error': { isRight: false, means: 'The client refuses a message that it should take.' },
  hang: { isRight: false, means: 'Neither, within the time that the script has patience.' },
  crash: { isRight: false, means: 'The process ends with an error that nobody can catch.' },
} as const satisfies Readonly<Record<string, { readonly isRight: boolean; readonly means: string }>>;

export type Verdict = keyof typeof verdicts;

export interface Cell {
  readonly verdict: Verdict;
  /** The code of the error, or what is wrong about the success. */
  readonly detail: string;
}

/** The body of the answer to the request behind the one that met the fault. */
export const nextBody = 'the next answer';

export function judge(outcome: Outcome, truth: Truth, client: Client): Cell {
  switch (outcome.kind) {
    case 'hang':
      return { verdict: 'hang', detail: '' };
    case 'crash':
      return { verdict: 'crash', detail: outcome.message };
    case 'error':
      return { verdict: truth.client === 'accept' ? 'wrong error' : 'error', detail: outcome.code };
    case 'success': {
      const wrong = wrongIn(outcome, truth, client);
      if (wrong !== undefined) return { verdict: 'wrong success', detail: wrong };
      return { verdict: 'success', detail: remark(outcome, truth, client) };
    }
  }
}

/** What is wrong about a success; undefined when it is right. */
function wrongIn(success: Success, truth: Truth, client: Client): string | undefined {
  const cannotKnow = truth.ifDecoding === true && !client.decodes;
  if (truth.client === 'notice' && !cannotKnow) return '';
  const { next } = success;
  return (
    truth.wrong?.(success) ??
    (next?.kind === 'success' && next.body !== nextBody ? 'the next answer is not its own' : undefined)
  );
}

/** What is worth telling of a right success. */
function remark({ next }: Success, truth: Truth, client: Client): string {
  if (truth.ifDecoding === true && !client.decodes) return 'not decoded';
  // A connection that cannot be used again is no fault of the client.
  if (next === undefined || next.kind === 'success') return '';
  return `then ${next.kind === 'error' ? next.code : next.kind}`;
}
