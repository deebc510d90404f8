/**
 * The files that specs may refer to.
 *
 * What is asked for is joined to the directory, symbolic links are resolved, and only then is it
 * looked whether the file lies inside: by path component, so that `/a/static-other` is not in
 * `/a/static`. Only regular files are read: a pipe would block, a device never ends.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { FileAccessDenied, OptionError, RenderError } from '../errors.js';
import type { Files } from '../language/files.js';
import type { Segment } from '../language/plan.js';
import { expandHome } from './expand-home.js';
import { systemReason } from './system-error.js';

/** Files up to this size are read at once; larger ones piece by piece, as they are sent. */
const wholeSize = 1024 * 1024;

/**
 * A pipe that took the file's place since it was looked at must not block, nor a link be followed.
 * Windows has neither flag: they are undefined there, and count as 0.
 */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * Files below a directory, made absolute now. With no directory every access is refused.
 * `unconstrained` lets any readable file be named; the directory, or the working directory, is
 * then only where relative names begin.
 */
export function staticFiles(
  directory: string | undefined,
  { unconstrained = false }: { readonly unconstrained?: boolean } = {},
): Files {
  const root = directory === undefined ? undefined : resolve(expandHome(directory));
  const locate = (name: string): string => {
    if (unconstrained) return realPath(resolve(root ?? '.', expandHome(name))) ?? notReadable(name);
    if (root === undefined) throw new FileAccessDenied('File access disabled.');
    return locateInside(root, name);
  };
  return {
    segment: (name) => segmentOf(name, locate(name)),
    text: (name) => textOf(name, locate(name)),
  };
}

/**
 * The absolute path of a static directory that a program was given.
 * @throws {OptionError} when it does not exist, is no directory, or cannot be read
 */
export function checkStaticDirectory(directory: string): string {
  const path = resolve(expandHome(directory));
  try {
    if (!statSync(path).isDirectory()) throw new OptionError(`static directory ${path} is not a directory`);
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof OptionError) throw error;
    throw new OptionError(`static directory ${path} cannot be read: ${systemReason(error).reason}`);
  }
  return path;
}

/**
 * The text of the file that an argument names, and undefined when there is no such file: the
 * argument is then a specification itself. `~` is expanded.
 * @throws {OptionError} when it is there and cannot be read, or is too long for a specification
 */
export function readSpecFile(argument: string): string | undefined {
  const path = resolve(expandHome(argument));
  try {
    if (!statSync(path).isFile()) return undefined;
  } catch {
    return undefined;
  }
  try {
    return textOf(argument, path);
  } catch (error) {
    throw new OptionError(error instanceof FileAccessDenied ? error.message : `cannot read ${argument}`);
  }
}

/** Whether an argument names a directory. `~` is expanded; an empty one names none. */
export function isDirectory(argument: string): boolean {
  if (argument === '') return false;
  try {
    return statSync(resolve(expandHome(argument))).isDirectory();
  } catch {
    return false;
  }
}

function locateInside(root: string, name: string): string {
  const wanted = resolve(root, expandHome(name));
  const real = realPath(wanted);
  const inside = real === undefined ? contains(root, wanted) : contains(realPath(root) ?? root, real);
  if (!inside) throw new FileAccessDenied(`File access outside of configured directory: ${name}`);
  return real ?? notReadable(name);
}

function contains(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function notReadable(name: string): never {
  throw new FileAccessDenied(`File not readable: ${name}`);
}

/** Opens a regular file for the time of `use`. */
function withFile<T>(name: string, path: string, use: (file: number, stats: Stats) => T): T {
  let file: number | undefined;
  try {
    // Looked at before it is opened as well: opening a device may do something.
    if (!statSync(path).isFile()) notReadable(name);
    file = openSync(path, openFlags);
    const stats = fstatSync(file);
    return stats.isFile() ? use(file, stats) : notReadable(name);
  } catch (error) {
    if (error instanceof RenderError) throw error;
    return notReadable(name);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function segmentOf(name: string, path: string): Segment {
  return withFile<Segment>(name, path, (file, { size }) => {
    if (size <= wholeSize) return readFileSync(file);
    return { length: size, read: (at, into) => readPiece(name, path, at, into) };
  });
}

function textOf(name: string, path: string): string {
  return withFile(name, path, (file, { size }) => {
    if (size > wholeSize) throw new FileAccessDenied(`File not readable: ${name} is too long for a specification`);
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  });
}

function readPiece(name: string, path: string, at: number, into: Uint8Array): void {
  withFile(name, path, (file) => {
    let filled = 0;
    while (filled < into.length) {
      const count = readSync(file, into, filled, into.length - filled, at + filled);
      if (count === 0) throw new RenderError(`File became shorter while it was sent: ${name}`);
      filled += count;
    }
  });
}
