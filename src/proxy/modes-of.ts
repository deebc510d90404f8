import type { ProxyMode } from './mode.js';

/** One mode, or several, as a list. */
export function modesOf(mode: string | ProxyMode | readonly (string | ProxyMode)[]): readonly (string | ProxyMode)[] {
  return isList(mode) ? mode : [mode];
}

/** What Array.isArray tells, for lists that are not changed. */
function isList<T>(given: T | readonly T[]): given is readonly T[] {
  return Array.isArray(given);
}
