/** Calls the hooks of a flow that a test made, as if it passed just now. */
import { StreamFailure } from '../exchange-failure.js';
import { killed } from '../flow/flow-error.js';
import type { Flow } from '../flow/flow.js';
import type { FlowHookName, HookTable } from '../hooks/hook-table.js';
import type { Message } from '../message/message.js';
import { replayHooks } from '../replay-hooks.js';
import { StreamedBodies } from './streamed-bodies.js';

/** Hooks that are called of a flow that was killed. */
const lastHooks: readonly FlowHookName[] = ['error', 'tcpError', 'udpError', 'dnsError', 'websocketEnd'];

/** What becomes of bodies that pass as they arrive. */
export interface StreamPort {
  /** Whether hooks see what was sent. */
  keeps(): boolean;
  /** Is told that the function failed that an addon gave for a body. What it throws, {@link cycleHooks} throws. */
  failed(failure: StreamFailure): void;
}

/**
 * Calls the hooks in order; but none behind the one where the flow was intercepted.
 * @returns the names of those that were called
 */
export async function cycleHooks(
  flow: Flow,
  fire: <H extends FlowHookName>(hook: H, subject: HookTable[H]) => Promise<unknown>,
  port: StreamPort,
): Promise<FlowHookName[]> {
  const called: FlowHookName[] = [];
  const rest = new LaterFacts(flow);
  const bodies = new StreamedBodies();
  let hasFailed = false;
  const stream = async (hook: FlowHookName): Promise<void> => {
    const message = flow.live && !flow.intercepted && !isKilled(flow) ? headOf(flow, hook) : undefined;
    try {
      if (message !== undefined) await bodies.pass(message, port.keeps());
    } catch (error) {
      if (!(error instanceof StreamFailure)) throw error;
      port.failed(error);
      hasFailed = true;
      flow.error ??= { message: error.message, timestamp: flow.timestampStart };
    }
  };
  await replayHooks(flow, async (hook, subject) => {
    if (flow.intercepted || ((hasFailed || isKilled(flow)) && !lastHooks.includes(hook))) return;
    // The head of what an addon answers is not read from anywhere.
    if (hook === 'responseheaders' && rest.isAnswered) return;
    called.push(hook);
    await fire(hook, subject);
    await stream(hook);
    if ((hook === 'request' || hook === 'dnsRequest') && !flow.intercepted) rest.bringBack();
  }).finally(() => {
    bodies.show();
  });
  return called;
}

/** The message whose head a hook is about, and whose body comes behind it. */
function headOf(flow: Flow, hook: FlowHookName): Message | undefined {
  if (flow.type !== 'http') return undefined;
  // A request that is answered from here is sent nowhere.
  if (hook === 'requestheaders') return flow.response === undefined ? flow.request : undefined;
  return hook === 'responseheaders' ? flow.response : undefined;
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
