/** A spec that is served again and again over HTTP/2. */
import { RenderError } from '../errors.js';
import { Http2FrameMessage, Http2ResponseMessage, parseHttp2ResponseSequence } from '../language/index.js';
import type { Files, Http2Field, Http2Message, Http2Sequence, Random, Segment, Settings } from '../language/index.js';
import { Raw } from '../language/clauses/raw.js';
import { ContentCoding } from '../language/clauses/content-coding.js';
import { draw } from '../language/layout.js';
import { readSegment } from '../language/plan.js';
import { HpackEncoder } from '../wire/hpack-encoder.js';
import { objection } from './policy.js';
import type { Policy } from './policy.js';
import { hasChance } from '../language/chance.js';
import type { SpecSources } from './spec-sources.js';

/** A response that is small or the same every time, as it stands in its frames. */
export interface WholeResponse {
  readonly block: Buffer;
  readonly body: Buffer;
}

/** A response as it is sent once: header blocks that leave the dynamic table alone, and the body. */
export interface PreparedResponse {
  readonly block: Buffer;
  readonly body: Segment;
  /** The block of its trailers; undefined when there are none. */
  readonly trailers: Buffer | undefined;
}

/** What every message gets: where its chance comes from, and files. */
export interface TurnSettings extends Settings {
  readonly random: Random;
}

/** A message whose turn it is. */
export interface Http2Turn {
  readonly message: Http2ResponseMessage | Http2FrameMessage;
  readonly settings: TurnSettings;
  /** Whether it is the last response, which ends the stream. */
  readonly endsStream: boolean;
}

/** Bytes of drawn data that are made at once: those of one frame. */
const longestDrawn = 16384;

/** For finding out whether messages can be made: any stream will do. */
const someStream = 1;

/** Messages that answer one request, in order. What never changes of them is made once. */
export class Http2Servable {
  readonly usesFiles: boolean;
  /** Each message once, however often it is sent. */
  readonly kinds: readonly Http2Message[];
  /** The one serving there is, when all are the same. */
  fixed: Http2Serving | undefined;
  /** Which of all messages ends the stream; -1: none. */
  private readonly ending: number;
  private readonly blocks = new Map<Http2ResponseMessage, Pick<PreparedResponse, 'block' | 'trailers'>>();
  private readonly bare = new Map<Http2ResponseMessage, Http2ResponseMessage>();
  private text: string | undefined;

  constructor(
    readonly sequence: Http2Sequence,
    readonly files: Files | undefined,
  ) {
    this.kinds = [...new Set(sequence.runs.flatMap(({ messages }) => messages))];
    this.usesFiles = this.kinds.some((message) => message.usesFiles);
    this.ending = endingOf(sequence);
  }

  /** Bytes of memory that it keeps alive, roughly. */
  get weight(): number {
    return 4 * this.spec.length;
  }

  /** Its canonical text. */
  get spec(): string {
    return (this.text ??= this.sequence.spec);
  }

  /**
   * One serving.
   * @throws {FileAccessDenied | RenderError} when a message cannot be made
   */
  serve(random: Random): Http2Serving {
    if (this.fixed) return this.fixed;
    this.check({ random, files: this.files, streamId: someStream });
    const whole = this.wholeResponse(random);
    const serving = new Http2Serving(this, random, whole);
    if (whole && !this.kinds.some(hasChance)) this.fixed = serving;
    return serving;
  }

  /** The turns of one serving, in order. */
  *turns(random: Random): Generator<Http2Turn, void, undefined> {
    let index = 0;
    for (const message of this.sequence) yield this.turn(index++, message, random);
  }

  /** The turn that the log tells of: that of the response that ends the stream or, without one, the last. */
  shown(random: Random): Http2Turn {
    const index = this.ending === -1 ? this.sequence.length - 1 : this.ending;
    let from = 0;
    for (const { messages, times } of this.sequence.runs) {
      const to = from + messages.length * times;
      const message = messages[(index - from) % messages.length];
      if (index < to && message) return this.turn(index, message, random);
      from = to;
    }
    throw new TypeError('a sequence that is served has messages');
  }

  /** Ahead of the last message all draw from sources of their own, as over HTTP/1. */
  private turn(index: number, message: Http2Message, random: Random): Http2Turn {
    const isLast = index === this.sequence.length - 1;
    return {
      message: this.asServed(message, index),
      settings: { random: isLast ? random : random.fork('preceding').fork(index), files: this.files },
      endsStream: index === this.ending,
    };
  }

  /** An informational response that ends nothing tells no length, which it must not (RFC 9110, section 8.6). */
  private asServed(message: Http2Message, index: number): Http2Turn['message'] {
    if (!isServed(message)) throw new TypeError('a request answers nothing');
    const isPlain = !(message instanceof Http2ResponseMessage) || !isInformational(message);
    if (isPlain || index === this.ending || message.raw) return message;
    const bare = this.bare.get(message) ?? new Http2ResponseMessage([...message.clauses, new Raw()]);
    this.bare.set(message, bare);
    return bare;
  }

  /** A response ready to be sent. @throws {FileAccessDenied | RenderError} */
  prepare(message: Http2ResponseMessage, settings: TurnSettings): PreparedResponse {
    const body = draw(message.bodyPart(settings), settings.random);
    const known = this.blocks.get(message);
    if (known) return { ...known, body };
    const trailers = message.trailerList(settings);
    const made = {
      block: blockOf(message.headerList(settings)),
      trailers: trailers.length === 0 ? undefined : blockOf(trailers),
    };
    if (!this.usesFiles && hasFixedFields(message)) this.blocks.set(message, made);
    return { ...made, body };
  }

