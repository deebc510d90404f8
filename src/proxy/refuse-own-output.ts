import { stat } from 'node:fs/promises';
import { OptionError } from '../errors.js';

/**
 * Refuses to write to the file that is read, by whatever name: it would be emptied before anything was read, or never
 * come to an end.
 * @param read path of the file that is read
 * @param written path of the file that would be written to; it need not be there
 * @throws {OptionError} when both are one
 */
export async function refuseOwnOutput(read: string, written: string): Promise<void> {
  const [source, target] = await Promise.all([read, written].map(idOf));
  if (source === undefined || source !== target) return;
  throw new OptionError(`flows cannot be written to ${written}: it is the file that they are read from`);
}

/** What tells a plain file from all others; undefined for what is none, and for what is not there. */
async function idOf(path: string): Promise<string | undefined> {
  try {
    const facts = await stat(path, { bigint: true });
    return facts.isFile() ? `${String(facts.dev)}:${String(facts.ino)}` : undefined;
  } catch {
    // Whoever opens it says what is wrong with it.
    return undefined;
  }
}
