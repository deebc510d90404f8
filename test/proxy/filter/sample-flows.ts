import { readFileSync } from 'node:fs';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import { FlowReader } from '../../../src/proxy/storage/flow-reader.js';

/** A file with flows of every kind. */
export const flowFile = 'fixtures/proxy/filters/flows.mitm';

/** The flows of {@link flowFile}. */
export function sampleFlows(): Flow[] {
  const reader = new FlowReader();
  reader.receive(readFileSync(flowFile));
  reader.finish();
  const flows: Flow[] = [];
  for (let flow = reader.next(); flow !== undefined; flow = reader.next()) flows.push(flow);
  return flows;
}
