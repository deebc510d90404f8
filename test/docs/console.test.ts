import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { blocksOf, pages } from './pages.js';
import { Session, stepsOf } from './session.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

const sessions = pages
  .map((page) => ({
    page,
    steps: blocksOf(page)
      .filter(({ kind }) => kind === 'console')
      .flatMap(stepsOf),
  }))
  .filter(({ steps }) => steps.length > 0);

// They start processes, one after the other: more time than others, but no waiting.
describe('console sessions', { timeout: 120_000 }, () => {
  it('are found', () => {
    const found = sessions.map(({ page }) => page);
    expect(found).toEqual(expect.arrayContaining(['README.md', 'docs/pathod.md', 'docs/pathoc.md']));
  });

  it.for(sessions)('$page prints what it says', async ({ steps }, { skip }) => {
    const needsCurl = steps.some(({ command }) => /\bcurl\b/.test(command));
    // Continuous integration installs it.
    if (needsCurl && !hasCurl && process.env['CI'] === undefined) skip('curl is not installed');
    const session = new Session();
    try {
      for (const step of steps) await session.carryOut(step);
    } finally {
      await session.end();
    }
    expect(session.differences).toEqual([]);
  });
});
