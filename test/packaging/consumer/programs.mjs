// Serves with the installed pathod, asks with fetch and with the installed pathoc.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const { bin, version } = JSON.parse(readFileSync('node_modules/pathod/package.json', 'utf8'));
const run = promisify(execFile);
const program = (name) => `node_modules/pathod/${bin[name]}`;

for (const name of Object.keys(bin)) {
  const { stdout } = await run(process.execPath, [program(name), '--version']);
  assert.ok(stdout.includes(version), `${name} --version prints ${version}, not ${stdout}`);
}

const server = spawn(process.execPath, [program('pathod'), '-p', '0', '-a', '/greeting=200:b"hello"'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  let port;
  for await (const line of createInterface({ input: server.stdout })) {
    port = /listening on \D*[\d.]+\D+(\d+)/.exec(line)?.[1];
    if (port !== undefined) break;
  }
  assert.ok(port !== undefined, 'pathod says where it listens');
  const response = await fetch(`http://127.0.0.1:${port}/greeting`);
  assert.equal(await response.text(), 'hello');
  const { stdout } = await run(process.execPath, [program('pathoc'), `127.0.0.1:${port}`, 'get:/greeting']);
  assert.match(stdout, /<< 200 OK: 5 bytes/);
} finally {
  server.kill();
}
