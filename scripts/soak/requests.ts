/** What the clients of the soak ask for, and how they behave. All of it depends on the seed alone. */
import { faults } from '../../src/language/faults.js';
import type { Random } from '../../src/language/random.js';

/** When a client leaves with a reset. */
export type Reset = 'never' | 'in the request' | 'at once' | 'at the first bytes' | 'after a while';

export interface SoakRequest {
  readonly number: number;
  /** What the server is to do. */
  readonly spec: string;
  /** Whether that is a named fault: some of them never end. */
  readonly isFault: boolean;
  /** Bytes of the request's body, if it has one. */
  readonly body: number | undefined;
  readonly isChunked: boolean;
  readonly reset: Reset;
  /** Whether the connection is closed after it. */
  readonly isLast: boolean;
}

const ordinary = ['200:b@100,ascii', '200:b@100,ascii', '204', '404:b@10', '200:b@2k,ascii', '200:b@20k', '200:b@100k'];
const chunked = ['200:b@1k,ascii:k5', '200:b@70k:k50'];
/** Resets and ends at random, within heads and bodies of any size. */
const broken = [
  '200:b@10k:dr',
  '200:b@10k:dr,rst',
  '200:b@200k:dr,rst',
  '200:b@200k:dr',
  '200:dr,rst',
  '200:b@1m:dr,rst',
];

/** One request in so many meets a named fault, and one in so many a server that leaves at random. */
const faultEvery = 20;
const brokenEvery = 7;

export function requestOf(number: number, random: Random): SoakRequest {
  const chance = random.fork(number);
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item => items[chance.integer(items.length)] ?? items[0];
  const oneIn = (many: number): boolean => chance.integer(many) === 0;
  const hasBody = oneIn(4);
  const spec = specOf(number, chance);
  return {
    number,
    spec,
    isFault: spec.startsWith('fault:'),
    body: hasBody ? pick([0, 1, 100, 1000, 50_000, 100_000]) : undefined,
    isChunked: oneIn(2),
    reset: oneIn(8) ? pick(['in the request', 'at once', 'at the first bytes', 'after a while']) : 'never',
    isLast: oneIn(10),
  };
}

function specOf(number: number, chance: Random): string {
  // All faults in turn, so that each is met.
  const fault = number % faultEvery === 0 ? faults[(number / faultEvery) % faults.length] : undefined;
  if (fault !== undefined) return `fault:${fault.name}`;
  const from = number % brokenEvery === 0 ? broken : chance.integer(10) === 0 ? chunked : ordinary;
  return from[chance.integer(from.length)] ?? '200';
}
