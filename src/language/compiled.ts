/** Messages made ready to be sent many times: what does not change between sendings is kept. */
import type { Files } from './files.js';
import { instantiate } from './layout.js';
import type { Layout } from './layout.js';
import type { Message } from './message.js';
import type { Plan } from './plan.js';
import type { Random } from './random.js';

/** One sending of a message. */
export interface Sending {
  /** The message with defaults added and offsets fixed, as it is sent. */
  readonly message: Message;
  readonly plan: Plan;
  /** Bytes of the message and of all that it injects. */
  readonly maximumLength: number;
}

/** A message and the part of its way to the wire that is the same every time. */
export class CompiledMessage {
  /** Whether resolving the message gives the same every time. */
  readonly stable: boolean;
  private kept:
    { readonly message: Message; readonly layout: Layout; readonly sending: Sending | undefined } | undefined;

  constructor(
    readonly message: Message,
    private readonly files: Files | undefined,
  ) {
    this.stable = message.stable;
  }

  /**
   * Makes ready to send once.
   * @param random gives what chance decides in this sending
   * @param websocketKey the Sec-WebSocket-Key of the handshake that is answered, when there is one
   * @throws {FileAccessDenied | RenderError} as {@link Message.plan}
   */
  sending(random: Random, websocketKey?: string): Sending {
    if (!this.stable) {
      const settings = { random, files: this.files, websocketKey };
      const message = this.message.resolve(settings);
      return sendingOf(message, message.layout(settings), random);
    }
    this.kept ??= this.keep(random);
    return this.kept.sending ?? sendingOf(this.kept.message, this.kept.layout, random);
  }

  private keep(random: Random): NonNullable<CompiledMessage['kept']> {
    const settings = { random, files: this.files };
    const message = this.message.resolve(settings);
    const layout = message.layout(settings);
    return { message, layout, sending: layout.fixed ? sendingOf(message, layout, random) : undefined };
  }
}

function sendingOf(message: Message, layout: Layout, random: Random): Sending {
  return { message, plan: instantiate(layout, random), maximumLength: layout.maximumLength };
}
