import type { OptionTable, OptionValues } from '../../options/define.js';

const output = 'Output';

/** The options of the dumper. */
export const dumperOptions = {
  flowDetail: {
    type: 'integer',
    default: 1,
    minimum: 0,
    maximum: 4,
    group: output,
    valueName: 'LEVEL',
    help: 'What is told of flows: 0 nothing, 1 a line for each message, 2 headers too, 3 the first lines of bodies too, 4 all.',
  },
  showhost: {
    type: 'boolean',
    negatable: true,
    group: output,
    help: 'Show URLs with the host of the Host header instead of the one that is connected to.',
  },
  dumperFilter: { type: 'string', group: output, valueName: 'FILTER', help: 'Tell of matching flows only.' },
  dumperDefaultContentview: {
    type: 'string',
    default: 'auto',
    group: output,
    valueName: 'VIEW',
    help: 'The content view that bodies are shown with; auto chooses one for each.',
  },
  contentViewLinesCutoff: {
    type: 'integer',
    default: 512,
    minimum: 0,
    group: output,
    valueName: 'LINES',
    help: 'Lines of a body that are shown at first. mitmdump shows 70 at detail 3 unless this is changed.',
  },
} as const satisfies OptionTable;

export type DumperValues = OptionValues<typeof dumperOptions>;