  private check(settings: TurnSettings): void {
    for (const message of this.kinds) {
      if (!(message instanceof Http2ResponseMessage)) message.layout(settings);
      else if (!this.blocks.has(message)) this.prepare(message, settings);
    }
  }

  private wholeResponse(random: Random): WholeResponse | undefined {
    const [only] = this.kinds;
    if (this.sequence.length !== 1 || !(only instanceof Http2ResponseMessage)) return undefined;
    if (this.usesFiles || !hasFixedFields(only)) return undefined;
    const { block, body, trailers } = this.prepare(only, { random });
    if (trailers !== undefined) return undefined;
    if (Buffer.isBuffer(body)) return { block, body };
    return body.length > longestDrawn ? undefined : { block, body: readSegment(body, 0, body.length) };
  }
}

/** Whether nothing that the fields tell is left to chance: the length of an encoded body may be. */
function hasFixedFields(message: Http2ResponseMessage): boolean {
  return message.stable && (message.body?.bytes !== undefined || message.find(ContentCoding) === undefined);
}

/** Informational responses (1xx) are followed by another (RFC 9110, section 15.2). */
function isInformational(message: Http2ResponseMessage): boolean {
  return /^0*1\d\d$/.test(message.code);
}

/** Which of all messages ends the stream, counted from 0: the last response that may, if there is one. -1: none. */
function endingOf(sequence: Http2Sequence): number {
  const last = lastOf(sequence, (message) => message instanceof Http2ResponseMessage && !isInformational(message));
  if (last !== -1) return last;
  const isLastOfAll = lastOf(sequence, (message) => message instanceof Http2ResponseMessage) === sequence.length - 1;
  return isLastOfAll ? sequence.length - 1 : -1;
}

/** Which of all messages is the last of a kind, counted from 0; -1: none. */
function lastOf({ runs }: Http2Sequence, isMeant: (message: Http2Message) => boolean): number {
  let last = -1;
  let index = 0;
  for (const { messages, times } of runs) {
    const within = messages.findLastIndex(isMeant);
    if (within !== -1 && times > 0) last = index + messages.length * (times - 1) + within;
    index += messages.length * times;
  }
  return last;
}

/** Never writes to its table, so that all connections may share it. */
const encoder = new HpackEncoder();

function blockOf(fields: readonly Http2Field[]): Buffer {
  const parts = fields.map(([name, value]) => ({ name, value }));
  return encoder.encode(parts, { indexing: 'static' });
}

/** Whether it may stand in an answer. Requests do not parse behind `/p/`. */
function isServed(message: Http2Message): message is Http2Turn['message'] {
  return message instanceof Http2ResponseMessage || message instanceof Http2FrameMessage;
}

/** One serving: what is sent for one request. */
export class Http2Serving {
  /** @param whole when it is one response that needs no turns: that */
  constructor(
    readonly servable: Http2Servable,
    readonly random: Random,
    readonly whole: WholeResponse | undefined,
  ) {}

  /** The reason for which it is not served; undefined when it is. */
  objection(policy: Policy): string | undefined {
    const { servable, random } = this;
    const settings = { random, files: servable.files, streamId: someStream };
    let maximumLength = 0;
    for (const { messages, times } of servable.sequence.runs) {
      for (const message of messages) {
        if (policy.limitSize !== undefined) maximumLength += times * message.maximumLength(settings);
        const reason = objection(policy, { message, maximumLength });
        if (reason !== undefined) return reason;
      }
    }
    return undefined;
  }
}

/**
 * A spec, and how often it was served. The n-th serving draws from the source `seed / spec / n`, as over
 * HTTP/1: the same spec has the same data there.
 */
export class Http2Recipe {
  private readonly source: Random;
  private served = 0;
  private servable: Http2Servable;
  private readonly isFile: boolean;

  /**
   * @param spec a spec as it stands in a path or an anchor
   * @throws {SpecError} when it is not valid for HTTP/2
   * @throws {FileAccessDenied} when it stands in a file that may not be read
   */
  constructor(
    private readonly spec: string,
    private readonly sources: SpecSources,
    seed: Random,
  ) {
    this.source = seed.fork(spec);
    this.servable = load(spec, sources);
    this.isFile = spec.trimStart().startsWith('+');
  }

  /** Whether chance may decide anything of it. What stands in a file may be edited, so it may. */
  get usesChance(): boolean {
    return this.isFile || this.servable.kinds.some(hasChance);
  }

  /** Finds out whether it can be served at all. @throws as {@link serve} */
  check(): void {
    this.servable.serve(this.source);
  }

  /**
   * Makes ready to serve once more.
   * @throws {FileAccessDenied | RenderError} when a message cannot be made
   */
  serve(): Http2Serving {
    // A spec that stands in a file is read anew, for it may have been edited.
    if (this.isFile && this.served > 0) this.servable = load(this.spec, this.sources);
    return this.servable.fixed ?? this.servable.serve(this.source.fork(this.served++));
  }
}

function load(spec: string, sources: SpecSources): Http2Servable {
  const sequence = parseHttp2ResponseSequence(spec, sources);
  if (sequence.length > 0) return new Http2Servable(sequence, sources.files);
  throw new RenderError('the spec stands for no message: x0 repeats it zero times');
}
