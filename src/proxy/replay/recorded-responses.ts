/** Flows that answer requests like their own, each once or for ever, in the order in which they were recorded. */
import type { HttpFlow } from '../flow/http-flow.js';
import type { Request } from '../message/request.js';
import { firstDifference } from './body-pieces.js';
import { keyText, replayKey } from './replay-key.js';
import type { ReplayKeyOptions, ReplayKeyPart } from './replay-key.js';

/** A request that was recorded; it is remembered when its flow is used up, to explain what is not found. */
interface Known {
  readonly request: Request;
  readonly parts: readonly ReplayKeyPart[];
  /** Responses to it that could be given. */
  count: number;
  /** How it was recorded besides, which gives nothing to answer with. */
  lack?: string;
}

/** Requests that are compared to explain that one was not found. */
const mostCompared = 1_000;

export class RecordedResponses {
  /** Those that were not used up, nor passed over. */
  private readonly flows = new Set<HttpFlow>();
  /** Those among them that can answer. */
  private able = 0;
  private byKey = new Map<string, HttpFlow[]>();
  private known = new Map<string, Known>();
  private hadAny = false;

  constructor(private options: ReplayKeyOptions) {}

  /** Flows that were not used up, those that cannot answer among them. */
  get count(): number {
    return this.flows.size;
  }

  /** Flows that can still answer. */
  get answers(): number {
    return this.able;
  }

  /** Whether there ever were any. */
  get isEmpty(): boolean {
    return !this.hadAny;
  }

  /** Adds flows behind those that are there. */
  add(flows: Iterable<HttpFlow>): void {
    for (const flow of flows) {
      this.flows.add(flow);
      if (lackOf(flow) === undefined) this.able++;
      this.enter(flow);
    }
  }

  clear(): void {
    this.flows.clear();
    this.able = 0;
    this.byKey = new Map();
    this.known = new Map();
    this.hadAny = false;
  }

  /** Compares by other options from now on. What was used up stays so. */
  compareBy(options: ReplayKeyOptions): void {
    this.options = options;
    this.byKey = new Map();
    this.known = new Map();
    for (const flow of this.flows) this.enter(flow);
  }

  /**
   * The flow that answers a request. Those before it that cannot answer are passed over.
   * @param keeps whether it answers the next one, too
   */
  take(request: Request, keeps: boolean): HttpFlow | undefined {
    const key = keyText(replayKey(request, this.options));
    const flows = this.byKey.get(key);
    if (flows === undefined) return undefined;
    const at = flows.findIndex((flow) => lackOf(flow) === undefined);
    if (keeps) return flows[at];
    const used = flows.splice(0, at === -1 ? flows.length : at + 1);
    for (const flow of used) this.flows.delete(flow);
    if (flows.length === 0) this.byKey.delete(key);
    if (at === -1) return undefined;
    this.able--;
    return used.at(-1);
  }

  /** Why nothing answers a request: the nearest one that was recorded, and what differs. */
  explain(request: Request): string {
    const parts = replayKey(request, this.options);
    const same = this.known.get(keyText(parts));
    if (same !== undefined) {
      if (same.count === 0) return `it was recorded ${String(same.lack)}`;
      const times = same.count === 1 ? 'it was recorded once' : `it was recorded ${String(same.count)} times`;
      return `${times}, and no response to it is left`;
    }
    const [nearest] = [...this.known.values()]
      .slice(0, mostCompared)
      .map((known) => ({ known, score: score(known.parts, parts) }))
      .sort((a, b) => b.score - a.score);
    if (nearest === undefined) return 'nothing was recorded';
    const { request: recorded, parts: known } = nearest.known;
    const differences = parts.flatMap((part, i) => {
      const other = known[i];
      if (other === undefined || other.value === part.value) return [];
      const at = part.isCut === true && other.isCut === true ? firstDifference(request, recorded) : undefined;
      const place = at === undefined ? '' : ` (the first difference is at byte ${String(at)})`;
      return [`${part.name} ${part.shown}, recorded was ${other.shown}${place}`];
    });
    const line = `${recorded.method} ${recorded.prettyUrl}`;
    return `the nearest that was recorded is ${line}; it differs in ${differences.join('; in ')}`;
  }

  private enter(flow: HttpFlow): void {
    const parts = replayKey(flow.request, this.options);
    const key = keyText(parts);
    this.hadAny = true;
    const known: Known = this.known.get(key) ?? { request: flow.request, parts, count: 0 };
    this.known.set(key, known);
    const lack = lackOf(flow);
    if (lack === undefined) known.count++;
    else known.lack = lack;
    const flows = this.byKey.get(key) ?? [];
    flows.push(flow);
    this.byKey.set(key, flows);
  }
}

/** Why a flow cannot answer: how it was recorded. */
function lackOf({ response, websocket, error }: HttpFlow): string | undefined {
  const failure = error === undefined ? undefined : `as one that failed: ${error.message.replace(/\.$/, '')}`;
  if (response === undefined) return failure ?? 'without a response';
  if (response.statusCode === 101) return websocket === undefined ? 'with a change to another protocol' : undefined;
  return response.rawContent === undefined ? (failure ?? 'without the body of the response') : undefined;
}

/** How near two keys are. */
function score(a: readonly ReplayKeyPart[], b: readonly ReplayKeyPart[]): number {
  return a.reduce((sum, { value, weight }, i) => {
    const other = b[i]?.value ?? '';
    return sum + (value === other ? weight : (weight * commonStart(value, other)) / (value.length + other.length + 1));
  }, 0);
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
