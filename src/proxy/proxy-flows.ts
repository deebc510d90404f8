import type { HttpFlow } from './flow/http-flow.js';
import type { FlowPort } from './hooks/flow-port.js';
import type { Hooks } from './hooks/hooks.js';
import { encodeUtf8 } from './message/utf8.js';
import { openWebSocketOf } from './open-websockets.js';
import { replayHooks } from './replay-hooks.js';
import { injectTcpMessage } from './tcp-relay.js';

/** What addons of a proxy may do with flows. */
export function proxyFlows(
  hooks: () => Hooks,
  list: FlowPort['list'],
  replay: (flow: HttpFlow) => Promise<void>,
  held: FlowPort['held'],
): FlowPort {
  return {
    list,
    replay,
    held,
    update: (flows) => void hooks().fire('update', flows),
    load: (flow) => replayHooks(flow, (hook, subject) => hooks().fireFlow(hook, subject)),
    inject: (flow, toClient, content, isText = typeof content === 'string') => {
      const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
      if (flow.type === 'tcp') injectTcpMessage(flow, toClient, bytes);
      else openWebSocketOf(flow).inject(toClient, bytes, isText);
    },
    closeWebSocket: (flow, status, reason) => {
      openWebSocketOf(flow).close({ status, reason });
    },
  };
}
