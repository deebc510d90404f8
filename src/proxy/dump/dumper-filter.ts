import { FilterError, OptionError } from '../../errors.js';
import { compileFilter } from '../filter/filter.js';
import type { FlowFilter } from '../filter/operator.js';

/**
 * Which flows are printed, as `dumper_filter` has it.
 * @returns `undefined` when all are
 * @throws {OptionError} when the filter is none
 */
export function readDumperFilter(text: string | undefined): FlowFilter | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return compileFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new OptionError(error.message, error.marked());
  }
}
