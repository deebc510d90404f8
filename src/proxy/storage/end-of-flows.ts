import type { FileHandle } from 'node:fs/promises';
import { FlowFileError } from '../../errors.js';
import { findItem } from './tnetstring.js';

/** Bytes that are read at once. */
const window = 64 * 1024;

/**
 * Where the last whole flow of a file ends, in bytes. Flows are skipped by their lengths, not read.
 * @throws {FlowFileError} when there is something else in the file
 */
export async function endOfFlows(file: FileHandle, path: string): Promise<number> {
  const { size } = await file.stat();
  const memory = Buffer.allocUnsafe(window);
  let end = 0;
  while (end < size) {
    const { bytesRead } = await file.read(memory, 0, window, end);
    const next = skip(memory.subarray(0, bytesRead), end, path);
    // The last flow is not whole.
    if (next > size || next === end) break;
    end = next;
  }
  return end;
}

/** Where the last flow that begins in these bytes ends, in the file; `at` is where they begin. */
function skip(bytes: Buffer, at: number, path: string): number {
  let next = 0;
  try {
    for (;;) {
      const end = findItem(bytes, next);
      if (end === undefined) return at + next;
      if (end > bytes.length) return at + (next === 0 ? end : next);
      next = end;
    }
  } catch (error) {
    const place = `at byte ${String(at + next)}`;
    throw new FlowFileError(`flows cannot be appended to ${path}: there is something else in it ${place}`, at + next, {
      cause: error,
    });
  }
}
