/** Places of errors: in what the user wrote, not in what was made of it. */
import { SourceMap } from 'node:module';
import { isError } from '../../errors.js';

/** A text that was compiled. */
interface Version {
  readonly file: string;
  /** As JSON in base64; undefined where the file runs as it stands. */
  readonly encodedMap: string | undefined;
  map?: SourceMap;
}

/** By the name that it was compiled under. */
const versions = new Map<string, Version>();

/** How many there were of each file. */
const counts = new Map<string, number>();

/** Versions of a file whose functions may still run. */
const keptVersions = 8;

const mapComment = /\n\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([\w+/=]+)\s*$/;

/**
 * Notes that a file is one of a script, and how its lines were moved.
 * @param code what runs, with its source map in a comment at the end, if it was transformed
 * @returns the name to compile it under: another one for each version, since lines of several may be in stacks
 */
export function noteScript(file: string, code: string): string {
  const count = (counts.get(file) ?? 0) + 1;
  counts.set(file, count);
  versions.delete(nameOf(file, count - keptVersions));
  const name = nameOf(file, count);
  versions.set(name, { file, encodedMap: mapComment.exec(code)?.[1] });
  return name;
}

function nameOf(file: string, count: number): string {
  return count === 1 ? file : `${file}?${String(count)}`;
}

/**
 * Makes the stack of an error tell of the lines of scripts as they are written, the first of them at the top: what was
 * called from there is not where the author looks.
 * @returns the error, and whether a script is in its stack
 */
export function withScriptPlaces(error: unknown): { readonly error: unknown; readonly file: string | undefined } {
  if (!isError(error) || typeof error.stack !== 'string') return { error, file: undefined };
  const known = seen.get(error);
  if (known !== undefined) return { error, file: known };
  const lines = error.stack.split('\n');
  const start = lines.findIndex((line) => /^\s+at /.test(line));
  const frames = start === -1 ? [] : lines.slice(start).map(readFrame);
  const first = frames.findIndex(({ file }) => file !== undefined);
  const file = frames[first]?.file;
  if (file === undefined) return { error, file };
  seen.set(error, file);
  const stack = [...lines.slice(0, start), ...frames.slice(first).map(({ text }) => text)].join('\n');
  // Errors may be frozen: then they stay as they are.
  Reflect.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return { error, file };
}

/** The errors that were dealt with, and the file at the top of their stack. */
const seen = new WeakMap<Error, string>();

function readFrame(line: string): { readonly text: string; readonly file: string | undefined } {
  const [, before, path = '', row, column, behind = ''] = /^(\s+at (?:.*? \()?)(.+):(\d+):(\d+)(\)?)$/.exec(line) ?? [];
  const version = versions.get(path.replace(/^async /, '').replace(/^file:\/\//, ''));
  if (before === undefined || version === undefined) return { text: line, file: undefined };
  const { file } = version;
  return { text: `${before}${file}:${originalPlace(version, Number(row), Number(column))}${behind}`, file };
}

function originalPlace(version: Version, line: number, column: number): string {
  const { encodedMap } = version;
  if (encodedMap !== undefined) version.map ??= new SourceMap(readMap(encodedMap));
  const entry = version.map?.findEntry(line - 1, column - 1);
  const isKnown = entry !== undefined && 'originalLine' in entry;
  return isKnown
    ? `${String(entry.originalLine + 1)}:${String(entry.originalColumn + 1)}`
    : `${String(line)}:${String(column)}`;
}

function readMap(encoded: string): ConstructorParameters<typeof SourceMap>[0] {
  // The transformer has written it.
  return JSON.parse(Buffer.from(encoded, 'base64').toString()) as ConstructorParameters<typeof SourceMap>[0];
}
