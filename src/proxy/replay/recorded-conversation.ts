/** Says on a WebSocket what the server said when it was recorded. */
import type { HttpFlow } from '../flow/http-flow.js';
import type { WebSocketData } from '../flow/websocket.js';
import type { AddonContext } from '../hooks/addon.js';

/** What a server says that gives no reason of its own. */
const normalClosure = 1000;

/**
 * What the server said before the client did is said at once; the rest behind the messages of the client, by their
 * number. What the client says need not be what it said then: that is noted in the log.
 */
export class RecordedConversation {
  private at = 0;

  constructor(
    private readonly flow: HttpFlow,
    private readonly recorded: WebSocketData,
  ) {}

  /** Says what is due before the client says something. */
  play({ flows }: AddonContext): void {
    const { messages, closedByClient, closeCode = normalClosure, closeReason = '' } = this.recorded;
    for (; this.at < messages.length; this.at++) {
      const message = messages[this.at];
      if (message === undefined || message.fromClient) return;
      if (!message.dropped) flows.inject(this.flow, true, message.content, message.isText);
    }
    if (closedByClient !== false) return;
    flows.closeWebSocket(this.flow, closeCode, closeReason);
  }

  /** Takes a message of the client for the next that was recorded, and goes on. */
  hear(content: Buffer, context: AddonContext): void {
    const expected = this.recorded.messages[this.at];
    const name = `WebSocket ${this.flow.request.prettyUrl}`;
    if (expected === undefined) context.log.warn(`${name}: a message came where none was recorded any more`);
    else {
      if (!expected.content.equals(content)) {
        context.log.warn(`${name}: the client sent ${text(content)} where ${text(expected.content)} was recorded`);
      }
      this.at++;
      this.play(context);
    }
  }
}

/** Bytes of a message that are shown. */
const shown = 60;

function text(content: Buffer): string {
  const start = JSON.stringify(content.toString('latin1', 0, shown));
  return content.length > shown ? `${start}... (${String(content.length)} bytes)` : start;
}
