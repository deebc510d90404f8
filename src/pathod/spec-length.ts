import { SpecError } from '../errors.js';

/** Characters of a spec that a client may send. */
const longestSpec = 64 * 1024;

/** @throws {SpecError} for a spec of more than 64 Ki characters */
export function checkLength(spec: string): void {
  if (spec.length <= longestSpec) return;
  throw new SpecError(
    `the spec has ${String(spec.length)} characters, and ${String(longestSpec)} are accepted`,
    { spec, offset: longestSpec, expected: ['the end of the spec'] },
    'ERR_SPEC_LIMIT',
  );
}
