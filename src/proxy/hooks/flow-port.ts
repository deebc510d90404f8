import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow } from '../flow/stream-flow.js';

/** What addons may do with flows besides what hooks tell them of. */
export interface FlowPort {
  /**
   * The flows that passed and are kept, in the order of their start.
   * @param filter an expression that they match
   * @throws {FilterError} when the expression is not valid
   */
  list(filter?: string): readonly Flow[];
  /**
   * The flows that are held, in the order in which they were: each has `resume()` and `kill()`.
   * @param filter an expression that they match
   * @throws {FilterError} when the expression is not valid
   */
  held(filter?: string): readonly Flow[];
  /** Tells all addons that flows were changed, as what shows flows wants to know: calls the hook `update`. */
  update(flows: readonly Flow[]): void;
  /**
   * Sends the request of a flow again, through all hooks. Its response and its error are those of this time.
   * @returns when the exchange is over
   * @throws {TypeError} for a request that cannot be sent again: the flow is under way or opened a WebSocket, it asks for
   *   a tunnel, or its body was not kept. The flow stays as it was.
   */
  replay(flow: HttpFlow): Promise<void>;
  /** Calls the hooks of a flow that was read from somewhere, in the order in which they were called when it passed. */
  load(flow: Flow): Promise<void>;
  /**
   * Sends a message on the WebSocket of a flow, or bytes on the connection of a TCP flow, as if the other side had sent
   * it. Hooks are called as for any message; one of a WebSocket is flagged `injected`.
   * @param content text is sent as UTF-8
   * @param isText whether a message of a WebSocket is one of text. Default: when the content is
   * @throws {TypeError} when the flow has no open WebSocket, or is on no connection
   */
  inject(flow: HttpFlow | TcpFlow, toClient: boolean, content: Buffer | string, isText?: boolean): void;
  /**
   * Closes the WebSocket of a flow as if the server had.
   * @param status 1005 for a Close frame without one. With 1006, as with others that cannot be sent (RFC 6455, section
   *   7.4), the connections are closed without a Close frame, behind what was sent before.
   * @throws {TypeError} when it is not open
   */
  closeWebSocket(flow: HttpFlow, status: number, reason: string): void;
}

/** Where no flows are. */
export const noFlows: FlowPort = {
  list: () => [],
  held: () => [],
  update: () => undefined,
  replay: () => Promise.resolve(),
  load: () => Promise.resolve(),
  inject: () => undefined,
  closeWebSocket: () => undefined,
};
