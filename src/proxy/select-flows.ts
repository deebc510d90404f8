import { OptionError } from '../errors.js';
import { compileFilter } from './filter/filter.js';
import type { Flow } from './flow/flow.js';

/** Flows among which is chosen. */
export interface Selectable {
  readonly all: readonly Flow[];
  /** Those that a person sees. Default: all. */
  readonly shown?: readonly Flow[] | undefined;
  /** The one that a person looks at. Default: none. */
  readonly focus?: Flow | undefined;
}

/** Ids, with commas between. */
const ids = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})*$/i;

/**
 * The flows that a specification means: `@all`, `@shown`, `@hidden`, `@marked`, `@unmarked`, `@focus`, ids with commas
 * between, or a filter expression.
 * @throws {FilterError} when it is none of these, and no valid expression
 * @throws {OptionError} for another word that begins with `@`
 */
export function selectFlows({ all, shown = all, focus }: Selectable, specification: string): readonly Flow[] {
  const named = names[specification];
  if (named !== undefined) return named({ all, shown, focus });
  if (specification.startsWith('@')) {
    throw new OptionError(`no flows are called ${specification}: there are ${Object.keys(names).join(', ')}`);
  }
  if (ids.test(specification)) {
    const wanted = new Set(specification.toLowerCase().split(','));
    return all.filter(({ id }) => wanted.has(id));
  }
  const matches = compileFilter(specification);
  return all.filter((flow) => matches(flow));
}

type Chosen = (among: Required<Pick<Selectable, 'all' | 'shown'>> & Pick<Selectable, 'focus'>) => readonly Flow[];

const names: Readonly<Partial<Record<string, Chosen>>> = {
  '@all': ({ all }) => all,
  '@shown': ({ shown = [] }) => shown,
  '@hidden': ({ all, shown = [] }) => {
    const seen = new Set(shown);
    return all.filter((flow) => !seen.has(flow));
  },
  '@marked': ({ all }) => all.filter(({ marked }) => marked !== ''),
  '@unmarked': ({ all }) => all.filter(({ marked }) => marked === ''),
  '@focus': ({ focus }) => (focus === undefined ? [] : [focus]),
};
