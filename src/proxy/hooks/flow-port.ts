import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';

/** What addons may do with flows besides what hooks tell them of. */
export interface FlowPort {
  /**
   * The flows that passed and are kept, in the order of their start.
   * @param filter an expression that they match
   * @throws {FilterError} when the expression is not valid
   */
  list(filter?: string): readonly Flow[];
  /**
   * Sends the request of a flow again, through all hooks. Its response and its error are those of this time.
   * @returns when the exchange is over
   */
  replay(flow: HttpFlow): Promise<void>;
  /** Calls the hooks of a flow that was read from somewhere, in the order in which they were called when it passed. */
  load(flow: Flow): Promise<void>;
  /**
   * Sends a message on the WebSocket of a flow as if the other side had sent it. Hooks are called as for any message;
   * it is flagged `injected`.
   * @throws {TypeError} when the flow has no open WebSocket
   */
  inject(flow: HttpFlow, toClient: boolean, content: Buffer, isText: boolean): void;
  /**
   * Closes the WebSocket of a flow as if the server had.
   * @throws {TypeError} when it is not open
   */
  closeWebSocket(flow: HttpFlow, status: number, reason: string): void;
}

/** Where no flows are. */
export const noFlows: FlowPort = {
  list: () => [],
  replay: () => Promise.resolve(),
  load: () => Promise.resolve(),
  inject: () => undefined,
  closeWebSocket: () => undefined,
};
