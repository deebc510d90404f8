import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readFlowFile } from '../../../src/proxy/index.js';
import { dumpProcess } from '../../kit/dump-process.js';
import { startDaemon } from '../../kit/daemon.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});

function script(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
}

const replacer = `
  class Replacer {
    constructor(from, to) { Object.assign(this, { from, to }); }
    response(flow) { flow.response.replace(this.from, this.to); }
  }
  export const start = (ctx) => new Replacer(...ctx.arguments);`;

const counting = `
  let seen = 0;
  export function load(loader) {
    loader.add_option('count_from', 'int', 0, 'Where counting begins.');
    loader.add_command('count.now', () => seen);
  }
  export const request = () => { seen++; };
  export const done = (_, ctx) => ctx.log.info('counted ' + (ctx.options.count_from + seen));`;

describe('scripts on saved flows', () => {
  it('change them on their way from file to file, and have arguments', async () => {
    const out = join(directory, 'changed.mitm');
    const argv = [
      '-n',
      '-s',
      `${script('arguments.mjs', replacer)} willow 'good day'`,
      '-r',
      'fixtures/proxy/flows/basic.mitm',
      '-w',
      out,
    ];
    const { status, err } = await runMitmdump(argv);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const texts: (string | undefined)[] = [];
    for await (const flow of readFlowFile(out)) if (flow.type === 'http') texts.push(flow.response?.getText(false));
    expect(texts.filter((text) => text?.includes('good day'))).not.toEqual([]);
    expect(texts.filter((text) => text?.includes('willow'))).toEqual([]);
  });

  it('have the hooks called in the order in which they were', async () => {
    const hooks = [
      'requestheaders',
      'request',
      'responseheaders',
      'response',
      'websocket_start',
      'websocket_message',
      'websocket_end',
      'error',
    ];
    const text = hooks.map(
      (hook) => `export const ${hook} = (flow, ctx) => ctx.log.info('${hook} ' + flow.websocket?.messages.length);`,
    );
    const { out } = await runMitmdump([
      '-n',
      '-s',
      script('order.mjs', text.join('\n')),
      '--flow-detail',
      '0',
      '-r',
      'fixtures/proxy/flows/websockets.mitm',
      '~u bye',
    ]);
    const called = out.split('\n').filter((line) => hooks.some((hook) => line.startsWith(hook)));
    const messages = called.filter((line) => line.startsWith('websocket_message'));
    expect(called.map((line) => line.replace(/ .*/, ''))).toEqual([
      ...['requestheaders', 'request', 'responseheaders', 'response', 'websocket_start'],
      ...[...messages.map(() => 'websocket_message'), 'websocket_end'],
    ]);
    expect(messages).toEqual(messages.map((_, index) => `websocket_message ${String(index + 1)}`));
  });
});

describe('options and commands of scripts', () => {
  it('are set by --set, and by nothing that nobody has declared', async () => {
    const path = script('count.mjs', counting);
    const read = ['-n', '-r', 'fixtures/proxy/flows/basic.mitm', '-s', path];
    const { status, out } = await runMitmdump([...read, '--set', 'count_from=100', '~m get']);
    expect(status).toBe(0);
    expect(out).toMatch(/^counted 1\d\d$/m);
    expect(await runMitmdump([...read, '--set', 'count_form=1'])).toMatchObject({
      status: 1,
      err: 'mitmdump: unknown option count_form, did you mean count_from?\n',
    });
    const refused = await runMitmdump([...read, '--set', 'count_from=many']);
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/^mitmdump: .*count_from.*many.*\n$/);
  });

  it('are shown among the others', async () => {
    const path = script('count.mjs', counting);
    const options = await runMitmdump(['--options', '-s', path]);
    expect(options).toMatchObject({ status: 0, err: '' });
    expect(options.out).toMatch(/# Where counting begins\. .*\ncount_from: 0\n/);
    expect(options.out).toContain('# Load addons from this file');
    const commands = await runMitmdump(['-s', path, '--commands']);
    expect(commands.out).toMatch(/^count\.now$/m);
    expect(commands.out).toMatch(/^script\.run flows: flows path: text$/m);
  });
});

