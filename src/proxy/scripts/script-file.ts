import { existsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { isFile } from './is-file.js';

/** A script as an option names it. */
export interface ScriptFile {
  /** As it was given. */
  readonly spec: string;
  /** Absolute. */
  readonly path: string;
  /** The name of the file alone. */
  readonly name: string;
  /** What stands behind it, as `-s "FILE words"` of mitmproxy 1.0 has them. */
  readonly words: readonly string[];
}

/**
 * Finds the file of a script. A name with blanks is that of a file when there is one, otherwise a file and words.
 * @throws {OptionError} when there is no file
 */
export function findScript(spec: string): ScriptFile {
  if (spec.trim() === '') throw new OptionError('scripts takes names of files, not an empty text');
  const whole = fileAt(spec);
  if (isFile(whole.path)) return checkEnding({ spec, ...whole, words: [] });
  const [first = '', ...words] = splitWords(spec);
  const file = fileAt(first);
  if (words.length > 0 && isFile(file.path)) return checkEnding({ spec, ...file, words });
  throw new OptionError(
    `script ${spec} ${words.length === 0 ? whyNot(whole.path) : whyNeither(whole.path, file.path)}`,
  );
}

/** How the names of scripts end. */
const scriptEnding = /\.[cm]?[jt]s$/;

/** @throws {OptionError} for what is in another language, as its name says */
function checkEnding(file: ScriptFile): ScriptFile {
  const ending = extname(file.name);
  // What is no ending tells nothing.
  if (scriptEnding.test(ending) || !/^\.\w+$/.test(ending)) return file;
  throw new OptionError(
    `script ${file.spec} is no script: those are in TypeScript or JavaScript, and end in .ts, .mts, .cts, .js, .mjs or .cjs`,
  );
}

function fileAt(text: string): { readonly path: string; readonly name: string } {
  const path = resolve(expandHome(text));
  return { path, name: basename(path) };
}

function whyNot(path: string): string {
  if (existsSync(path)) return 'is not a file';
  const directory = dirname(path);
  return existsSync(directory) ? `does not exist: ${path}` : `does not exist: there is no directory ${directory}`;
}

/** @param path that of the file when words stand behind it */
function whyNeither(whole: string, path: string): string {
  if (existsSync(path)) return whyNot(path);
  if (!scriptEnding.test(path) || existsSync(whole)) return whyNot(whole);
  return `does not exist: neither ${whole} nor, with arguments, ${path}`;
}

/** Words as a shell has them: quotes and backslashes keep blanks. */
export function splitWords(text: string): string[] {
  const words = text.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single?: string, double?: string, escaped?: string) =>
      double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\])/g, '$1'),
    ),
  );
}
