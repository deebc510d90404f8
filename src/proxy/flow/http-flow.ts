import { refusal } from '../message/demand.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import { BaseFlow } from './base-flow.js';
import type { FlowInit } from './base-flow.js';
import { WebSocketData } from './websocket.js';

/** An HTTP exchange, with the WebSocket messages that followed it. */
export class HttpFlow extends BaseFlow {
  readonly type = 'http';
  /** Whether the response is on its way to the client: another may be set then, and none may not. */
  needsResponse = false;
  private question: Request;
  private answer: Response | undefined;
  private conversation: WebSocketData | undefined;

  constructor(request: Request, init: FlowInit = {}) {
    super(init, request.timestampStart);
    this.question = request;
  }

  get request(): Request {
    return this.question;
  }

  set request(request: Request) {
    if (!(request instanceof Request) && !isForeign(request, 'rawMethod'))
      throw refusal('request', 'a Request', request);
    this.question = request;
  }

  /** When it is set before the request is sent, the client gets it, and no server is asked. */
  get response(): Response | undefined {
    return this.answer;
  }

  set response(response: Response | undefined) {
    // Types do not bind JavaScript.
    const given = response ?? undefined;
    if (given === undefined && this.needsResponse) {
      throw new TypeError('response takes a Response once there is one: kill the flow to send none');
    }
    if (given !== undefined && !(given instanceof Response) && !isForeign(given, 'statusCode')) {
      throw refusal('response', 'a Response, such as Response.make(200, text)', given);
    }
    this.answer = given;
  }

  /** What was said on the WebSocket that the response opened. */
  get websocket(): WebSocketData | undefined {
    return this.conversation;
  }

  set websocket(websocket: WebSocketData | undefined) {
    // Types do not bind JavaScript.
    const given = websocket ?? undefined;
    if (given !== undefined && !(given instanceof WebSocketData) && !isForeign(given, 'closedByClient', 'clone')) {
      throw refusal('websocket', 'a WebSocketData', given);
    }
    this.conversation = given;
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

/** Whether it is of a class of another copy of this package: there is one for `import` and one for `require`. */
function isForeign(given: unknown, property: string, method = 'facts'): boolean {
  return typeof given === 'object' && given !== null && property in given && method in given;
}
