import { FlowFileError, OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { HttpFlow } from '../flow/http-flow.js';
import { readFlowFile } from '../storage/flow-file.js';

/**
 * The HTTP exchanges in files, one file after the other.
 * @param option what named them, for errors
 * @throws {OptionError} when one of them cannot be read, or is damaged
 */
export async function httpFlowsOf(option: string, files: readonly string[]): Promise<HttpFlow[]> {
  const flows: HttpFlow[] = [];
  for (const file of files) {
    try {
      for await (const flow of readFlowFile(expandHome(file))) if (flow.type === 'http') flows.push(flow);
    } catch (error) {
      const reason = error instanceof FlowFileError ? error.message : systemReason(error).reason;
      throw new OptionError(`${option} cannot read ${file}: ${reason}`);
    }
  }
  return flows;
}
