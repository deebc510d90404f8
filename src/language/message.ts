/**
 * A message of the language: a list of clauses, and the named steps from them to the wire.
 *
 *     parse -> Message -> resolve -> (freeze) -> layout -> Plan
 *
 * Every step gives a new value. Messages are immutable and may be kept and shared.
 */
import { RenderError } from '../errors.js';
import { isAction } from './clause.js';
import type { ActionClause, Clause } from './clause.js';
import { Raw } from './clauses/raw.js';
import { Times } from './clauses/times.js';
import { Websocket } from './clauses/websocket.js';
import { instantiate, makeLayout, partOf } from './layout.js';
import type { Layout, Part, PlannedAction } from './layout.js';
import type { Plan } from './plan.js';
import type { Random } from './random.js';
import { fullSettings } from './settings.js';
import type { FullSettings, Settings } from './settings.js';

/** What a message is on the wire. */
export type MessageKind = 'response' | 'request' | 'frame';

/** Sources of chance that one clause may use: its values in order, then its offset, then what it embeds. */
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
    return this.clauses.every((clause) => !isAction(clause) || clause.offset !== 'r');
  }

  /** The clause of a class, when there is one. */
  find<C extends Clause>(type: abstract new (...parameters: never[]) => C): C | undefined {
    return this.clauses.find((clause): clause is C => clause instanceof type);
  }

  /** The same message without its repetition. */
  single(): Message {
    return this.has('times')
      ? this.rebuild(
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
  resolve(settings?: Settings): Message {
    if (this.resolved) return this;
    const full = fullSettings(settings);
    const complete = this.rebuild(this.withDefaults(full), true);
    let length: number | undefined;
    const measure = (): number => (length ??= sum(complete.parts(full)));
    const clauses = complete.clauses.map((clause, index) =>
      clause.resolve
        ? clause.resolve({ length: measure, random: full.random.fork(valueSlot(index, offsetSlot)) })
        : clause,
    );
    return this.rebuild(clauses, true);
  }

  /**
   * The resolved message with all that chance decides written out as literals. Its bytes are those
   * that {@link plan} sends with the same settings, embedded responses and frames aside: they are
   * frozen too. Files stay files.
   * @throws {FileAccessDenied | RenderError} as {@link resolve}
   */
  freeze(settings?: Settings): Message {
    const full = fullSettings(settings);
    return this.resolve(full).freezeValues(full);
  }

  /**
   * The message frozen as far as it can be on this side of the network: a message that is sent to be
   * served elsewhere may need a handshake, or files, that only that side has. Then its defaults and
   * offsets are left to that side, and its generated data is written out all the same.
   */
  freezeForElsewhere(settings: FullSettings): Message {
    try {
      return this.freeze(settings);
    } catch (error) {
      if (error instanceof RenderError) return this.freezeValues(settings);
      throw error;
    }
  }

  private freezeValues(full: FullSettings): Message {
    const clauses = this.clauses.map((clause, index) => {
      const source = (which: number): Random => full.random.fork(valueSlot(index, which));
      const frozen = clause.withValues(clause.values.map((value, which) => value.freeze(source(which))));
      return frozen.freezeEmbedded?.({ ...full, random: source(embeddedSlot) }) ?? frozen;
    });
    return this.rebuild(clauses, this.resolved);
  }

  /** Bytes of the resolved message without what is injected. @throws as {@link plan} */
  length(settings?: Settings): number {
    const full = fullSettings(settings);
    return sum(this.resolve(full).parts(full));
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
    return makeLayout(message.parts(full), message.actions(full));
  }

  /** The bytes of the message, actions left out. */
  protected abstract parts(settings: FullSettings): readonly Part[];

  /** The clauses and those that are added by default. */
  protected abstract withDefaults(settings: FullSettings): readonly Clause[];

  protected abstract rebuild(clauses: readonly Clause[], resolved: boolean): Message;

  private actions(settings: FullSettings): readonly PlannedAction[] {
    return this.clauses.flatMap((clause, index) => (isAction(clause) ? [planned(clause, index, settings)] : []));
  }
}

function planned(clause: ActionClause, index: number, settings: FullSettings): PlannedAction {
  const { offset, action } = clause;
  if (typeof offset === 'string') throw new TypeError('the message is not resolved');
  const [value] = clause.values;
  if (action.do !== 'inject') return { offset, ...action };
  return { offset, do: 'inject', data: value ? partOf(value, valueSlot(index), settings) : Buffer.alloc(0) };
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}
