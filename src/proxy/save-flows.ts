import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Flow } from './flow/flow.js';
import { FlowFileWriter } from './storage/flow-file-writer.js';
import type { FlowFileOptions } from './storage/flow-file-writer.js';
import { harOf } from './storage/har-export.js';
import type { FlowLayout } from './storage/layout.js';

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
 * `.har`. Until all is written, the old one stays.
 * @throws {Error} Node's own, when that fails
 */
export async function saveFlows(flows: readonly Flow[], file: string, options: SaveOptions): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    if (file.endsWith('.har')) await writeFile(unfinished, JSON.stringify(harOf(flows), undefined, 2));
    else await writeFlows(flows, unfinished, { layout: options.layout });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Writes flows behind those that are in a file. @throws {Error} Node's own, and FlowFileError for a file of no flows */
export async function appendFlows(flows: readonly Flow[], file: string): Promise<void> {
  await writeFlows(flows, file, { append: true });
}

async function writeFlows(flows: readonly Flow[], file: string, options: FlowFileOptions): Promise<void> {
  const writer = await FlowFileWriter.open(file, options);
  try {
    for (const [i, flow] of flows.entries()) {
      await writer.write(flow);
      // The traffic goes on meanwhile.
      if (i % flowsPerTurn === flowsPerTurn - 1) await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await writer.close();
  }
}
