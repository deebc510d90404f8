import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Proxy } from '../../../src/proxy/index.js';
import { httpFlow } from '../../../src/proxy/testing/index.js';
import { startDaemon } from '../../kit/daemon.js';
import { scriptedProxy } from '../scripts/scripted-proxy.js';

/** The options of a reverse proxy before a server that answers everything. */
async function before(): Promise<{ readonly mode: string }> {
  const daemon = await startDaemon({ anchors: [['.*', "200:b'hello'"]] });
  return { mode: `reverse:${daemon.url()}` };
}

/** A script that says a word in a header field of responses. */
function saying(word: string, more = ''): string {
  return `
    import type { HttpFlow } from 'pathod/proxy';
    export function response(flow: HttpFlow): void {
      flow.response!.headers.set('X-Word', '${word}');
    }
    ${more}`;
}

/** A script that notes a word on each flow, and when it begins and ends. */
function noting(word: string): string {
  return `
    export const load = (_, { log }) => log.info('${word} begins');
    export const request = (flow) => { flow.comment += '${word}'; };
    export const done = (_, { log }) => log.info('${word} ends');`;
}

async function heard(url: string): Promise<string | null> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.headers.get('x-word');
}

describe('scripts of a proxy', () => {
  it('see the traffic in the order given; those that stay are not loaded anew', async () => {
    const { proxy, write, lines } = await scriptedProxy({ 'a.mjs': noting('a') }, await before());
    await proxy.use({ request: (flow) => void (flow.comment += '.') });
    const [a] = proxy.options['scripts'] as string[];
    const [b, c] = ['b', 'c'].map((name) => write(`${name}.mjs`, noting(name)));
    for (const scripts of [[a, b, c], [c, a], []]) {
      await proxy.configure({ scripts });
      await fetch(proxy.url);
    }
    expect(proxy.flows().map(({ comment }) => comment)).toEqual(['abc.', 'ca.', '.']);
    expect(lines.filter((line) => / (?:begins|ends)/.test(line))).toEqual([
      ...['info: a begins', 'info: b begins', 'info: c begins', 'info: b ends', 'info: c ends', 'info: a ends'],
    ]);
  });

  it('bring options, whose values may be given before they are known', async () => {
    const text = `
      export function load(loader) {
        loader.add_option('mine_word', String, 'none', 'What is said.');
        loader.addOption('mineTimes', { type: 'integer', default: 1, help: 'How often.' });
      }
      export function response(flow, ctx) {
        flow.response.headers.set('X-Word', ctx.options.mine_word.repeat(ctx.options.mineTimes));
      }`;
    const settings = ['mine_word=so'];
    const { proxy } = await scriptedProxy(
      { 'a.mjs': text },
      { ...(await before()), settings, addonOptions: { mineTimes: 2 } },
    );
    expect(await heard(proxy.url)).toBe('soso');
    await proxy.configure({ mineWord: 'la', mineTimes: 3 });
    expect(await heard(proxy.url)).toBe('lalala');
  });

  it('bring options that are set by the change that brings them', async () => {
    const text = "export const options = { mine: { type: 'integer', default: 1, help: '' } };";
    const { proxy, write, lines } = await scriptedProxy({ 'a.mjs': '' });
    const scripts = [write('b.mjs', `${text}\nexport const done = (_, { log }) => log.info('b ends');`)];
    await proxy.configure({ scripts, mine: 6 });
    expect(proxy.options).toMatchObject({ mine: 6 });
    await proxy.configure({ scripts: [] });
    for (const [given, told] of [
      [{ mine: 2, anticache: true, mime: 5 }, 'unknown option mime, did you mean mine?'],
      [{ mine: 'many' }, 'mine takes a whole number'],
    ] as const) {
      const from = lines.length;
      await expect(proxy.configure({ scripts, ...given })).rejects.toThrow(told);
      expect(proxy.options).toMatchObject({ scripts: [], anticache: false });
      expect(proxy.options).not.toHaveProperty('mine');
      expect(lines.slice(from).filter((line) => line === 'info: b ends').length).toBeLessThanOrEqual(1);
    }
    await proxy.configure({ scripts });
    expect(proxy.options).toMatchObject({ mine: 6 });
    await expect(proxy.configure({ unheard: 1 })).rejects.toThrow('unknown option unheard');
  });

  it('may refuse a change of options, which is undone then', async () => {
    const text = `
      import { OptionError } from 'pathod/proxy';
      export const options = { mineWord: { type: 'string', default: 'yes', help: 'What is said.' } };
      export function configure(updated: Set<string>, { options }: any): void {
        if (updated.has('mine_word') && options.mine_word === 'no') throw new OptionError('not that word');
      }`;
    const { proxy } = await scriptedProxy({ 'a.ts': text });
    await expect(proxy.configure({ mineWord: 'no', anticache: true })).rejects.toThrow('not that word');
    expect(proxy.options).toMatchObject({ mineWord: 'yes', anticache: false });
    await proxy.configure({ mineWord: 'perhaps' });
    expect(proxy.options).toMatchObject({ mineWord: 'perhaps' });
  });

  it('bring commands', async () => {
    const text = `
      import { defineCommand } from 'pathod/proxy';
      export function load(loader: any): void {
        loader.addCommand('mine.twice', defineCommand([{ name: 'n', type: 'integer' }], 'Doubles.', (_, n) => 2 * n));
      }`;
    const { proxy } = await scriptedProxy({ 'a.ts': text });
    expect(await proxy.call('mine.twice', '21')).toBe(42);
    await proxy.configure({ scripts: [] });
    await expect(proxy.call('mine.twice', '21')).rejects.toThrow('unknown command mine.twice');
  });

  it('get words as in mitmproxy 1.0, and a note', async () => {
    const { proxy, lines, write } = await scriptedProxy({ 'a.mjs': '' }, await before());
    const text = `
      class Word {
        constructor(word) { this.word = word; }
        response(flow) { flow.response.headers.set('X-Word', this.word); }
      }
      export const start = (ctx) => new Word(ctx.arguments.join(' '));`;
    await proxy.configure({ scripts: [`${write('b.mjs', text)} one 'two three'`] });
    expect(await heard(proxy.url)).toBe('one two three');
    expect(lines).toContainEqual(expect.stringMatching(/^warn: -s "FILE ARGUMENTS" is of mitmproxy 1\.0: .* --set/));
  });

  it('do not hold up other flows while they wait', async () => {
    const text = `
      let go;
      const held = new Promise((resolve) => { go = resolve; });
      export async function request(flow, ctx) {
        if (flow.request.path === '/go') go();
        if (flow.request.path !== '/held') return;
        ctx.log.info('waits');
        await held;
      }`;
    const { proxy, logged } = await scriptedProxy({ 'a.mjs': text }, await before());
    const first = fetch(`${proxy.url}/held`).then(() => 'held');
    await logged(/waits/);
    const others = await Promise.all(['/1', '/2', '/go'].map((path) => fetch(proxy.url + path).then(() => path)));
    expect([...others, await first]).toEqual(['/1', '/2', '/go', 'held']);
  });

  it('that fail are named, with the place in the file, and the traffic goes on', async () => {
    const text = `
interface Unused { a: string }
export async function response(flow: { response: object }): Promise<void> {
  await 1;
  const word: string = 'x';        (flow.response as any).nothing.there = word;
}`;
    const { proxy, logged } = await scriptedProxy({ 'a.ts': text }, await before());
    expect(await (await fetch(proxy.url)).text()).toBe('hello');
    expect(await logged(/^error/)).toBe(
      "error: addon a.ts failed in response: Cannot set properties of undefined (setting 'there') (at a.ts:5:72)",
    );
  });

  it('without any hook are told of', async () => {
    const { lines } = await scriptedProxy({ 'a.mjs': 'export const helper = () => 1;' });
    expect(lines).toEqual(
      ['info: Loading script a.mjs', 'warn: script a.mjs has no function for any hook'].map(
        (line) => expect.stringMatching(line) as unknown,
      ),
    );
  });
});

