import { writeFile } from 'node:fs/promises';
import type { Flow } from './flow/flow.js';
import { FlowFileWriter } from './flow-file-writer.js';
import type { FlowFileOptions } from './flow-file-writer.js';
import { privateMode, replaceFile } from './replace-file.js';
import { harOf } from './storage/har-export.js';
import { checkLayout } from './storage/layout.js';
import type { FlowLayout } from './storage/layout.js';
import { unwritable } from './unwritable.js';

/** What is written, and how. */
export interface SaveOptions {
  /** Only flows that match this expression, as in docs/filters.md. */
  readonly filter?: string | undefined;
  /** 17, which mitmproxy 8.1.1 and all later ones read, or 21, the newest. */
  readonly layout?: FlowLayout | undefined;
}

/** Flows that are written in one turn of the event loop. */
const flowsPerTurn = 200;

/**
 * Writes flows to a file in the place of the one that was there: as flows, or as an HTTP archive when its name ends in
 * `.har`.
 * @throws {OptionError} when that fails, or there is no such layout
 */
export async function saveFlows(flows: readonly Flow[], file: string, options: SaveOptions): Promise<void> {
  checkLayout(options.layout);
  const write = async (path: string): Promise<void> => {
    if (!file.endsWith('.har')) return writeFlows(flows, path, { layout: options.layout });
    await writeFile(path, JSON.stringify(harOf(flows), undefined, 2), { mode: privateMode });
  };
  try {
    await replaceFile(file, write);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Writes flows behind those that are in a file. @throws {OptionError} when that fails, or the file holds no flows */
export async function appendFlows(flows: readonly Flow[], file: string): Promise<void> {
  try {
    await writeFlows(flows, file, { append: true });
  } catch (error) {
    throw unwritable(file, error);
  }
}

async function writeFlows(flows: readonly Flow[], file: string, options: FlowFileOptions): Promise<void> {
  const writer = await FlowFileWriter.open(file, options);
  try {
    for (const [i, flow] of flows.entries()) {
      await writer.write(flow);
      // The traffic goes on meanwhile.
      if (i % flowsPerTurn === flowsPerTurn - 1) await new Promise((done) => setImmediate(done));
    }
  } finally {
    await writer.close();
  }
}
