/**
 * A message of the language: a list of clauses, and the named steps from them to the wire.
 *
 *     parse -> Message -> resolve -> (freeze) -> layout -> Plan
 *
 * Every step gives a new value. Messages are immutable and may be kept and shared.
 */
import { RenderError } from '../errors.js';
import { drawsPlace } from './chance.js';
import { isAction, isEdit } from './clause.js';
import type { ActionClause, Clause, EditClause } from './clause.js';
import { Flip } from './clauses/flip.js';
import { Overwrite } from './clauses/overwrite.js';
import { Raw } from './clauses/raw.js';
import { Times } from './clauses/times.js';
import { Websocket } from './clauses/websocket.js';
import { Edits } from './edits.js';
import { instantiate, makeLayout, PartList, partOf } from './layout.js';
import type { Layout, Part, PlannedAction } from './layout.js';
import type { Extent } from './offset.js';
import type { Plan } from './plan.js';
import type { Random } from './random.js';
import type { WholeNumber } from './scan.js';
import { fullSettings } from './settings.js';
import type { FullSettings, Settings } from './settings.js';
import { Literal } from './values.js';

/** What a message is on the wire. */
export type MessageKind = 'response' | 'request' | 'frame' | 'http2-response' | 'http2-request' | 'http2-frame';

/** The bytes of a message, and where its parts begin. */
export interface Anatomy {
  readonly parts: readonly Part[];
  /** Offset of the header fields; 0 for a frame. */
  readonly headers: number;
  /** Offset of the body or payload. */
  readonly body: number;
}

/** Sources of chance that one clause may use: its values in order (for `~`, the bit), its offset, what it embeds. */
const slotsPerClause = 4;
const offsetSlot = 2;
const embeddedSlot = 3;

/** The slot of the value `which` of the clause at `index`. */
export function valueSlot(index: number, which = 0): number {
  return index * slotsPerClause + which;
}

export abstract class Message {
  abstract readonly kind: MessageKind;

  /**
   * @param clauses in written order
   * @param resolved whether defaults have been added and offsets fixed
   */
  constructor(
    readonly clauses: readonly Clause[],
    readonly resolved: boolean = false,
  ) {}

  /** The canonical text; it parses back to an equal message. */
  get spec(): string {
    return this.clauses.map((clause) => clause.spec).join(':');
  }

  /** Whether the message is a side of a WebSocket handshake, made with `ws`. */
  get websocket(): boolean {
    return this.find(Websocket) !== undefined;
  }

  /** Whether nothing is added to the message but what the spec says. */
  get raw(): boolean {
    return this.find(Raw) !== undefined;
  }

  /** How often the message is to be sent. */
  get times(): number {
    return Number(this.find(Times)?.count ?? 1);
  }

  /** Whether a clause of this name stands in the message: `pauseat`, `disconnectat`, `injectat`, `body`... */
  has(name: string): boolean {
    return this.clauses.some((clause) => clause.name === name);
  }

  /** Whether any value is read from a file. */
  get usesFiles(): boolean {
    return this.clauses.some((clause) => clause.values.some((value) => value.isFile));
  }

  /** Whether resolving it gives the same message every time, whatever chance and the peer say. */
  get stable(): boolean {
    if (this.websocket || this.usesFiles || this.kind === 'frame') return false;
    return !this.clauses.some(drawsPlace);
  }

  /** The clause of a class, when there is one. */
  find<C extends Clause>(type: abstract new (...parameters: never[]) => C): C | undefined {
    return this.clauses.find((clause): clause is C => clause instanceof type);
  }

  /** The same message without its repetition. */
  single(): this {
    return this.has('times')
      ? this.with(
          this.clauses.filter((clause) => !(clause instanceof Times)),
          false,
        )
      : this;
  }

  /**
   * The message with the defaults of its kind added and its offsets turned into numbers.
   * @throws {FileAccessDenied} when a length is needed of a file that may not be read
   * @throws {RenderError} when a setting that it needs is not given
   */
  resolve(settings?: Settings): this {
    if (this.resolved) return this;
    const full = fullSettings(settings);
    const complete = this.with(this.withDefaults(full), true);
    let known: Anatomy | undefined;
    const anatomy = (): Anatomy => (known ??= complete.anatomy(full));
    const extent: Extent = {
      length: () => sum(anatomy().parts),
      headers: () => anatomy().headers,
      body: () => anatomy().body,
    };
    const clauses = complete.clauses.map((clause, index) =>
      clause.resolve ? clause.resolve({ ...extent, random: full.random.fork(valueSlot(index, offsetSlot)) }) : clause,
    );
    return this.with(clauses, true);
  }

