import { readFileSync } from 'node:fs';
import { FlowFileError } from '../../src/errors.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { FlowReader } from '../../src/proxy/storage/flow-reader.js';

/** What a flow file gave: flows with where each began, and the error at its end. */
export interface ReadFlows {
  readonly bytes: Buffer;
  readonly flows: readonly { readonly flow: Flow; readonly offset: number; readonly end: number }[];
  readonly error: FlowFileError | undefined;
}

/** Reads a file in pieces of an odd size, so that flows are cut anywhere. */
export function readFlows(path: string): ReadFlows {
  const bytes = readFileSync(path);
  const reader = new FlowReader();
  const flows: { flow: Flow; offset: number; end: number }[] = [];
  try {
    for (let at = 0; ; at += 777) {
      if (at < bytes.length) reader.receive(bytes.subarray(at, at + 777));
      else reader.finish();
      for (let offset = reader.offset, flow = reader.next(); flow; offset = reader.offset, flow = reader.next()) {
        flows.push({ flow, offset, end: reader.offset });
      }
      if (at >= bytes.length) return { bytes, flows, error: undefined };
    }
  } catch (error) {
    if (!(error instanceof FlowFileError)) throw error;
    return { bytes, flows, error };
  }
}
