/** The file that tells others the number of this process. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { OptionError } from '../errors.js';
import { systemReason } from '../net/system-error.js';

/**
 * Writes the number of this process to a file. What an earlier process left behind is overwritten.
 * @param path absolute
 * @param name how the user named the file
 * @returns removes it again, unless somebody else has written to it
 * @throws {OptionError} when it cannot be written, or names a process that is still running
 */
export function writePidFile(path: string, name: string): () => void {
  const other = pidIn(path);
  if (other !== undefined && other !== process.pid && isRunning(other)) {
    throw new OptionError(`pid file ${name} names process ${String(other)}, which is still running`);
  }
  try {
    writeFileSync(path, `${String(process.pid)}\n`);
  } catch (error) {
    throw new OptionError(`cannot write pid file ${name}: ${systemReason(error).reason}`);
  }
  return () => {
    if (pidIn(path) === process.pid) rmSync(path, { force: true });
  };
}

/** The number that a file holds; undefined when there is none. */
function pidIn(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'latin1').trim();
    // A zero would stand for our own process group, and no system has numbers longer than 32 bits.
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
  } catch {
    // Whatever keeps us from reading it, writing tells.
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return systemReason(error).code === 'EPERM';
  }
}