  /**
   * The resolved message with all that chance decides written out as literals. Its bytes are those
   * that {@link plan} sends with the same settings, embedded responses and frames aside: they are
   * frozen too. Files stay files.
   * @throws {FileAccessDenied | RenderError} as {@link resolve}
   */
  freeze(settings?: Settings): this {
    const full = fullSettings(settings);
    return this.resolve(full).withoutFlips(full).freezeValues(full);
  }

  /**
   * The message frozen as far as it can be on this side of the network: a message that is sent to be
   * served elsewhere may need a handshake, or files, that only that side has. Then its defaults and
   * offsets are left to that side, and its generated data is written out all the same.
   */
  freezeForElsewhere(settings: FullSettings): this {
    try {
      return this.freeze(settings);
    } catch (error) {
      if (error instanceof RenderError) return this.freezeValues(settings);
      throw error;
    }
  }

  private freezeValues(full: FullSettings): this {
    const clauses = this.clauses.map((clause, index) => {
      const source = (which: number): Random => full.random.fork(valueSlot(index, which));
      const frozen = clause.withValues(clause.values.map((value, which) => value.freeze(source(which))));
      return frozen.freezeEmbedded?.({ ...full, random: source(embeddedSlot) }) ?? frozen;
    });
    return this.with(clauses, this.resolved);
  }

  /** Bytes of the resolved message without what is injected or erased. @throws as {@link plan} */
  length(settings?: Settings): number {
    return this.layout(settings).length;
  }

  /** Bytes of the resolved message and of all that is injected. @throws as {@link plan} */
  maximumLength(settings?: Settings): number {
    return this.layout(settings).maximumLength;
  }

  /**
   * What goes on the wire.
   * @throws {FileAccessDenied} for a file that may not be read
   * @throws {RenderError} for a setting that is missing, a key that is not four bytes long
   */
  plan(settings?: Settings): Plan {
    const full = fullSettings(settings);
    return instantiate(this.layout(full), full.random);
  }

  /** The resolved message as parts, ready to be sent any number of times. @throws as {@link plan} */
  layout(settings?: Settings): Layout {
    const full = fullSettings(settings);
    const message = this.resolve(full);
    const { parts } = message.anatomy(full);
    const actions = message.actions(full);
    if (!message.clauses.some(isEdit)) return makeLayout(parts, actions);
    const edits = new Edits(parts);
    message.edit(edits, full);
    return makeLayout(edits.into(new PartList(full)).finish(), actions, (offset) => edits.place(offset));
  }

  /** The bytes of the message, actions and edits left out. */
  protected abstract anatomy(settings: FullSettings): Anatomy;

  /** The clauses and those that are added by default. */
  protected abstract withDefaults(settings: FullSettings): readonly Clause[];

  protected abstract rebuild(clauses: readonly Clause[], resolved: boolean): Message;

  private with(clauses: readonly Clause[], resolved: boolean): this {
    // Every class rebuilds messages of its own.
    return this.rebuild(clauses, resolved) as this;
  }

  /** Performs the edits in the order written. @param onFlip is told the byte that a flip made */
  private edit(edits: Edits, settings: FullSettings, onFlip?: (index: number, flipped: Buffer) => void): void {
    this.clauses.forEach((clause, index) => {
      if (!isEdit(clause)) return;
      const at = fixedOffset(clause);
      const { edit } = clause;
      if (edit.do === 'erase') edits.erase(at, edit.count);
      else if (edit.do === 'flip') {
        edits.flip(at, settings.random.fork(valueSlot(index)).integer(8));
        onFlip?.(index, edits.byteAt(at, settings.random));
      } else {
        const [value] = clause.values;
        if (value) edits.overwrite(at, partOf(value, valueSlot(index), settings));
      }
    });
  }

  /** The same message with each flip written out as the byte that it makes. */
  private withoutFlips(settings: FullSettings): this {
    if (!this.clauses.some((clause) => clause instanceof Flip)) return this;
    const clauses = [...this.clauses];
    this.edit(new Edits(this.anatomy(settings).parts), settings, (index, byte) => {
      const clause = clauses[index];
      if (clause instanceof Flip) clauses[index] = new Overwrite(clause.offset, new Literal(byte));
    });
    return this.with(clauses, true);
  }

  private actions(settings: FullSettings): readonly PlannedAction[] {
    return this.clauses.flatMap((clause, index) => (isAction(clause) ? [planned(clause, index, settings)] : []));
  }
}

function fixedOffset({ offset }: ActionClause | EditClause): WholeNumber {
  if (typeof offset === 'string') throw new TypeError('the message is not resolved');
  return offset;
}

function planned(clause: ActionClause, index: number, settings: FullSettings): PlannedAction {
  const { action } = clause;
  const offset = fixedOffset(clause);
  const [value] = clause.values;
  if (action.do !== 'inject') return { offset, ...action };
  return { offset, do: 'inject', data: value ? partOf(value, valueSlot(index), settings) : Buffer.alloc(0) };
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}
