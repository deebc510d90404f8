/** What a clause of the language is, and how one is declared: once, in a file of its own. */
import type { Http2Sequence } from './http2-sequence.js';
import type { Message } from './message.js';
import type { Extent, Offset } from './offset.js';
import type { Disconnection } from './plan.js';
import { word } from './scan.js';
import type { Part, Scanned } from './scan.js';
import type { FullSettings } from './settings.js';
import type { Value } from './values.js';

/** One clause of a message: a header field, the body, a pause. Immutable. */
export interface Clause {
  /** The name that errors use: `header`, `body`, `disconnectat`. */
  readonly name: string;
  /** Canonical text; it reads back as an equal clause. */
  readonly spec: string;
  /** The values whose bytes are drawn, loaded or written when the message is sent. */
  readonly values: readonly Value[];
  /** The same clause with other values, given in the order of `values`. */
  withValues(values: readonly Value[]): Clause;
  /** The same clause with what chance or the length of the message decides made fixed. */
  resolve?(context: ResolveContext): Clause;
  /** For a clause that holds a message: the same clause with that message frozen. */
  freezeEmbedded?(settings: FullSettings): Clause;
}

/** What a clause may ask while it is resolved. */
export interface ResolveContext extends Extent {
  /** The source of chance that belongs to this clause. */
  readonly random: FullSettings['random'];
}

/** A clause that adds a header field. */
export interface FieldClause extends Clause {
  /** Field name and value. */
  readonly field: readonly [name: Value, value: Value];
}

/** Whether a clause adds a header field. */
export function isField(clause: Clause): clause is FieldClause {
  return 'field' in clause;
}

/** A clause that does something at an offset of the message. */
export interface ActionClause extends Clause {
  /** A number once the message is resolved. */
  readonly offset: Offset;
  readonly action:
    | { readonly do: 'inject' }
    | { readonly do: 'pause'; readonly seconds: number | 'forever' }
    | { readonly do: 'rate'; readonly bytesPerSecond: number }
    | { readonly do: 'disconnect'; readonly how?: Disconnection };
}

/** Whether a clause does something at an offset. */
export function isAction(clause: Clause): clause is ActionClause {
  return 'action' in clause;
}

/** A clause that changes bytes of the message before anything is done at an offset. */
export interface EditClause extends Clause {
  /** A number once the message is resolved. */
  readonly offset: Offset;
  readonly edit:
    { readonly do: 'overwrite' } | { readonly do: 'erase'; readonly count: number } | { readonly do: 'flip' };
}

/** Whether a clause changes bytes of the message. */
export function isEdit(clause: Clause): clause is EditClause {
  return 'edit' in clause;
}

/** What the making of a clause may use besides its parts. */
export interface MakeContext {
  /** The whole spec and the offset of the clause in it, for errors. */
  readonly spec: string;
  readonly at: number;
  /** Parses responses held by a clause, or the name of a fault; `x` is not expanded. @throws {SpecError} */
  parseResponses(spec: string): readonly Message[];
  /** Parses one server frame held by a clause, `x` not expanded. @throws {SpecError} */
  parseFrame(spec: string): Message;
  /** Parses what a server answers over HTTP/2, or the name of a fault, held by a clause. @throws {SpecError} */
  parseSequence(spec: string): Http2Sequence;
}

/** A word or sign of the syntax, or a part that yields something. */
export type SyntaxPart = string | Part<unknown>;

/** The values that the parts of a syntax yield, words left out. */
export type PartValues<P extends readonly SyntaxPart[]> = P extends readonly [
  infer First,
  ...infer Rest extends readonly SyntaxPart[],
]
  ? First extends Part<infer T>
    ? [T, ...PartValues<Rest>]
    : PartValues<Rest>
  : [];

/** The declaration of a clause. */
export interface Declaration<P extends readonly SyntaxPart[]> {
  readonly name: string;
  /** At most one clause of this name may stand in a message. Absent: any number. */
  readonly unique?: string;
  /** What it looks like, part by part. White space may stand between any two. */
  readonly syntax: P;
  /** One line of help. */
  readonly help: string;
  readonly make: (values: PartValues<P>, context: MakeContext) => Clause;
}

/** A declared clause, ready for the vocabulary. */
export interface ClauseType {
  readonly name: string;
  readonly unique: string | undefined;
  readonly syntax: readonly SyntaxPart[];
  readonly help: string;
  /** How help shows it: `hVALUE=VALUE`. */
  readonly usage: string;
  /** The characters that it may begin with. */
  readonly starts: string;
  /** Reads one clause. @throws {SpecError} */
  scan(text: string, at: number, context: Omit<MakeContext, 'spec' | 'at'>): Scanned<Clause> | undefined;
}

/** Declares a clause. */
export function declareClause<const P extends readonly SyntaxPart[]>(declaration: Declaration<P>): ClauseType {
  const { name, unique, syntax, help } = declaration;
  const parts = syntax.map((part) => (typeof part === 'string' ? word(part) : part));
  const yields = syntax.map((part) => typeof part !== 'string');
  const first = parts[0];
  if (!first) throw new TypeError(`clause ${name} has no syntax`);
  return {
    name,
    unique,
    syntax,
    help,
    usage: parts.map((part) => part.label).join(''),
    starts: first.starts,
    scan(text, at, context) {
      const values: unknown[] = [];
      let end = at;
      for (let i = 0; i < parts.length; i++) {
        const scanned = parts[i]?.scan(text, end);
        if (!scanned) return undefined;
        if (yields[i]) values.push(scanned.value);
        end = scanned.end;
      }
      // The values were read by the very parts that PartValues lists, in their order.
      const typed = values as PartValues<P>;
      return { value: declaration.make(typed, { ...context, spec: text, at }), end };
    },
  };
}

const none: readonly Value[] = [];

/** A clause without values. */
export abstract class PlainClause implements Clause {
  abstract readonly name: string;
  abstract readonly spec: string;
  readonly values = none;

  withValues(): Clause {
    return this;
  }
}

/** A clause that is a lead-in and one value: `b'x'`. */
export abstract class ValueClause implements Clause {
  abstract readonly name: string;
  protected abstract readonly lead: string;

  constructor(readonly value: Value) {}

  get spec(): string {
    return this.lead + this.value.spec;
  }

  get values(): readonly Value[] {
    return [this.value];
  }

  withValues([value]: readonly Value[]): Clause {
    return value === undefined || value === this.value ? this : this.with(value);
  }

  protected abstract with(value: Value): Clause;
}
