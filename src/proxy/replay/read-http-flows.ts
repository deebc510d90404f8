import { FlowFileError, OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { HttpFlow } from '../flow/http-flow.js';
import { readFlowFile } from '../storage/flow-file.js';

/** What there is in files. */
export interface ReadHttpFlows {
  readonly flows: readonly HttpFlow[];
  /** What is wrong with each file that is damaged; its flows before that are among the others. */
  readonly damages: readonly string[];
}

/**
 * The HTTP exchanges in files, one file after the other, and what is wrong with these.
 * @param option what named them, for errors
 * @throws {OptionError} when one of them cannot be opened
 */
export async function readHttpFlows(option: string, files: readonly string[]): Promise<ReadHttpFlows> {
  const flows: HttpFlow[] = [];
  const damages: string[] = [];
  for (const file of files) {
    try {
      for await (const flow of readFlowFile(expandHome(file))) if (flow.type === 'http') flows.push(flow);
    } catch (error) {
      const reason = error instanceof FlowFileError ? error.message : systemReason(error).reason;
      const message = `${option} cannot read ${file}: ${reason}`;
      if (!(error instanceof FlowFileError)) throw new OptionError(message);
      damages.push(message);
    }
  }
  return { flows, damages };
}
