import { FlowFileError, OptionError } from '../errors.js';
import { systemReason } from '../net/system-error.js';

/** What is thrown when flows cannot be written to a file: one line that names it and says why. */
export function unwritable(path: string, error: unknown): OptionError {
  if (error instanceof OptionError) return error;
  // It names the file.
  if (error instanceof FlowFileError) return new OptionError(error.message);
  return new OptionError(`flows cannot be written to ${path}: ${systemReason(error).reason}`);
}
