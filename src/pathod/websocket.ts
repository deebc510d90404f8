/**
 * A connection after its handshake: frames come in and are logged, and those whose payload begins with
 * `pathod!` name frames that are sent back. Nothing else is answered: no ping, no close.
 */
import { RenderError, SpecError } from '../errors.js';
import type { Consumed } from '../net/pump.js';
import type { TlsFacts } from '../net/tls-facts.js';
import { FrameReader } from '../wire/websocket-frames.js';
import { InboundEntry, ReflectedEntry } from './frame-entries.js';
import { NoteEntry } from './note-entry.js';
import { throwFailure } from './outgoing.js';
import type { Outgoing } from './outgoing.js';
import { craftingDisabled, objection } from './policy.js';
import { readReflectedSpec, reflectedSpec } from './reflection.js';
import type { Service } from './service.js';

/** Bytes that the payload of a frame may have. */
const maximumPayload = 16 * 1024 * 1024;

export class WebsocketSession {
  private readonly reader = new FrameReader({ maximumPayload });
  private started: number | undefined;

  constructor(
    private readonly service: Service,
    private readonly outgoing: Outgoing,
    private readonly tls: TlsFacts | undefined,
  ) {}

  /** Whether a frame has begun and not ended. */
  get midMessage(): boolean {
    return this.reader.waiting > 0;
  }

  /**
   * Takes received bytes.
   * @returns `stop` when the connection is to be closed, unless a frame's `d` has done so
   * @throws {ProtocolError} for a frame that is too long
   */
  receive(chunk: Buffer): Consumed | Promise<Consumed> {
    this.started ??= this.service.clock.now();
    this.reader.receive(chunk);
    return this.advance();
  }

  private advance(): Consumed | Promise<Consumed> {
    for (let frame = this.reader.next(); frame !== undefined; frame = this.reader.next()) {
      const now = this.service.clock.now();
      this.service.log(new InboundEntry(frame, this.tls, this.started ?? now, now, this.service.keepsRequests));
      this.started = this.reader.waiting > 0 ? now : undefined;
      const spec = reflectedSpec(frame.payload);
      if (spec !== undefined) return this.reflect(spec).then((consumed) => consumed ?? this.advance());
    }
    return undefined;
  }

  private async reflect(spec: Buffer): Promise<Consumed> {
    if (this.service.policy.nocraft) return this.refuse(craftingDisabled);
    try {
      const reflection = this.service.reflections.get(readReflectedSpec(spec));
      for (const serving of reflection.serve()) {
        const reason = objection(this.service.policy, serving.served);
        if (reason !== undefined) return this.refuse(reason);
        const started = this.service.clock.now();
        const ending = await this.outgoing.send(serving);
        this.service.log(new ReflectedEntry(this.outgoing.sent(serving.served, started, ending)));
        throwFailure(ending);
        if (ending === 'half-closed') return undefined;
        if (ending !== 'done') return 'stop';
      }
    } catch (error) {
      if (error instanceof SpecError)
        return this.refuse(`Parse error in reflected frame specifcation: ${error.message}`);
      if (error instanceof RenderError) return this.refuse(`Error rendering reflected frame: ${error.message}`);
      throw error;
    }
    return undefined;
  }

  private refuse(reason: string): 'stop' {
    this.service.log(NoteEntry.error(this.service.clock.now(), reason));
    return 'stop';
  }
}
