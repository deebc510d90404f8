import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages as generatedPages } from '../../scripts/docs.js';
import { errorCodes } from '../../src/errors.js';
import { runMitmdump } from '../kit/run-mitmdump.js';
import { blocksOf, headingsOf, linksOf, pages } from './pages.js';

describe('the generated parts', async () => {
  it.each(await generatedPages())('$file is up to date: npm run docs', ({ now, wanted }) => {
    expect(now).toBe(wanted);
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync('docs/errors.md', 'utf8');

  it('names the codes of the table, and no others', () => {
    const named = new Set(page.match(/\bERR_[A-Z_]+\b/g));
    expect([...named].sort()).toEqual(Object.keys(errorCodes).sort());
  });

  it('names every class', async () => {
    const errors: Record<string, unknown> = await import('../../src/errors.js');
    const classes = Object.entries(errors).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof Error,
    );
    const named = [...page.matchAll(/^\| `([A-Z][a-z]\w+)` +\|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(classes.map(([name]) => name).sort());
  });
});

/** What is executed, and what is plain text on purpose. */
const specKinds = ['spec response', 'spec request', 'spec frame', 'spec http2 response', 'spec http2 request'];
const kinds = [...specKinds, 'filter', 'ts', 'js', 'console', 'sh', ''];

describe('blocks', () => {
  it.each(pages)('of %s are of a kind that is tested', (page) => {
    const unknown = blocksOf(page).filter(({ kind }) => !kinds.includes(kind));
    expect(unknown.map(({ line, kind }) => `${String(line)}: ${kind}`)).toEqual([]);
  });

  it.each(pages)('of %s without a kind hold no commands', (page) => {
    const commands = blocksOf(page).filter(
      ({ kind, text }) => kind === '' && /^(\$|npx|pathod|pathoc|curl)\b/m.test(text),
    );
    expect(commands.map(({ line }) => line)).toEqual([]);
  });

  it.each(pages)('of %s in sh are what continuous integration runs, or installs', (page) => {
    const lines = blocksOf(page)
      .filter(({ kind }) => kind === 'sh')
      .flatMap(({ text }) => text.split('\n'));
    for (const line of lines) expect(line).toMatch(/^npm (ci|install|test|run)\b/);
  });
});

describe('links', () => {
  const all = [...pages, 'CONTRIBUTING.md', 'CHANGELOG.md'];

  it.each(all)('of %s lead somewhere', (page) => {
    const broken = linksOf(page).filter(({ to }) => {
      const [file = '', heading] = to.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(target)) return true;
      return heading !== undefined && !headingsOf(target).includes(heading);
    });
    expect(broken.map(({ line, to }) => `${String(line)}: ${to}`)).toEqual([]);
  });

  it.each(pages)('of %s lead to what the package holds', (page) => {
    const lost = linksOf(page).filter(({ to }) => !/^(?:docs\/|README\.md|CHANGELOG\.md|$)/.test(placeOf(page, to)));
    expect(lost.map(({ line, to }) => `${String(line)}: ${to}`)).toEqual([]);
  });
});

/** Where a link of a page leads, seen from the root; nowhere when it stays on the page. */
function placeOf(page: string, to: string): string {
  const [file = ''] = to.split('#');
  return file === '' ? '' : join(dirname(page), file);
}

describe('commands', () => {
  it('are those that mitmdump lists', async () => {
    const { out } = await runMitmdump(['--commands']);
    const names = out.split('\n').flatMap((line) => /^[a-z][\w.]*/.exec(line) ?? []);
    expect(names.length).toBeGreaterThan(30);
    const page = readFileSync('docs/commands.md', 'utf8');
    for (const name of names) expect(page).toContain(`\n| \`${name}\` `);
  });
});