describe('a script that cannot be loaded', () => {
  it.each([
    [
      'a syntax error',
      'const a: number = 1;\n  let b = ;',
      /^mitmdump: script .*a\.ts cannot be loaded: Unexpected token \(at .*a\.ts:2:11\)\n$/,
    ],
    [
      'an error',
      "\nthrow new TypeError('no');",
      /^mitmdump: script .*a\.ts cannot be loaded: no \(at .*a\.ts:2:7\)\n$/,
    ],
    [
      'an error in load',
      "export const load = () => {\n  throw new Error('no'); };",
      /^mitmdump: addon a\.ts failed in load: no \(at .*a\.ts:2:9\)\n$/,
    ],
    [
      'what is no error',
      'throw { code: 5 };',
      /^mitmdump: script .*a\.ts cannot be loaded: \{ code: 5 \} was thrown, which is no Error and has no place\n$/,
    ],
    [
      'a near miss',
      'export const requst = () => 1;',
      /^mitmdump: script .*a\.ts cannot be loaded: there is no hook requst, did you mean request\?\n$/,
    ],
    [
      'an option that there is',
      "export const options = { mode: { type: 'string', help: '' } };",
      /^mitmdump: script .*a\.ts cannot be loaded: addon a\.ts: there is an option mode already\n$/,
    ],
  ])('ends the program with a line: %s', async (_, text, line) => {
    const { status, err } = await runMitmdump(['-n', '-s', script('a.ts', text)]);
    expect(status).toBe(1);
    expect(err).toMatch(line);
  });

  it('ends it when there is none', async () => {
    expect(await runMitmdump(['-n', '-s', '/no/where.ts'])).toMatchObject({
      status: 1,
      err: 'mitmdump: script /no/where.ts does not exist: there is no directory /no\n',
    });
  });

  it('keeps --options from being shown', async () => {
    const { status, out, err } = await runMitmdump(['--options', '-s', script('a.ts', 'let = ;')]);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^mitmdump: script .*a\.ts:1:/);
  });
});

describe('the program with a script', { timeout: 60_000 }, () => {
  it('changes the traffic, loads it anew, and goes on when what it left running fails', async () => {
    const daemon = await startDaemon({ anchors: [['.*', "200:b'hello'"]] });
    const saying = (word: string): string => `
import type { Hook } from 'pathod/proxy';
import { Response } from 'pathod/proxy';
export const response: Hook<'response'> = (flow, ctx) => {
  flow.response!.headers.set('X-Word', '${word}' + String(flow.response instanceof Response));
  if (flow.request.path === '/timer') setTimeout(() => { throw new Error('too late'); });
  if (flow.request.path === '/promise') void Promise.reject(new Error('not kept'));
};
export const running: Hook<'running'> = (_, ctx) => ctx.log.info('says ${word}');`;
    const path = script('a.ts', saying('one'));
    const program = await dumpProcess('-s', path, '--mode', `reverse:${daemon.url()}`);
    const word = async (at: string): Promise<string | undefined> =>
      /^x-word: (.*)$/im.exec((await program.curl('-i', program.url + at)).stdout)?.[1]?.trim();
    expect(await word('/timer')).toBe('onetrue');
    expect(await word('/promise')).toBe('onetrue');
    script('a.ts', saying('two'));
    await program.until(/says two/);
    expect(await word('/')).toBe('twotrue');
    const { status, err } = await program.stop();
    expect(status).toBe(1);
    const stray = 'addon a.ts failed in something that no hook waits for:';
    expect(err.replaceAll(`${directory}/`, '').split('\n').toSorted()).toEqual([
      '',
      `${stray} not kept (at a.ts:7:61)`,
      `${stray} too late (at a.ts:6:64)`,
    ]);
  });
});
