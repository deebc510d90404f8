/** Vectors of what `--set` does, and of sizes. */
import { checkOptions } from '../../src/options/check.js';
import { defineOptions } from '../../src/options/define.js';
import { parseSize } from '../../src/options/read-value.js';
import { readSets, snakeName } from '../../src/options/set.js';

const help = 'An option of the corpus.';

const options = defineOptions({
  xInt: { type: 'integer', default: 5, help },
  xOint: { type: 'integer', help },
  xStr: { type: 'string', default: 'd', help },
  xOstr: { type: 'string', help },
  xBool: { type: 'boolean', help },
  xBoolt: { type: 'boolean', default: true, negatable: true, help },
  xSeq: { type: 'list', default: ['d'], help },
  // The corpus takes any text here: the ancestor looks at its choices on the command line alone. Ours always does.
  xChoice: { type: 'string', default: 'a', help },
});

export const optionSubjects = {
  options_set: (specs: readonly string[]) => {
    const values: Readonly<Record<string, unknown>> = { ...checkOptions(options), ...readSets(options, specs) };
    return Object.fromEntries(options.list.map((named) => [snakeName(named), values[named.key] ?? null]));
  },
  human_parse_size: (text: string) => {
    const bytes = parseSize(text);
    if (bytes === undefined) throw new TypeError(`${text} is no size`);
    return bytes;
  },
};