describe('a script that changes', () => {
  it('is loaded anew, with the files that it imports, and options keep their values', async () => {
    const text = `
      import { word } from './word.js';
      export const load = (loader) => loader.add_option('mine_word', String, 'none', '');
      export const response = (flow, ctx) => { flow.response.headers.set('X-Word', word + ctx.options.mine_word); };
      export const done = (_, ctx) => ctx.log.info('gone: ' + ctx.options.mine_word);`;
    const files = { 'a.mjs': text, 'word.ts': "export const word: string = 'one ';" };
    const { proxy, write, logged } = await scriptedProxy(files, { ...(await before()), settings: ['mine_word=blue'] });
    await proxy.configure({ mineWord: 'red' });
    expect(await heard(proxy.url)).toBe('one red');
    write('word.ts', "export const word: string = 'two ';");
    await logged(/gone: red/);
    expect(await heard(proxy.url)).toBe('two red');
    write('a.mjs', text.replace('word +', "'three ' +"));
    await logged(/gone: red/, 4);
    expect(await heard(proxy.url)).toBe('three red');
  });

  it('closes no connection, and requests that are under way go on', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/slow') server.emit('slow', response);
      else response.end('hello');
    });
    onTestFinished(() => void server.closeAllConnections());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const mode = `reverse:http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const { proxy, write, logged } = await scriptedProxy(
      { 'a.ts': saying('one', "export const done = (_: unknown, { log }: any) => log.info('gone');") },
      { mode },
    );
    const arrived = once(server, 'slow');
    const slow = heard(`${proxy.url}/slow`);
    const [answer] = (await arrived) as [{ end: (text: string) => void }];
    write('a.ts', saying('two'));
    await logged(/gone/);
    answer.end('slow');
    expect(await slow).toBe('two');
    expect(new Set(proxy.flows().map(({ clientConn }) => clientConn.id)).size).toBe(1);
    server.close();
  });

  it('and cannot be loaded leaves the version before in place, until it is mended', async () => {
    const { proxy, write, logged, lines } = await scriptedProxy({ 'a.ts': saying('one') }, await before());
    for (const [broken, told] of [
      ['const a: number = 1;\nlet b = (;', 'Unexpected token \\(at a.ts:2:10\\)'],
      ["\nthrow new Error('not now');", 'not now \\(at a.ts:2:7\\)'],
      [saying('no', 'export const respons = () => 1;'), 'there is no hook respons, did you mean response\\?'],
      ["import './missing.js';", 'there is no module ./missing.js \\(at a.ts:1:1\\)'],
      [
        saying('no', "export const load = () => { throw new Error('not so'); };"),
        'failed in load: not so \\(at a.ts:6:.*\\)',
      ],
      [
        saying('no', "export const options = { mode: { type: 'string', help: '' } };"),
        'there is an option mode already',
      ],
    ] as const) {
      const from = lines.length;
      write('a.ts', broken);
      expect(await logged(/^error/, from)).toMatch(new RegExp(`${told}; the version before goes on$`));
      expect(await heard(proxy.url)).toBe('one');
    }
    write('a.ts', saying('two', "export const running = (_: unknown, { log }: any) => log.info('mended');"));
    await logged(/mended/);
    expect(await heard(proxy.url)).toBe('two');
  });

  it('and is gone goes on, and is loaded when it is there again', async () => {
    const { proxy, write, logged, directory } = await scriptedProxy({ 'a.ts': saying('one') }, await before());
    rmSync(join(directory, 'a.ts'));
    expect(await logged(/^error/)).toMatch(/a\.ts cannot be loaded: .*No such file.*; the version before goes on/);
    expect(await heard(proxy.url)).toBe('one');
    write('a.ts', saying('two', "export const running = (_: unknown, { log }: any) => log.info('back');"));
    await logged(/back/);
    expect(await heard(proxy.url)).toBe('two');
  });

  it('may bring other options and commands than before', async () => {
    const bringing = (name: string): string => `
      export const options = { same: { type: 'string', help: '' }, ${name}: { type: 'string', default: '${name}', help: '' } };
      export const commands = { 'mine.same': { help: '', parameters: [], run: () => '${name}' } };
      export const running = (_, { log }) => log.info('${name} runs');`;
    const { proxy, write, logged } = await scriptedProxy({ 'a.mjs': bringing('first') });
    await proxy.configure({ same: 'kept' });
    write('a.mjs', bringing('second'));
    await logged(/second runs/);
    expect(proxy.options).toMatchObject({ same: 'kept', second: 'second' });
    expect(proxy.options).not.toHaveProperty('first');
    expect(await proxy.call('mine.same')).toBe('second');
  });
});

describe('a script that cannot be loaded', () => {
  it('keeps a proxy from starting', async () => {
    await expect(scriptedProxy({ 'a.ts': '\nlet a = ;' })).rejects.toThrow(
      /^script .*a\.ts cannot be loaded: .* \(at .*a\.ts:2:9\)$/,
    );
    await expect(Proxy.start({ addonOptions: { scripts: ['/nowhere/a.ts'] } })).rejects.toThrow(
      'script /nowhere/a.ts does not exist: there is no directory /nowhere',
    );
  });

  it('is refused while the proxy runs, and nothing is changed', async () => {
    const { proxy, write, lines } = await scriptedProxy({ 'a.mjs': noting('a') }, await before());
    const [a] = proxy.options['scripts'] as string[];
    const [b, c] = [write('b.mjs', noting('b')), write('c.ts', 'let = ;')];
    await expect(proxy.configure({ scripts: [b, c], anticache: true })).rejects.toThrow('cannot be loaded');
    await expect(proxy.configure({ scripts: [b, a, b] })).rejects.toThrow('was given twice');
    await fetch(proxy.url);
    expect(proxy.flows().map(({ comment }) => comment)).toEqual(['a']);
    expect(proxy.options).toMatchObject({ scripts: [a], anticache: false });
    expect(lines.filter((line) => line.includes('b ends'))).toHaveLength(1);
  });

  it('takes away what it has declared', async () => {
    const text = `
      export const options = { mine: { type: 'string', help: '' } };
      export const load = () => { throw new Error('no'); };`;
    const { proxy, write } = await scriptedProxy({ 'a.mjs': '' });
    await expect(proxy.configure({ scripts: [write('b.mjs', text)] })).rejects.toThrow('failed in load: no');
    await expect(proxy.configure({ mine: 'x' })).rejects.toThrow('mine');
  });

  it('leaves values for options behind that went with it', async () => {
    const text = "export const options = { mine: { type: 'string', help: '' } };";
    const { proxy, write } = await scriptedProxy({ 'a.mjs': text }, { settings: ['mine=kept'] });
    await proxy.configure({ scripts: [] });
    await proxy.configure({ anticache: true });
    await proxy.configure({ scripts: [write('a.mjs', text)] });
    expect(proxy.options).toMatchObject({ mine: 'kept' });
  });
});

describe('script.run', () => {
  it('calls the hooks that flows have been through, but not load', async () => {
    const text = `
      export const load = (_, { log }) => log.info('load');
      export const configure = (updated, { log }) => log.info('configure ' + updated.has('flow_detail'));
      export const running = (_, { log }) => log.info('running');
      export const request = (flow) => { flow.comment += 'seen'; throw new Error('bad day'); };
      export const response = (flow) => { flow.comment += ' twice'; };
      export const done = (_, { log }) => log.info('done');`;
    const { proxy, write, lines } = await scriptedProxy({ 'a.mjs': '' });
    const flow = httpFlow({ response: { statusCode: 200 } });
    const from = lines.length;
    await proxy.call('script.run', [flow], write('b.mjs', text));
    expect(flow.comment).toBe('seen twice');
    expect(lines.slice(from)).toEqual([
      expect.stringMatching(/Loading script/) as unknown,
      ...['info: configure false', 'info: running'],
      'error: addon b.mjs failed in request: bad day (at b.mjs:5:72)',
      'info: done',
    ]);
    await expect(proxy.call('script.run', [flow], write('c.mjs', 'let = ;'))).rejects.toThrow('cannot be loaded');
  });
});
