/** WebSocket frames: what is added to them by default, and their bytes (RFC 6455, section 5.2). */
import { encodeFrameHeader, mask } from '../wire/websocket-frames.js';
import type { Clause } from './clause.js';
import { Body } from './clauses/body.js';
import { Flag } from './clauses/flag.js';
import type { FlagName } from './clauses/flag.js';
import { Key, keyLength, NoKey } from './clauses/key.js';
import { NestedFrame } from './clauses/nested-frame.js';
import { Opcode } from './clauses/opcode.js';
import { PayloadLength } from './clauses/payload-length.js';
import { RawPayload } from './clauses/raw-payload.js';
import { draw, PartList, partOf } from './layout.js';
import type { Part } from './layout.js';
import { Message, valueSlot } from './message.js';
import type { Anatomy } from './message.js';
import type { Random } from './random.js';
import { readSegment } from './plan.js';
import type { LazySegment } from './plan.js';
import type { FullSettings } from './settings.js';
import { Literal } from './values.js';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The opcode of a text frame, and the default. */
const textOpcode = 1;

/** A WebSocket frame, of a server or of a client. */
export class FrameMessage extends Message {
  readonly kind = 'frame';

  /** @param client whether a client sends it: its frames are masked unless the spec says otherwise */
  constructor(
    clauses: readonly Clause[],
    readonly client: boolean,
    resolved = false,
  ) {
    super(clauses, resolved);
  }

  /** The opcode, 0 to 15. */
  get opcode(): number {
    return this.find(Opcode)?.number ?? textOpcode;
  }

  /** Whether a bit of the header is set. A key sets the mask bit, `knone` does, `-mask` clears it. */
  flag(name: FlagName): boolean {
    const written = this.written(name);
    if (written !== undefined) return written;
    return name === 'mask' && (this.find(Key) !== undefined || this.find(NoKey) !== undefined);
  }

  /** The payload before masking. @throws {FileAccessDenied} */
  payloadPart(settings: FullSettings): Part {
    const clause = this.find(Body) ?? this.find(RawPayload);
    if (clause) return partOf(clause.value, valueSlot(this.clauses.indexOf(clause)), settings);
    return this.find(NestedFrame)?.payload ?? Buffer.alloc(0);
  }

  protected withDefaults({ random }: FullSettings): readonly Clause[] {
    const clauses = [...this.clauses];
    const keyed = this.find(Key) !== undefined || this.find(NoKey) !== undefined;
    if (this.client && this.written('mask') === undefined) clauses.push(new Flag('mask', true));
    const masked = this.written('mask') ?? this.client;
    if (masked && !keyed) clauses.push(new Key(Literal.of(maskingKey(random))));
    return clauses;
  }

  protected anatomy(settings: FullSettings): Anatomy {
    const payload = this.payloadPart(settings);
    const masked = this.flag('mask');
    const key = masked ? this.keyPart(settings) : undefined;
    const parts = new PartList(settings).bytes(this.header(payload.length, masked));
    if (key) parts.part(key);
    const body = parts.length;
    const isPlain = key === undefined || (this.find(RawPayload) !== undefined && !this.find(Body));
    parts.part(isPlain ? payload : maskedPart(payload, key));
    return { parts: parts.finish(), headers: 0, body };
  }

  protected rebuild(clauses: readonly Clause[], resolved: boolean): Message {
    return new FrameMessage(clauses, this.client, resolved);
  }

  /** The header without the key, which is a part of its own as chance may decide it. */
  private header(payloadLength: number, masked: boolean): Buffer {
    return encodeFrameHeader({
      fin: this.flag('fin'),
      rsv1: this.flag('rsv1'),
      rsv2: this.flag('rsv2'),
      rsv3: this.flag('rsv3'),
      opcode: this.opcode,
      masked,
      length: this.find(PayloadLength)?.length ?? payloadLength,
    });
  }

  private keyPart(settings: FullSettings): Part | undefined {
    const key = this.find(Key);
    if (!key) return undefined;
    const part = partOf(key.value, valueSlot(this.clauses.indexOf(key)), settings);
    if (Buffer.isBuffer(part) || part.length !== keyLength) return key.bytesOf(draw(part, settings.random));
    return { length: keyLength, draw: (random) => key.bytesOf(part.draw(random)) };
  }

  private written(name: FlagName): boolean | undefined {
    return this.clauses.find((clause): clause is Flag => clause instanceof Flag && clause.name === name)?.set;
  }
}

/** A key that is easy to read in a spec. */
function maskingKey(random: Random): string {
  const source = random.fork('masking key');
  return Array.from({ length: keyLength }, () => letters.charAt(source.integer(letters.length))).join('');
}

function maskedPart(payload: Part, key: Part): Part {
  if (Buffer.isBuffer(payload) && Buffer.isBuffer(key)) return maskedBytes(payload, key);
  return {
    length: payload.length,
    draw(random) {
      const keyBytes = readSegment(draw(key, random), 0, keyLength);
      const drawn = draw(payload, random);
      return Buffer.isBuffer(drawn) ? maskedBytes(drawn, keyBytes) : maskedData(drawn, keyBytes);
    },
  };
}

function maskedBytes(payload: Buffer, key: Buffer): Buffer {
  const bytes = Buffer.from(payload);
  mask(bytes, key, 0);
  return bytes;
}

function maskedData(payload: LazySegment, key: Buffer): LazySegment {
  return {
    length: payload.length,
    read(at, into) {
      payload.read(at, into);
      mask(into, key, at);
    },
  };
}
