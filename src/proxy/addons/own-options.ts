import type { OptionTable, OptionValues } from '../../options/define.js';
import type { AddonContext } from '../hooks/addon.js';

/** The values of the options that an addon declares by a table. */
export function ownOptions<T extends OptionTable>(_table: T, { options }: AddonContext): OptionValues<T> {
  // Each was read by its own option, which is what OptionValues says of it.
  return options as unknown as OptionValues<T>;
}
