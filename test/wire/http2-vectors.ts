import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Public HPACK and frame vectors, when they lie beside the checkout. */
const folder = fileURLToPath(new URL('../../../shared/http2/', import.meta.url));

/** Why the public vectors cannot run, or undefined when they can. */
export const vectorsMissing: string | undefined = existsSync(folder)
  ? undefined
  : 'no ../shared/http2 beside the checkout';

/** The files of a folder of vectors, parsed; none when it is missing. */
export function readVectors<T>(name: string): { name: string; vector: T }[] {
  if (vectorsMissing) return [];
  return readdirSync(folder + name)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: `${name}/${file}`,
      // The shape is that of the public suites.
      vector: JSON.parse(readFileSync(`${folder}${name}/${file}`, 'utf8')) as T,
    }));
}
