/** A spec that is served again and again. */
import { RenderError } from '../errors.js';
import { hasChance } from '../language/chance.js';
import { CompiledMessage, parseResponse } from '../language/index.js';
import type { Files, Message, Plan, Random } from '../language/index.js';
import type { SpecSources } from './spec-sources.js';

/** A message that is served, and how it is written. */
export class Servable {
  /** Whether any of it is read from files, and may be something else when it is read again. */
  readonly usesFiles: boolean;
  private text: string | undefined;
  /** The one sending of a message that is the same every time, once it was made. */
  fixed: Serving | undefined;
  private readonly compiled: CompiledMessage;

  constructor(
    private readonly message: Message,
    private readonly files: Files | undefined,
  ) {
    this.compiled = new CompiledMessage(message, files);
    this.usesFiles = message.usesFiles;
  }

  /** Bytes of memory that it keeps alive, roughly: its text, its values, its plan and its layout. */
  get weight(): number {
    return 4 * this.spec.length;
  }

  /** Its canonical text: nothing added, offsets as written. */
  get spec(): string {
    return (this.text ??= this.message.spec);
  }

  /** Whether anything of it is left to chance: an offset, generated data, the key of a mask. */
  usesChance(random: Random, websocketKey: string): boolean {
    const { message, files } = this;
    if (hasChance(message)) return true;
    const settings = { files, websocketKey, random };
    return message.resolve(settings).spec !== message.resolve({ ...settings, random: random.fork('another') }).spec;
  }

  /**
   * One sending.
   * @param websocketKey the key of the handshake that is answered
   * @throws {FileAccessDenied | RenderError} as {@link Message.plan}
   */
  serve(random: Random, websocketKey?: string): Serving {
    if (this.fixed !== undefined) return this.fixed;
    const { message, plan, maximumLength } = this.compiled.sending(random, websocketKey);
    const serving: Serving = { plan, served: { servable: this, message, random, maximumLength } };
    if (plan.fixed && this.compiled.stable) this.fixed = serving;
    return serving;
  }
}

/** A message as it is sent once. */
export interface Served {
  readonly servable: Servable;
  /** With defaults added and offsets fixed. */
  readonly message: Message;
  /** The source of chance that its data are drawn from. */
  readonly random: Random;
  /** Bytes of the message and of all that it injects. */
  readonly maximumLength: number;
}

/** One sending. */
export interface Serving {
  readonly served: Served;
  readonly plan: Plan;
  /** What is sent first, when the spec has several responses. */
  readonly preceding?: Preceding;
}

/** Equal responses in a row. */
interface Run {
  readonly servable: Servable;
  times: number;
}

/** The responses that a spec puts before its last one: all are sent for one request. */
export interface Preceding {
  /** One of each run of equal ones, and how many there are. */
  readonly runs: readonly { readonly served: Served; readonly times: number }[];
  /** Makes them ready one after the other, as there may be a million. */
  servings(): Iterable<Serving>;
}

/** Keeps runs rather than responses: `102:x1000000` is one. */
class PrecedingResponses {
  private readonly runs: Run[] = [];

  constructor(messages: readonly Message[], files: Files) {
    const known = new Map<Message, Servable>();
    messages.forEach((message, index) => {
      const servable = known.get(message) ?? new Servable(message, files);
      known.set(message, servable);
      const last = this.runs.at(-1);
      if (last && messages[index - 1] === message) last.times++;
      else this.runs.push({ servable, times: 1 });
    });
  }

  /** Each kind once, however often it is sent. */
  get servables(): Iterable<Servable> {
    return new Set(this.runs.map(({ servable }) => servable));
  }

  get isEmpty(): boolean {
    return this.runs.length === 0;
  }

  /** @throws as {@link Servable.serve}, for any of them */
  serve(random: Random, websocketKey: string | undefined): Preceding {
    const { runs } = this;
    return {
      runs: runs.map(({ servable, times }) => ({ served: servable.serve(random, websocketKey).served, times })),
      *servings() {
        let sent = 0;
        for (const { servable, times } of runs) {
          for (let i = 0; i < times; i++) yield servable.serve(random.fork(sent++), websocketKey);
        }
      },
    };
  }
}

/** A handshake key for a check: any will do. */
const someKey = 'dGhlIHNhbXBsZSBub25jZQ==';

/**
 * A response or a frame, and how often it was served. The n-th serving draws from the source
 * `seed / spec / n`, so that it has the same bytes whatever else the daemon served before.
 */
export class Recipe {
  private readonly source: Random;
  private served = 0;
  private responses: Responses;
  private readonly isFile: boolean;

  /**
   * @param spec a spec as it stands in a path or an anchor
   * @throws {SpecError} when it is not valid
   * @throws {FileAccessDenied} when it stands in a file that may not be read
   */
  constructor(
    private readonly spec: string,
    private readonly sources: SpecSources,
    seed: Random,
  ) {
    this.source = seed.fork(spec);
    this.responses = load(spec, sources);
    this.isFile = spec.trimStart().startsWith('+');
  }

  /** Whether chance may decide anything of it. What stands in a file may be edited, so it may. */
  get usesChance(): boolean {
    const { last, before } = this.responses;
    return this.isFile || [last, ...before.servables].some((one) => one.usesChance(this.source, someKey));
  }

  /**
   * Finds out whether it can be served at all.
   * @throws as {@link serve}
   */
  check(): void {
    const { last, before } = this.responses;
    last.serve(this.source, someKey);
    before.serve(this.source, someKey);
  }

  /**
   * Makes ready to serve once more.
   * @param websocketKey the key of the handshake that is answered
   * @throws as {@link Servable.serve}
   */
  serve(websocketKey: string | undefined): Serving {
    // A spec that stands in a file is read anew, for it may have been edited.
    if (this.isFile && this.served > 0) this.responses = load(this.spec, this.sources);
    const { last, before } = this.responses;
    if (before.isEmpty) return last.fixed ?? last.serve(this.source.fork(this.served++), websocketKey);
    const random = this.source.fork(this.served++);
    return { ...last.serve(random, websocketKey), preceding: before.serve(random.fork('preceding'), websocketKey) };
  }
}

/** What one spec stands for. The log tells of the last response. */
interface Responses {
  readonly last: Servable;
  readonly before: PrecedingResponses;
}

function load(spec: string, sources: SpecSources): Responses {
  const { files } = sources;
  const messages = parseResponse(spec, sources);
  // Of repeated frames one is sent, as ever.
  const index = messages[0]?.kind === 'frame' ? 0 : messages.length - 1;
  const message = messages[index];
  if (message === undefined) throw new RenderError('the spec stands for no message: x0 repeats it zero times');
  return { last: new Servable(message, files), before: new PrecedingResponses(messages.slice(0, index), files) };
}
