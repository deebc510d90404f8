import { writeFile } from 'node:fs/promises';
import { OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import type { OptionTable } from '../../options/define.js';
import { exportFormats, isExportFormat } from '../export/formats.js';
import type { Flow } from '../flow/flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import { privateMode } from '../replace-file.js';
import { ownOptions } from './own-options.js';

const table = {
  exportPreserveOriginalIp: {
    type: 'boolean',
    negatable: true,
    help: 'Have what is exported for curl ask the address that was asked, whatever the name is resolved to now.',
  },
} as const satisfies OptionTable;

const format = { name: 'format', type: 'text' } as const;
const flows = { name: 'flow', type: 'flows' } as const;

/** Tells flows to other programs: the commands `export`, `export.file` and `export.formats`. */
export class Export implements Addon {
  readonly name = 'export';
  readonly options = table;
  readonly commands = {
    export: defineCommand([format, flows], 'A flow in one of the formats.', (context, name, of) =>
      write(name, of, context),
    ),
    'export.file': defineCommand(
      [format, flows, { name: 'path', type: 'text' }],
      'Write a flow to a file in one of the formats.',
      async (context, name, of, path) => {
        await writeFile(expandHome(path), write(name, of, context), { mode: privateMode });
      },
    ),
    'export.formats': defineCommand([], 'The formats.', () => Object.keys(exportFormats)),
  };
}

/** @throws {OptionError} for a format that there is not, and flows that have no place in it */
function write(name: string, [flow]: readonly Flow[], context: AddonContext): string | Buffer {
  if (!isExportFormat(name)) {
    throw new OptionError(`unknown export format ${name}: there are ${Object.keys(exportFormats).join(', ')}`);
  }
  if (flow?.type !== 'http') throw new OptionError('only HTTP flows can be exported');
  return exportFormats[name].write(flow, { keepsAddress: ownOptions(table, context).exportPreserveOriginalIp });
}
