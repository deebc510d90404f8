/** Vectors of what is taken out of flows, and of where they are saved. */
import { join } from 'node:path';
import { cutOf } from '../../src/proxy/cut.js';
import { readSavePath } from '../../src/proxy/save-path.js';
import { readFlows } from './read-flows.js';

export const saveSubjects = {
  cut_extract: (spec: string) => {
    const [first] = readFlows(join('fixtures', 'proxy', 'vectors', 'cut_flow.mitm')).flows;
    if (first === undefined) throw new Error('there is no flow');
    const value = cutOf(spec, first.flow);
    return typeof value === 'string' ? { type: 'str', value } : { type: 'bytes', hex: value.toString('hex') };
  },
  save_path_spec: (spec: string) => {
    const { path, append } = readSavePath(spec);
    return { path, mode: append ? 'ab' : 'wb' };
  },
};
