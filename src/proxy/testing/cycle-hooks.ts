/** Calls the hooks of a flow that a test made, as if it passed just now. */
import { killed } from '../flow/flow-error.js';
import type { Flow } from '../flow/flow.js';
import type { FlowHookName, HookTable } from '../hooks/hook-table.js';
import { replayHooks } from '../replay-hooks.js';

/** Hooks that are called of a flow that was killed. */
const lastHooks: readonly FlowHookName[] = ['error', 'tcpError', 'udpError', 'dnsError', 'websocketEnd'];

/**
 * Calls the hooks in order; but none behind the one where the flow was intercepted.
 * @returns the names of those that were called
 */
export async function cycleHooks(
  flow: Flow,
  fire: <H extends FlowHookName>(hook: H, subject: HookTable[H]) => Promise<unknown>,
): Promise<FlowHookName[]> {
  const called: FlowHookName[] = [];
  const rest = new LaterFacts(flow);
  await replayHooks(flow, async (hook, subject) => {
    if (flow.intercepted || (isKilled(flow) && !lastHooks.includes(hook))) return;
    // The head of what an addon answers is not read from anywhere.
    if (hook === 'responseheaders' && rest.isAnswered) return;
    called.push(hook);
    await fire(hook, subject);
    if ((hook === 'request' || hook === 'dnsRequest') && !flow.intercepted) rest.bringBack();
  });
  return called;
}

/** What a live flow gets when its request has passed: its response and its error. */
class LaterFacts {
  /** Whether an addon has answered. */
  isAnswered = false;
  private readonly response: unknown;
  private readonly error: Flow['error'];

  constructor(private readonly flow: Flow) {
    if (!flow.live || !('response' in flow)) return;
    this.response = flow.response;
    this.error = flow.error;
    flow.response = undefined;
    flow.error = undefined;
  }

  bringBack(): void {
    const { flow } = this;
    if (!flow.live || !('response' in flow)) return;
    this.isAnswered = flow.response !== undefined;
    // An addon that answers leaves nothing for a server to do.
    if (!this.isAnswered) Object.assign(flow, { response: this.response, error: this.error });
  }
}

function isKilled({ error }: Flow): boolean {
  return error?.message === killed;
}
