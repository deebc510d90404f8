// Runs a script that lies far from any package: what it imports is the installed pathod that runs it, in both formats.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as esm from 'pathod/proxy';

const folder = mkdtempSync(join(tmpdir(), 'pathod-script-'));
const file = join(folder, 'far.ts');
writeFileSync(
  file,
  `import { Daemon } from 'pathod';
  import { HttpFlow, Response } from 'pathod/proxy';
  import type { Hook } from 'pathod/proxy';
  import { httpFlow } from 'pathod/proxy/testing';

  export const request: Hook<'request'> = (flow) => {
    const same = [flow, httpFlow()].every((one) => one instanceof HttpFlow);
    flow.response = Response.make(200, same + ' ' + typeof Daemon.start);
  };
  export const commands = { 'far.there': { help: '', parameters: [], run: () => 1 } };`,
);
try {
  for (const { Proxy } of [esm, createRequire(import.meta.url)('pathod/proxy')]) {
    const mode = 'reverse:http://127.0.0.1:9';
    const proxy = await Proxy.start({ mode, connectionStrategy: 'lazy', addonOptions: { scripts: [file] } });
    assert.equal(await (await fetch(proxy.url)).text(), 'true function');
    await proxy.stop();
  }
  const { bin } = JSON.parse(readFileSync('node_modules/pathod/package.json', 'utf8'));
  const argv = [`node_modules/pathod/${bin['mitmdump']}`, '--commands', '-s', file];
  assert.match((await promisify(execFile)(process.execPath, argv)).stdout, /^far\.there$/m);
} finally {
  rmSync(folder, { recursive: true });
}
