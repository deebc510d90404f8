import { compileFilter } from '../filter/filter.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow } from '../flow/stream-flow.js';
import type { FlowPort } from '../hooks/flow-port.js';
import { encodeUtf8 } from '../message/utf8.js';
import { replayRefusal } from '../replay-refusal.js';

/** A message that an addon has sent on a WebSocket or a TCP connection. */
export interface InjectedMessage {
  readonly flow: HttpFlow | TcpFlow;
  readonly toClient: boolean;
  readonly content: Buffer;
  /** Whether it was given as text. */
  readonly isText: boolean;
}

/** A WebSocket that an addon has closed. */
export interface ClosedWebSocket {
  readonly flow: HttpFlow;
  readonly status: number;
  readonly reason: string;
}

/** What stands for the network when a flow is replayed: it may give the flow a response or an error. */
export type ReplayAnswer = (flow: HttpFlow) => void | Promise<void>;

/**
 * What an addon does with flows, written down in place of being done: nothing is sent, and no hook is called for it.
 */
export class RecordedFlows implements FlowPort {
  readonly replayed: HttpFlow[] = [];
  readonly loaded: Flow[] = [];
  readonly injected: InjectedMessage[] = [];
  readonly closed: ClosedWebSocket[] = [];
  /** Flows of which it has told that it changed them. */
  readonly updated: Flow[] = [];

  /** @param kept the flows that there are */
  constructor(
    private readonly kept: () => readonly Flow[],
    private readonly answer: ReplayAnswer = () => undefined,
  ) {}

  list(filter?: string): readonly Flow[] {
    const matches = filter === undefined ? () => true : compileFilter(filter);
    return this.kept().filter((flow) => matches(flow));
  }

  held(filter?: string): readonly Flow[] {
    return this.list(filter).filter(({ intercepted }) => intercepted);
  }

  update(flows: readonly Flow[]): void {
    this.updated.push(...flows);
  }

  /**
   * What a replayed flow had is gone, as in a proxy, before somebody stands for the network.
   * @throws {TypeError} for a request that a proxy would not send again
   */
  async replay(flow: HttpFlow): Promise<void> {
    const refusal = replayRefusal(flow);
    if (refusal !== undefined) throw new TypeError(refusal);
    this.replayed.push(flow);
    Object.assign(flow, { response: undefined, error: undefined, isReplay: 'request' });
    await this.answer(flow);
  }

  load(flow: Flow): Promise<void> {
    this.loaded.push(flow);
    return Promise.resolve();
  }

  inject(flow: HttpFlow | TcpFlow, toClient: boolean, content: Buffer | string, isText?: boolean): void {
    demandOpen(flow);
    const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
    this.injected.push({ flow, toClient, content: bytes, isText: isText ?? typeof content === 'string' });
  }

  closeWebSocket(flow: HttpFlow, status: number, reason: string): void {
    demandOpen(flow);
    this.closed.push({ flow, status, reason });
    Object.assign(flow.websocket ?? {}, { closedByClient: false, closeCode: status, closeReason: reason });
  }
}

/** @throws {TypeError} when nothing can be sent on the flow */
function demandOpen(flow: HttpFlow | TcpFlow): void {
  if (flow.type === 'tcp') {
    if (!flow.live) throw new TypeError('nothing can be sent: the flow is not live');
  } else if (!flow.live || !flow.opensWebSocket || flow.websocket?.closeCode !== undefined) {
    throw new TypeError('no message can be sent: the flow has no open WebSocket');
  }
}
