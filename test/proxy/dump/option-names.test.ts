// What mitmdump prints names options as --set, --options and config.yaml do.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

const file = ['-n', '-r', 'fixtures/proxy/flows/tcp.mitm', '--flow-detail', '0'];

function script(text: string): { readonly path: string; readonly rewrite: (text: string) => void } {
  const path = join(temporaryDirectory(), 'names.mjs');
  const rewrite = (now: string): void => {
    writeFileSync(`${path}.new`, now);
    renameSync(`${path}.new`, path);
  };
  rewrite(text);
  return { path, rewrite };
}

it.each([
  ["{ my_opt: 'x' }", 'my_opt takes a whole number, not "x"'],
  ["{ myOpt: 'x' }", 'myOpt takes a whole number, not "x"'],
  ['{ nope_x: 1 }', 'unknown option nope_x'],
  ['{ server_replay_extr: 1 }', 'unknown option server_replay_extr, did you mean server_replay_extra?'],
  ['{ serverReplayExtr: 1 }', 'unknown option serverReplayExtr, did you mean server_replay_extra?'],
  ["{ server_replay_extra: 'zz' }", 'server_replay_extra takes one of '],
  ['{ listen_port: 1 }', 'listen_port cannot be changed while the proxy runs'],
  ['{ listenPort: 1 }', 'listenPort cannot be changed while the proxy runs'],
])('a script that configures %s', async (changes, message) => {
  const { path } = script(`
    export const load = (loader) => loader.add_option('my_opt', 'int', 0, 'A number.');
    export const running = (_, ctx) => ctx.configure(${changes});`);
  const { err, status } = await runMitmdump(['-s', path, ...file]);
  expect(err).toContain(`addon names.mjs failed in running: ${message}`);
  expect(status).toBe(1);
});

it.each([
  ["loader.add_option('server_replay_extra', String, 'd', 'h')", 'there is an option server_replay_extra already'],
  ["loader.addOption('myOpt', { type: 'choice', help: 'h' })", 'the option my_opt needs choices'],
  ["loader.add_option('my_opt', 'int', 'x', 'h')", 'the default of the option my_opt takes a whole number'],
])('a script that declares %s', async (declares, message) => {
  const { path } = script(`export const load = (loader) => ${declares};`);
  for (const argv of [file, ['--options']]) {
    expect((await runMitmdump(['-s', path, ...argv])).err).toContain(message);
  }
});

it('a script whose next version does not take what was set', async () => {
  const declaring = (type: string): string =>
    `export const load = (loader) => loader.add_option('rl_x', ${type}, 'help');`;
  const { path, rewrite } = script(declaring("String, 'd'"));
  const ended = new AbortController();
  const running = runMitmdump(['-s', path, '--set', 'rl_x=set', '-p', '0', '--set', 'listen_host=127.0.0.1'], {
    signal: AbortSignal.any([ended.signal, AbortSignal.timeout(50_000)]),
    onOutput: (text) => {
      if (text.includes('listening')) rewrite(declaring('Number, 5'));
    },
    onError: () => {
      ended.abort();
    },
  });
  expect((await running).err).toContain('rl_x takes a number, not "set"; the version before goes on');
});
