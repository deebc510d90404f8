/** A spec that is served again and again. */
import { RenderError } from '../errors.js';
import { CompiledMessage, parseResponse } from '../language/index.js';
import type { Files, Message, Plan, Random } from '../language/index.js';
import type { Value } from '../language/values.js';

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
    if (message.clauses.some((clause) => 'offset' in clause && clause.offset === 'r')) return true;
    const isDrawn = (value: Value): boolean => value.bytes === undefined && !value.isFile;
    if (message.clauses.some((clause) => clause.values.some(isDrawn))) return true;
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
  private servable: Servable;
  private readonly isFile: boolean;

  /**
   * @param spec a spec as it stands in a path or an anchor
   * @throws {SpecError} when it is not valid
   * @throws {FileAccessDenied} when it stands in a file that may not be read
   */
  constructor(
    private readonly spec: string,
    private readonly files: Files,
    seed: Random,
  ) {
    this.source = seed.fork(spec);
    this.servable = load(spec, files);
    this.isFile = spec.trimStart().startsWith('+');
  }

  /** Whether chance may decide anything of it. What stands in a file may be edited, so it may. */
  get usesChance(): boolean {
    return this.isFile || this.servable.usesChance(this.source, someKey);
  }

  /**
   * Finds out whether it can be served at all.
   * @throws as {@link serve}
   */
  check(): void {
    this.servable.serve(this.source, someKey);
  }

  /**
   * Makes ready to serve once more.
   * @param websocketKey the key of the handshake that is answered
   * @throws as {@link Servable.serve}
   */
  serve(websocketKey: string | undefined): Serving {
    // A spec that stands in a file is read anew, for it may have been edited.
    if (this.isFile && this.served > 0) this.servable = load(this.spec, this.files);
    return this.servable.fixed ?? this.servable.serve(this.source.fork(this.served++), websocketKey);
  }
}

function load(spec: string, files: Files): Servable {
  const [message] = parseResponse(spec, { files });
  if (message === undefined) throw new RenderError('the spec stands for no message: x0 repeats it zero times');
  return new Servable(message, files);
}
