import type { OptionTable } from '../../options/define.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { ownOptions } from './own-options.js';

const table = {
  anticomp: { type: 'boolean', negatable: true, help: 'Ask servers for bodies that are not compressed.' },
} as const satisfies OptionTable;

/** Has servers send bodies as they are: the option `anticomp`. */
export class AntiComp implements Addon {
  readonly name = 'anticomp';
  readonly options = table;

  isIdle(context: AddonContext): boolean {
    return !ownOptions(table, context).anticomp;
  }

  requestheaders({ request }: HttpFlow, context: AddonContext): void {
    if (ownOptions(table, context).anticomp) request.anticomp();
  }
}
