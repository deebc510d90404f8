const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { AddonTest, httpFlow } = require('pathod/proxy/testing');

// A script of mitmdump, and a package that it imports. Jest imports none, but may require one that is CommonJS.
let directory;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'scripts-'));
  mkdirSync(join(directory, 'node_modules/words'), { recursive: true });
  writeFileSync(join(directory, 'node_modules/words/index.js'), "exports.word = 'blue';");
  writeFileSync(
    join(directory, 'tag.ts'),
    `import type { Hook } from 'pathod/proxy';
     import { word } from 'words';
     export const request: Hook<'request'> = ({ request }) => request.headers.set('X-Tag', word);`,
  );
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('a script tags requests', async () => {
  const script = await AddonTest.startScript(join(directory, 'tag.ts'));
  try {
    const { request } = await script.fire('request', httpFlow());
    expect(request.headers.get('x-tag')).toBe('blue');
  } finally {
    await script.stop();
  }
});
