/**
 * The payload of a raw HTTP/2 frame, in the order in which RFC 9113 has its parts:
 *
 *     | pad length | dependency weight | promised | last | code | increment | settings | block | data | padding |
 *
 * A part is there when a clause asks for it or the type does; `r` is the whole payload and nothing else.
 */
import { RenderError } from '../errors.js';
import type { BlockPart } from '../wire/hpack-encoder.js';
import { http2ErrorCodes } from '../wire/http2-registry.js';
import type { FrameTypeName } from '../wire/http2-registry.js';
import type { Clause } from './clause.js';
import { Body } from './clauses/body.js';
import { ErrorCodeClause } from './clauses/error-code.js';
import { WholePayload } from './clauses/frame-payload.js';
import { HpackField } from './clauses/hpack-field.js';
import { HpackInstruction } from './clauses/hpack-instruction.js';
import { Padding } from './clauses/padding.js';
import { Exclusive, Weight } from './clauses/priority.js';
import { Setting } from './clauses/setting.js';
import { Stream } from './clauses/stream.js';
import type { StreamRole } from './clauses/stream.js';
import { WindowIncrement } from './clauses/window-increment.js';
import { drawnBytes } from './drawn-bytes.js';
import { headerBlock } from './header-block.js';
import { PartList, partOf } from './layout.js';
import type { Part } from './layout.js';
import { valueSlot } from './message.js';
import type { FullSettings } from './settings.js';
import { resolveStream } from './stream-reference.js';
import type { StreamReference, Streams } from './stream-reference.js';

/** Bytes of a header block that may be split. */
const longestSplit = 1024 * 1024;

const defaultIncrement = 65535;
const defaultWeight = 15;

/** Whether clauses ask for the priority fields of a HEADERS frame. */
export function hasPriority(clauses: readonly Clause[]): boolean {
  return clauses.some(
    (clause) =>
      clause instanceof Weight ||
      clause instanceof Exclusive ||
      (clause instanceof Stream && clause.name === 'dependency'),
  );
}

export class FramePayload {
  constructor(
    private readonly clauses: readonly Clause[],
    private readonly type: FrameTypeName | undefined,
    private readonly streams: Streams,
    private readonly client: boolean,
  ) {}

  /** All of it. @throws {FileAccessDenied | RenderError} */
  whole(settings: FullSettings): readonly Part[] {
    const raw = this.find(WholePayload);
    if (raw) return [partOf(raw.value, this.slotOf(raw), settings)];
    const parts = new PartList(settings).bytes(this.lead()).bytes(this.block(settings));
    const data = this.find(Body);
    if (data) parts.part(partOf(data.value, this.slotOf(data), settings));
    else if (this.type === 'ping') parts.bytes(Buffer.alloc(8));
    return parts.bytes(this.padding).finish();
  }

  /**
   * The payload of the first frame, and those of the CONTINUATION frames behind it.
   * @param sizes bytes of the header block in each, the last repeats
   * @throws {FileAccessDenied}
   * @throws {RenderError} for a header block of more than 1 MiB
   */
  split(sizes: readonly number[], settings: FullSettings): { first: Buffer; rest: readonly Buffer[] } {
    const raw = this.find(WholePayload);
    const lead = raw ? Buffer.alloc(0) : this.lead();
    const data = raw ?? this.find(Body);
    const bytes = data ? drawnBytes(data.value, this.slotOf(data), settings) : Buffer.alloc(0);
    const block = raw ? bytes : Buffer.concat([this.block(settings), bytes]);
    if (block.length > longestSplit) {
      throw new RenderError(
        `a header block of ${String(block.length)} bytes is too long to be split: at most 1 MiB is`,
      );
    }
    const fragments: Buffer[] = [];
    for (let at = 0, i = 0; at < block.length || i === 0; i++) {
      const size = sizes[Math.min(i, sizes.length - 1)] ?? block.length;
      fragments.push(block.subarray(at, at + size));
      at += size;
    }
    const [first = block, ...rest] = fragments;
    return { first: Buffer.concat([lead, first, raw ? Buffer.alloc(0) : this.padding]), rest };
  }

  /** What stands before the header block and the data. */
  private lead(): Buffer {
    const { type } = this;
    const pieces: Buffer[] = [];
    const padding = this.find(Padding);
    if (padding) pieces.push(Buffer.of(padding.claimed));
    if (type === 'priority' || hasPriority(this.clauses)) pieces.push(this.priority);
    const promised = this.stream('promised') ?? (type === 'push_promise' ? 'new' : undefined);
    if (promised !== undefined) pieces.push(this.streamBytes(promised));
    const last = this.stream('last') ?? (type === 'goaway' ? (this.client ? 0 : '+0') : undefined);
    if (last !== undefined) pieces.push(this.streamBytes(last));
    const code = this.find(ErrorCodeClause)?.number ?? defaultCode(type);
    if (code !== undefined) pieces.push(uint32(code));
    const increment =
      this.find(WindowIncrement)?.increment ?? (type === 'window_update' ? defaultIncrement : undefined);
    if (increment !== undefined) pieces.push(uint32(increment));
    for (const clause of this.clauses) if (clause instanceof Setting) pieces.push(settingBytes(clause));
    return Buffer.concat(pieces);
  }

  /** The fields in order, encoded without regard to what was sent before. */
  private block(settings: FullSettings): Buffer {
    const parts = this.clauses.flatMap((clause, index): BlockPart[] => {
      if (clause instanceof HpackInstruction) return [clause.part];
      if (!(clause instanceof HpackField)) return [];
      const [name, value] = clause.field;
      const isIndex = typeof name === 'number';
      return [
        {
          name: isIndex ? '' : drawnBytes(name, valueSlot(index), settings),
          value: drawnBytes(value, valueSlot(index, isIndex ? 0 : 1), settings),
          coding: clause.coding,
        },
      ];
    });
    return parts.length === 0 ? Buffer.alloc(0) : headerBlock(parts);
  }

  private get padding(): Buffer {
    return Buffer.alloc(this.find(Padding)?.length ?? 0);
  }

  private get priority(): Buffer {
    const dependency = this.streamBytes(this.stream('dependency') ?? 0);
    if (this.find(Exclusive)) dependency[0] = (dependency[0] ?? 0) | 0x80;
    return Buffer.concat([dependency, Buffer.of(this.find(Weight)?.byte ?? defaultWeight)]);
  }

  private streamBytes(reference: StreamReference): Buffer {
    return uint32(resolveStream(reference, this.streams));
  }

  private stream(role: StreamRole): StreamReference | undefined {
    return this.clauses.find((clause): clause is Stream => clause instanceof Stream && clause.name === role)?.reference;
  }

  private find<C extends Clause>(type: abstract new (...parameters: never[]) => C): C | undefined {
    return this.clauses.find((clause): clause is C => clause instanceof type);
  }

  private slotOf(clause: Clause): number {
    return valueSlot(this.clauses.indexOf(clause));
  }
}

function defaultCode(type: FrameTypeName | undefined): number | undefined {
  if (type === 'rst_stream') return http2ErrorCodes.cancel;
  return type === 'goaway' ? http2ErrorCodes.no_error : undefined;
}

function settingBytes({ id, value }: Setting): Buffer {
  const bytes = Buffer.allocUnsafe(6);
  bytes.writeUInt16BE(id);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

function uint32(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
