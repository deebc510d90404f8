import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { ownOptions } from './own-options.js';

const table = {
  anticache: {
    type: 'boolean',
    negatable: true,
    help: 'Take out of requests what lets a server answer 304 (Not Modified).',
  },
} as const satisfies OptionTable;

/** Has servers answer in full: the option `anticache`. */
export class AntiCache implements Addon {
  readonly name = 'anticache';
  readonly options = table;

  isIdle(context: AddonContext): boolean {
    return !ownOptions(table, context).anticache;
  }

  requestheaders({ request }: HttpFlow, context: AddonContext): void {
    if (ownOptions(table, context).anticache) request.anticache();
  }
}
