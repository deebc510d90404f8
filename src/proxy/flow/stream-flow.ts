import { demandList } from '../message/demand.js';
import { BaseFlow } from './base-flow.js';
import { KeptMessage } from './kept-message.js';

/** Bytes that went one way. */
export interface StreamMessage {
  readonly fromClient: boolean;
  content: Buffer;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** A flow of messages without a protocol that is known. */
abstract class StreamFlow extends BaseFlow {
  private list: StreamMessage[] = [];

  get messages(): StreamMessage[] {
    return this.list;
  }

  set messages(messages: StreamMessage[]) {
    this.list = demandList('messages', messages);
  }

  get timestampStart(): number {
    return this.clientConn.timestampStart ?? this.timestampCreated;
  }

  protected override ownFacts(): unknown {
    return this.messages.map(({ fromClient, content, timestamp }) => [fromClient, content, timestamp]);
  }

  protected copyMessages(): StreamMessage[] {
    return this.messages.map(({ fromClient, content, timestamp }) => new KeptMessage(fromClient, content, timestamp));
  }
}

/** The bytes of a TCP connection, or of what TLS carried on it. */
export class TcpFlow extends StreamFlow {
  readonly type = 'tcp';

  protected override cloneOwn(): this {
    const copy = new TcpFlow({});
    copy.messages = this.copyMessages();
    // The class has no subclasses: `this` is TcpFlow.
    return copy as this;
  }
}

/** The datagrams between two ends. Read from files and shown; not proxied. */
export class UdpFlow extends StreamFlow {
  readonly type = 'udp';

  protected override cloneOwn(): this {
    const copy = new UdpFlow({});
    copy.messages = this.copyMessages();
    // The class has no subclasses: `this` is UdpFlow.
    return copy as this;
  }
}
