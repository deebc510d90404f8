import { OptionError } from '../../errors.js';
import type { HttpFlow } from '../flow/http-flow.js';
import { readHttpFlows } from './read-http-flows.js';

/**
 * The HTTP exchanges in files, one file after the other.
 * @param option what named them, for errors
 * @throws {OptionError} when one of them cannot be read, or is damaged
 */
export async function httpFlowsOf(option: string, files: readonly string[]): Promise<readonly HttpFlow[]> {
  const { flows, damages } = await readHttpFlows(option, files);
  const [damage] = damages;
  if (damage !== undefined) throw new OptionError(damage);
  return flows;
}
