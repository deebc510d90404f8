import type { NixosService } from './evaluate.js';

type Setting = string | boolean | readonly string[];

/** A service as NixOS writes it to a file (systemd.unit(5)). A list is a line for each item, and none when it is empty. */
export function unitText({ description, after, wantedBy, path, serviceConfig }: NixosService): string {
  const places = path.flatMap((place) => [`${place}/bin`, `${place}/sbin`]).join(':');
  return [
    ...['[Unit]', `Description=${description}`, ...after.map((name) => `After=${name}`)],
    ...['[Service]', `Environment="PATH=${places}"`],
    ...Object.entries(serviceConfig).flatMap(([name, value]) => lines(name, value)),
    ...['[Install]', ...wantedBy.map((name) => `WantedBy=${name}`), ''],
  ].join('\n');
}

function lines(name: string, value: Setting): string[] {
  return (typeof value === 'object' ? value : [value]).map((item) => `${name}=${String(item)}`);
}

/** The settings of a unit, in their order; one that stands several times has several values. */
export function settingsOf(unit: string, section: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, string[]>();
  let current = '';
  for (const line of unit.split('\n')) {
    current = /^\[(.*)\]$/.exec(line)?.[1] ?? current;
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && current === section) settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}

/**
 * The arguments of a command line of which every one stands between quotation marks, as systemd reads it
 * (systemd.service(5), "Command lines"): `%%` and `$$` are one of them, and escapes are those of C.
 */
export function argumentsOf(commandLine: string): string[] {
  const word = /"((?:[^"\\]|\\.)*)"(?: |$)/y;
  const found: string[] = [];
  while (word.lastIndex < commandLine.length) {
    const at = word.lastIndex;
    const [, quoted] = word.exec(commandLine) ?? [];
    if (quoted === undefined) throw new Error(`no argument at ${String(at)} of ${commandLine}`);
    const text = quoted.replace(/\\(.)/g, (escape, letter: string) => escapes[letter] ?? escape);
    if (/(?<!%)(?:%%)*%(?!%)|(?<!\$)(?:\$\$)*\$(?!\$)/.test(text)) throw new Error(`${text} would be changed`);
    found.push(text.replaceAll('%%', '%').replaceAll('$$', '$'));
  }
  return found;
}

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t', r: '\r' };
