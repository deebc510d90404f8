import { OptionError } from '../errors.js';
import type { ProxyMode } from './mode.js';

/**
 * Reads `mode[:data][@[host:]port]`.
 * @throws {OptionError} for another text
 */
export function readMode(text: string): ProxyMode {
  if (text === 'regular') return { text, type: 'regular', listenHost: undefined, listenPort: undefined };
  throw new OptionError(`unknown mode ${JSON.stringify(text)}`);
}
