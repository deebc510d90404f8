/** The messages of a WebSocket connection; fragments are joined, control frames are not kept. */
import { demandList, demandText } from '../message/demand.js';
import { decodeUtf8, encodeUtf8 } from '../message/utf8.js';
import { KeptMessage } from './kept-message.js';

/** Opcodes of messages (RFC 6455, section 5.2). */
export type MessageOpcode = 1 | 2;

/** A message on a WebSocket. */
export class WebSocketMessage extends KeptMessage {
  /** Whether it is not sent on. */
  dropped = false;
  /** Whether it comes from here and not from either end. */
  injected = false;

  constructor(
    /** 1 text, 2 binary. */
    readonly opcode: MessageOpcode,
    fromClient: boolean,
    content: Buffer,
    /** Seconds since 1970. */
    timestamp: number,
  ) {
    super(fromClient, content, timestamp);
  }

  get isText(): boolean {
    return this.opcode === 1;
  }

  /** @throws {TypeError} for a binary message */
  get text(): string {
    this.demandText();
    return decodeUtf8(this.content);
  }

  set text(text: string) {
    this.demandText();
    this.content = encodeUtf8(demandText('text', text));
  }

  /** Keeps the message from being sent on. */
  drop(): void {
    this.dropped = true;
  }

  clone(): WebSocketMessage {
    const { opcode, fromClient, content, timestamp, dropped, injected } = this;
    return Object.assign(new WebSocketMessage(opcode, fromClient, content, timestamp), { dropped, injected });
  }

  private demandText(): void {
    if (!this.isText) throw new TypeError('a binary WebSocket message has no text: use content');
  }
}

/** What was said on a WebSocket, and how it was closed. */
export class WebSocketData {
  closedByClient: boolean | undefined;
  closeCode: number | undefined;
  closeReason: string | undefined;
  /** Seconds since 1970. */
  timestampEnd: number | undefined;
  private list: WebSocketMessage[] = [];

  get messages(): WebSocketMessage[] {
    return this.list;
  }

  set messages(messages: WebSocketMessage[]) {
    this.list = demandList('messages', messages);
  }

  clone(): WebSocketData {
    return Object.assign(new WebSocketData(), this, { messages: this.messages.map((message) => message.clone()) });
  }
}
