import type { Message } from '../message/message.js';
import { forgetLength, streamBody } from '../message-body.js';

/** Bodies that pass as they arrive: hooks behind that see none, and the test what was sent of them in the end. */
export class StreamedBodies {
  private readonly sent = new Map<Message, Buffer | undefined>();

  /**
   * Passes the body of a message on, if an addon has said so, through the function that it gave.
   * @param keeps whether hooks see what was sent
   * @throws {StreamFailure} when that function fails
   */
  async pass(message: Message, keeps: boolean): Promise<void> {
    const { rawContent } = message;
    if (message.stream === false || rawContent === undefined) return;
    // All of it is there already, and what is there goes first.
    const rest = { read: () => undefined, trailers: undefined, expectedSize: rawContent.length };
    const body = { ...rest, isEmpty: rawContent.length === 0 };
    forgetLength(message, body);
    await streamBody(message, body, { write: () => undefined, isLost: false }, true);
    if (keeps) return;
    this.sent.set(message, message.rawContent);
    message.rawContent = undefined;
  }

  /** Shows what was sent. A body that somebody has set since stays. */
  show(): void {
    for (const [message, body] of this.sent) message.rawContent ??= body;
  }
}
