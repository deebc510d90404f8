import { join } from 'node:path';
import { decodePercent } from '../message/query.js';

/** Characters that names of files are spelt with when nothing is found as the URL has it. */
const notInNames = /[^0-9a-zA-Z\-_.=(),/]/gu;

/**
 * The files that may be what a URL names below a directory, the likeliest first; undefined when the URL does not
 * match, none when it leads out of the directory. What names the file is the first group of the pattern, or else what
 * follows the match.
 */
export function localCandidates(url: string, pattern: RegExp, directory: string): readonly string[] | undefined {
  const match = pattern.exec(url);
  if (match === null) return undefined;
  const hasGroup = match.length > 1;
  const rest = hasGroup ? (match[1] ?? '') : (url.slice(match.index + match[0].length).split('?')[0] ?? '');
  const name = decodePercent(hasGroup ? rest : rest.replace(/^\/+|\/+$/g, ''));
  if (name.replaceAll('/', '') === '') return name.startsWith('//') ? [] : [join(directory, 'index.html')];
  if (name.startsWith('/') || name.split(/[/\\]/).includes('..')) return [];
  const spelt = name.replace(notInNames, '_');
  const names = spelt === name ? [name] : [name, spelt];
  return names.flatMap((one) => {
    const file = join(directory, one.replace(/\/+$/, ''));
    return [file, join(file, 'index.html')];
  });
}
