import { FilterError, OptionError } from '../../errors.js';
import { compileFilter } from '../filter/filter.js';
import type { FlowFilter } from '../filter/operator.js';

/**
 * The filter that an option holds; undefined when it holds none.
 * @param option as programs write it
 * @throws {OptionError} that names the option, when the filter is not valid
 */
export function filterOption(option: string, text: string | undefined): FlowFilter | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return compileFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new OptionError(`${option}: ${error.message}`, error.marked());
  }
}
