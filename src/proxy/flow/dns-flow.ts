import { BaseFlow } from './base-flow.js';
import type { FlowInit } from './base-flow.js';
import type { DnsMessage } from './dns-message.js';

/** A DNS query and its answer. Read from files and shown; not proxied. */
export class DnsFlow extends BaseFlow {
  readonly type = 'dns';
  response: DnsMessage | undefined;

  constructor(
    public request: DnsMessage,
    init: FlowInit = {},
  ) {
    super(init, request.timestamp);
  }

  get timestampStart(): number {
    return this.request.timestamp;
  }

  protected override cloneOwn(): this {
    const copy = new DnsFlow(structuredCopy(this.request));
    copy.response = this.response && structuredCopy(this.response);
    // The class has no subclasses: `this` is DnsFlow.
    return copy as this;
  }

  protected override ownFacts(): unknown {
    return [this.request, this.response];
  }
}

function structuredCopy(message: DnsMessage): DnsMessage {
  return {
    ...message,
    questions: [...message.questions],
    answers: [...message.answers],
    authorities: [...message.authorities],
    additionals: [...message.additionals],
  };
}
