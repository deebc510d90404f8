import { appendFile, writeFile } from 'node:fs/promises';
import { cutOf } from '../cut.js';
import type { Flow } from '../flow/flow.js';
import type { Addon } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import { privateMode } from '../replace-file.js';
import { readSavePath } from '../save-path.js';

const flows = { name: 'flows', type: 'flows' } as const;
const cuts = { name: 'cuts', type: 'texts' } as const;

/** Gives facts of flows: the commands `cut` and `cut.save`. */
export class Cut implements Addon {
  readonly name = 'cut';
  readonly commands = {
    cut: defineCommand(
      [flows, cuts],
      'The facts of flows that these names stand for, a row a flow.',
      (_, from, names) => rows(from, names),
    ),
    'cut.save': defineCommand(
      [flows, cuts, { name: 'path', type: 'text' }],
      'Write facts of flows to a file as comma-separated values; one fact of one flow, as it is. With + before the path, behind what is in it.',
      async (_, from, names, spec) => {
        const { path, append } = readSavePath(spec);
        await (append ? appendFile : writeFile)(path, tableOf(rows(from, names)), { mode: privateMode });
      },
    ),
  };
}

type Row = readonly (string | Buffer)[];

function rows(from: readonly Flow[], names: readonly string[]): readonly Row[] {
  return from.map((flow) => names.map((name) => cutOf(name.trim(), flow)));
}

/** Comma-separated values (RFC 4180); a single one as it is. */
function tableOf(table: readonly Row[]): Buffer {
  const [only] = table;
  const [fact] = only ?? [];
  if (table.length === 1 && only?.length === 1 && fact !== undefined) return Buffer.from(fact);
  return Buffer.concat(
    table.flatMap((row) => [...row.flatMap((one, i) => (i === 0 ? [cell(one)] : [comma, cell(one)])), lineEnd]),
  );
}

const comma = Buffer.from(',');
const lineEnd = Buffer.from('\r\n');

function cell(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const text = bytes.toString('latin1');
  return /[",\r\n]/.test(text) ? Buffer.from(`"${text.replaceAll('"', '""')}"`, 'latin1') : bytes;
}
