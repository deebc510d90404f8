/** The pages of the documentation, and the examples in them. */
import { readdirSync, readFileSync } from 'node:fs';

/** The README, and all pages of `docs/` and the folders in it. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** A fenced block. */
export interface Block {
  readonly page: string;
  /** Number of its first line of text. */
  readonly line: number;
  /** What stands behind the fence: `ts`, `spec response`; empty for plain text. */
  readonly kind: string;
  /** Its lines, without the fences. */
  readonly text: string;
}

/** A spec in a table, and the heading that it stands under. */
export interface TableSpec {
  readonly line: number;
  readonly heading: string;
  readonly spec: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = linesOf(page);
  for (let i = 0; i < lines.length; i++) {
    const fence = /^ *```(.*)$/.exec(lines[i] ?? '');
    if (fence === null) continue;
    const end = lines.indexOf('```', i + 1);
    if (end === -1) throw new Error(`${page}:${String(i + 1)}: the block does not end`);
    blocks.push({ page, line: i + 2, kind: fence[1] ?? '', text: lines.slice(i + 1, end).join('\n') });
    i = end;
  }
  return blocks;
}

/** The first cells of the tables headed `| spec | what it sends |`. */
export function tableSpecs(page: string): TableSpec[] {
  const specs: TableSpec[] = [];
  let heading = '';
  let inTable = false;
  for (const [index, line] of linesOf(page).entries()) {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    if (!line.startsWith('|')) inTable = false;
    else if (/^\| *spec *\| *what it sends *\|$/.test(line)) inTable = true;
    else if (inTable && !/^\|[-| ]+$/.test(line)) {
      const spec = /^\| *(`+)(.+?)\1 *\|/.exec(line)?.[2];
      if (spec === undefined) throw new Error(`${page}:${String(index + 1)}: no spec in ${line}`);
      specs.push({ line: index + 1, heading, spec: spec.trim().replaceAll('\\|', '|') });
    }
  }
  return specs;
}

/** The links of a page that lead to files: where they stand, and where they lead, seen from the page. */
export function linksOf(page: string): { readonly line: number; readonly to: string }[] {
  let fenced = false;
  return linesOf(page).flatMap((text, index) => {
    if (/^ *```/.test(text)) fenced = !fenced;
    if (fenced) return [];
    return [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, to = '']) => ({ line: index + 1, to }))
      .filter(({ to }) => !/^[a-z]+:/.test(to));
  });
}

/** The anchors that headings of a page can be linked by. */
export function headingsOf(page: string): string[] {
  return linesOf(page).flatMap((line) => {
    const text = /^#+ (.*)$/.exec(line)?.[1];
    if (text === undefined) return [];
    return [
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ];
  });
}

function linesOf(page: string): string[] {
  return readFileSync(page, 'utf8').split('\n');
}
