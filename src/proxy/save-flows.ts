import { randomUUID } from 'node:crypto';
import { chmod, chown, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Stats } from 'node:fs';
import { makeDirectory } from '../net/make-directory.js';
import { systemReason } from '../net/system-error.js';
import type { Flow } from './flow/flow.js';
import { FlowFileWriter } from './flow-file-writer.js';
import type { FlowFileOptions } from './flow-file-writer.js';
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
/** Flows hold secrets: nobody but their owner reads a file that is made. */
const privateMode = 0o600;

/**
 * Writes flows to a file in the place of the one that was there: as flows, or as an HTTP archive when its name ends in
 * `.har`. Until all is written, the old one stays, and the new one has its mode. Symbolic links are followed; what is
 * no plain file, such as a pipe, is written to as it is.
 * @throws {OptionError} when that fails, or there is no such layout
 */
export async function saveFlows(flows: readonly Flow[], file: string, options: SaveOptions): Promise<void> {
  checkLayout(options.layout);
  const write = async (path: string): Promise<void> => {
    if (!file.endsWith('.har')) return writeFlows(flows, path, { layout: options.layout });
    await writeFile(path, JSON.stringify(harOf(flows), undefined, 2), { mode: privateMode });
  };
  try {
    const old = await unlessMissing(stat(file));
    if (old !== undefined && !old.isFile()) await write(file);
    else await replace(await targetOf(file), old, write);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Puts a new file in the place of an old one, once it is whole. */
async function replace(path: string, old: Stats | undefined, write: (path: string) => Promise<void>): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  await makeDirectory(dirname(path));
  try {
    await write(unfinished);
    if (old !== undefined) {
      // Only root may give files away; for others it is their own as a rule.
      await chown(unfinished, old.uid, old.gid).catch(() => undefined);
      await chmod(unfinished, old.mode);
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** The file that a path leads to, through symbolic links; it need not be there. */
async function targetOf(path: string): Promise<string> {
  const target = await unlessMissing(realpath(path));
  if (target !== undefined) return target;
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? path : targetOf(resolve(await realpath(dirname(path)), link));
}

/** Undefined for what is not there. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (systemReason(error).code === 'ENOENT') return undefined;
    throw error;
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
