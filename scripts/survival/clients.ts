/** The clients that are looked at, as they come: nothing is configured but what is said here. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Client {
  readonly name: string;
  readonly version: () => string;
  /** Whether it undoes content codings by itself. */
  readonly decodes: boolean;
  /** How it is asked, for the page. */
  readonly call: string;
}

function packageVersion(name: string): string {
  const file = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url));
  // Every package.json has one.
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const node = (): string => `Node ${process.version.slice(1)}`;

/** The columns of the table, from left to right. */
export const clients: readonly Client[] = [
  {
    name: 'fetch',
    version: () => `${node()}, undici ${process.versions['undici'] ?? ''}`,
    decodes: true,
    call: '(await fetch(url)).text()',
  },
  {
    name: 'undici',
    version: () => packageVersion('undici'),
    decodes: false,
    call: '(await request(url)).body.text()',
  },
  { name: 'node:http', version: node, decodes: false, call: 'get(url, (response) => ...)' },
  { name: 'axios', version: () => packageVersion('axios'), decodes: true, call: 'axios.get(url)' },
  { name: 'got', version: () => packageVersion('got'), decodes: true, call: 'got(url, { retry: { limit: 0 } })' },
  {
    name: 'curl',
    version: () => execFileSync('curl', ['--version'], { encoding: 'utf8' }).split(' ')[1] ?? '',
    decodes: true,
    call: 'curl --compressed URL',
  },
];

/** The script that is one of the clients, all but curl. */
export const clientScript = join(fileURLToPath(new URL('.', import.meta.url)), 'client.mjs');
