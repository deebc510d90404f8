import type { HttpFlow } from './flow/http-flow.js';
import type { FlowPort } from './hooks/flow-port.js';
import type { Hooks } from './hooks/hooks.js';
import { openWebSocketOf } from './open-websockets.js';
import { replayHooks } from './replay-hooks.js';

/** What addons of a proxy may do with flows. */
export function proxyFlows(
  hooks: () => Hooks,
  list: FlowPort['list'],
  replay: (flow: HttpFlow) => Promise<void>,
): FlowPort {
  return {
    list,
    replay,
    load: (flow) => replayHooks(flow, (hook, subject) => hooks().fireFlow(hook, subject)),
    inject: (flow, toClient, content, isText) => {
      openWebSocketOf(flow).inject(toClient, content, isText);
    },
    closeWebSocket: (flow, status, reason) => {
      openWebSocketOf(flow).close({ status, reason });
    },
  };
}
