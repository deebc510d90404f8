import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { BaseFlow } from './base-flow.js';
import type { FlowInit } from './base-flow.js';
import type { WebSocketData } from './websocket.js';

/** An HTTP exchange, with the WebSocket messages that followed it. */
export class HttpFlow extends BaseFlow {
  readonly type = 'http';
  response: Response | undefined;
  websocket: WebSocketData | undefined;

  constructor(
    public request: Request,
    init: FlowInit = {},
  ) {
    super({ ...init, timestampCreated: init.timestampCreated ?? request.timestampStart });
  }

  get timestampStart(): number {
    return this.request.timestampStart;
  }

  /** Whether the response is not the end: it opens a WebSocket. */
  get opensWebSocket(): boolean {
    return this.websocket !== undefined && this.response?.statusCode === 101;
  }

  /**
   * Replaces all matches in headers and bodies of both messages, and in the path. Bodies are decoded for it.
   * @returns how many were replaced
   */
  replace(pattern: RegExp | string, replacement: string): number {
    return this.request.replace(pattern, replacement) + (this.response?.replace(pattern, replacement) ?? 0);
  }

  protected override cloneOwn(): this {
    const copy = new HttpFlow(this.request.clone());
    copy.response = this.response?.clone();
    copy.websocket = this.websocket?.clone();
    // The class has no subclasses: `this` is HttpFlow.
    return copy as this;
  }

  protected override ownFacts(): unknown {
    return [this.request.facts(), this.response?.facts(), this.websocket];
  }
}
