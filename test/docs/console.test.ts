import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { blocksOf, pages } from './pages.js';
import type { Block } from './pages.js';
import { Session, stepsOf } from './session.js';
import type { Correction } from './session.js';

/** With UPDATE_DOCS=1 the pages are made to say what was printed, `...` excepted. */
const update = process.env['UPDATE_DOCS'] !== undefined;

const hasCurl = spawnSync('curl', ['--version']).status === 0;

const sessions = pages
  .map((page) => ({
    page,
    steps: blocksOf(page)
      .filter(({ kind }) => kind === 'console')
      .flatMap(stepsOf),
    files: blocksOf(page).flatMap(fileOf),
  }))
  .filter(({ steps }) => steps.length > 0);

// They start processes, one after the other, and mostly wait for them: several at a time, with more time than others.
describe.concurrent('console sessions', { timeout: 180_000 }, () => {
  it('are found', ({ expect }) => {
    const found = sessions.map(({ page }) => page);
    expect(found).toEqual(expect.arrayContaining(['README.md', 'docs/pathod.md', 'docs/pathoc.md']));
  });

  it.for(sessions)('$page prints what it says', async ({ page, steps, files }, { skip, expect }) => {
    const needsCurl = steps.some(({ command }) => /\bcurl\b/.test(command));
    // Continuous integration installs it.
    if (needsCurl && !hasCurl && process.env['CI'] === undefined) skip('curl is not installed');
    const session = new Session();
    for (const { name, text } of files) session.write(name, text);
    try {
      for (const step of steps) await session.carryOut(step);
    } finally {
      await session.end();
    }
    if (update) correct(page, session.corrections);
    expect(session.differences).toEqual([]);
  });
});

/** A program whose first line is a comment with its name is a file that commands of the page may use. */
function fileOf({ kind, text }: Block): { readonly name: string; readonly text: string }[] {
  const name = kind === 'ts' || kind === 'js' ? /^\/\/ ([\w-]+\.[cm]?[jt]s)\n/.exec(text)?.[1] : undefined;
  return name === undefined ? [] : [{ name, text }];
}

function correct(page: string, corrections: readonly Correction[]): void {
  const lines = readFileSync(page, 'utf8').split('\n');
  const correctable = corrections.filter(({ step }) => !step.expected.includes('...'));
  // From the end, so that the numbers of the lines before stay what they are.
  for (const { step, printed } of correctable.sort((a, b) => b.step.line - a.step.line)) {
    const from = step.line - 1 + step.command.split('\n').length;
    lines.splice(from, step.expected.split('\n').length - 1, ...printed.replace(/\n$/, '').split('\n'));
  }
  writeFileSync(page, lines.join('\n'));
}
