import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AntiCache } from '../../../src/proxy/addons/anticache.js';
import { AntiComp } from '../../../src/proxy/addons/anticomp.js';
import { BlockList } from '../../../src/proxy/addons/block-list.js';
import { DisableH2c } from '../../../src/proxy/addons/disable-h2c.js';
import { MapLocal } from '../../../src/proxy/addons/map-local.js';
import { MapRemote } from '../../../src/proxy/addons/map-remote.js';
import { ModifyBody } from '../../../src/proxy/addons/modify-body.js';
import { ModifyHeaders } from '../../../src/proxy/addons/modify-headers.js';
import { Replace } from '../../../src/proxy/addons/replace.js';
import { Response } from '../../../src/proxy/message/response.js';
import { ruleOfReplace, ruleOfReplaceFromFile, ruleOfSetHeader } from '../../../src/proxy/rules/old-rules.js';
import { hasProgram } from '../../kit/programs.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import { liveFlow, load } from './fired.js';
import { startProxy } from './started.js';

describe('requests', () => {
  it('lose what lets a server answer 304, and what it may compress with', async () => {
    const flow = liveFlow('http://a.test/', {
      'If-None-Match': 'x',
      'Accept-Encoding': 'br',
      'If-Modified-Since': 'y',
    });
    const idle = [new AntiCache(), new AntiComp()];
    for (const addon of idle) await (await load(addon)).hooks.fire('requestheaders', flow);
    expect([...flow.request.headers]).toHaveLength(4);
    await (await load(new AntiCache(), { anticache: true })).hooks.fire('requestheaders', flow);
    await (await load(new AntiComp(), { anticomp: true })).hooks.fire('requestheaders', flow);
    expect([...flow.request.headers]).toEqual([
      ['Accept-Encoding', 'identity'],
      ['content-length', '0'],
    ]);
  });

  it('do not offer HTTP/2 in the clear', async () => {
    const { hooks, lines } = await load(new DisableH2c());
    const flow = liveFlow('http://a.test/', {
      ...{ Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AA' },
    });
    await hooks.fire('requestheaders', flow);
    expect(flow.request.headers.names()).toEqual(['content-length']);
    expect(lines).toHaveLength(1);
    const other = liveFlow('http://a.test/', { Connection: 'Upgrade', Upgrade: 'websocket' });
    await hooks.fire('requestheaders', other);
    expect(other.request.headers.get('upgrade')).toBe('websocket');
  });
});

describe('rules', () => {
  it('that are wrong are refused by name, with the place', async () => {
    await expect(load(new ModifyBody(), { modifyBody: ['/(/x'] })).rejects.toMatchObject({
      message: expect.stringMatching(/^modify_body does not take \/\(\/x: /) as string,
      marked: '(\n^',
    });
    await expect(load(new MapRemote(), { mapRemote: ['/a/\\2'] })).rejects.toThrow(/there is no group 2/);
    await expect(load(new ModifyHeaders(), { modifyHeaders: ['|A|@/nowhere'] })).rejects.toThrow(
      /^modify_headers does not take \|A\|@\/nowhere: \/nowhere cannot be read: no such file/i,
    );
    await expect(load(new BlockList(), { blockList: ['/~d a/999'] })).rejects.toThrow(/"999" is no status code/);
    await expect(load(new MapLocal(), { mapLocal: ['|a|/nowhere'] })).rejects.toThrow(/\/nowhere cannot be read/);
  });

  it('that are refused change nothing', async () => {
    const { hooks, host } = await load(new ModifyBody(), { modifyBody: ['/a/b'] });
    await expect(host.update({ modifyBody: ['/a'] })).rejects.toThrow('modify_body does not take /a');
    const flow = liveFlow('http://a.test/', {}, 'a');
    await hooks.fire('request', flow);
    expect(flow.request.text).toBe('b');
  });

  it('leave alone what was answered already, has failed, or is not under way', async () => {
    const { hooks } = await load(new ModifyHeaders(), { modifyHeaders: ['/A/b'] });
    for (const change of [{ response: Response.make() }, { error: { message: 'x', timestamp: 0 } }, { live: false }]) {
      const flow = Object.assign(liveFlow('http://a.test/'), change);
      await hooks.fire('request', flow);
      expect(flow.request.headers.has('a')).toBe(false);
    }
  });
});

describe('bodies', () => {
  it('are decoded for it, and encoded again', async () => {
    const { hooks } = await load(new ModifyBody(), { modifyBody: ['/hello/goodbye'] });
    const flow = liveFlow('http://a.test/');
    flow.response = Response.make(200, '', { 'Content-Encoding': 'gzip' });
    flow.response.rawContent = gzipSync('hello world');
    await hooks.fire('response', flow);
    expect(gunzipSync(flow.response.rawContent).toString()).toBe('goodbye world');
    const untouched = gzipSync('nothing of it', { level: 1 });
    flow.response.rawContent = untouched;
    await hooks.fire('response', flow);
    expect(flow.response.rawContent).toBe(untouched);
  });

  it('that cannot be decoded stay', async () => {
    const { hooks, lines } = await load(new ModifyBody(), { modifyBody: ['/h/g'] });
    const flow = liveFlow('http://a.test/');
    flow.response = Response.make(200, '', {});
    flow.response.headers.set('content-encoding', 'gzip');
    flow.response.rawContent = Buffer.from('hello');
    await hooks.fire('response', flow);
    expect(flow.response.rawContent.toString()).toBe('hello');
    expect(lines).toEqual([expect.stringContaining('was left as it is by modify_body')]);
  });

  it('take what stands in a file at that time, in turn with other rules', async () => {
    const file = join(temporaryDirectory(), 'text');
    writeFileSync(file, 'a\\1b');
    const { hooks } = await load(new ModifyBody(), { modifyBody: [`|f(o+)|@${file}`, '|b|c'] });
    const flow = liveFlow('http://a.test/', {}, 'foo');
    await hooks.fire('request', flow);
    expect(flow.request.text).toBe('aooc');
    writeFileSync(file, 'new');
    const other = liveFlow('http://a.test/', {}, 'foo');
    await hooks.fire('request', other);
    expect(other.request.text).toBe('new');
  });

  it('are bytes: what is not UTF-8 is found and kept', async () => {
    const { hooks } = await load(new ModifyBody(), { modifyBody: ['/\\xff+/\\xfe'] });
    const flow = liveFlow('http://a.test/');
    flow.request.rawContent = Buffer.from('00ffff80', 'hex');
    await hooks.fire('request', flow);
    expect(flow.request.rawContent.toString('hex')).toBe('00fe80');
  });
});

describe('the options of mitmproxy 1.0', () => {
  it('mean rules of today', () => {
    expect(ruleOfSetHeader('/~q/Host/a\\nb')).toBe('/~q/Host/a\\\\nb');
    expect(ruleOfSetHeader('/Host/@me/x')).toBe('/Host/@me/x');
    expect(ruleOfSetHeader(':Host:@me')).toBe(':Host:\\x40me');
    expect(ruleOfReplace('/~s/foo/@bar/x')).toBe('/~s/foo/\\x40bar/x');
    expect(ruleOfReplaceFromFile(':~s:foo:/tmp/x')).toBe(':~s:foo:@/tmp/x');
    expect(ruleOfReplaceFromFile(':foo:x')).toBe(':foo:@x');
    expect(ruleOfReplace('/foo')).toBe('/foo');
  });

  it('replace in header fields, paths and bodies', async () => {
    const { hooks } = await load(new Replace(), { replacements: ['/f(o+)/b\\\\1r'] });
    const flow = liveFlow('http://foo.test/foo?foo', { 'X-Foo': 'foo é', foo: 'x' }, 'a foo');
    await hooks.fire('request', flow);
    expect(flow.request.path).toBe('/boor?boor');
    expect([...flow.request.headers]).toEqual([
      ['X-Foo', 'boor é'],
      ['boor', 'x'],
      ['content-length', '6'],
    ]);
    expect(flow.request.text).toBe('a boor');
    expect(flow.request.host).toBe('foo.test');
  });
});

describe.skipIf(!hasProgram('curl'))('with real clients and servers', () => {
  it('everything is changed on its way', async () => {
    const origin = await webServer('http', (request, response, body) => {
      response.setHeader('X-Remove', 'me');
      response.end(`${String(request.url)} ${String(request.headers['x-tag'])} ${body.toString()}`);
    });
    const url = `http://127.0.0.1:${String(origin.port)}`;
    const { proxy, curl } = await startProxy({
      addonOptions: {
        modifyHeaders: ['/~q/X-Tag/tagged', '/~s/X-Remove/'],
        modifyBody: ['/~q/secret/public', '/~s/public/PUBLIC'],
        mapRemote: ['|/old/|/new/'],
      },
    });
    const { stdout } = await curl('-i', '-x', proxy.url, '-d', 'secret', `${url}/old/thing`);
    expect(stdout).toMatch(/\r\n\r\n\/new\/thing tagged PUBLIC$/);
    expect(stdout).not.toMatch(/x-remove/i);
  });

  it('requests are sent to another server, by name and port', async () => {
    const origin = await webServer('http');
    const to = `127.0.0.1:${String(origin.port)}`;
    const { proxy, curl } = await startProxy({ addonOptions: { mapRemote: [`|//nowhere.invalid/|//${to}/`] } });
    expect((await curl('-x', proxy.url, 'http://nowhere.invalid/x')).stdout).toContain('GET /x 127.0.0.1');
  });

  it('requests are answered from files, blocked, or dropped', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'sub'));
    writeFileSync(join(directory, 'index.html'), '<p>front');
    writeFileSync(join(directory, 'sub', 'a.json'), '{}');
    const { proxy, lines, curl } = await startProxy({
      addonOptions: {
        mapLocal: [`|//files.test/|${directory}`],
        blockList: [':~d ads.test:404', ':~d gone.test:444'],
      },
    });
    const get = async (target: string): Promise<string> =>
      (await curl('-o', '-', '-w', '|%{http_code}|%{content_type}', '--path-as-is', '-x', proxy.url, target)).stdout;
    expect(await get('http://files.test/')).toBe('<p>front|200|text/html');
    expect(await get('http://files.test/sub/a.json?x=1')).toBe('{}|200|application/json');
    expect(await get('http://files.test/none')).toBe('|404|');
    expect(lines.join('\n')).toContain('http://files.test/none is in none of the places that map_local names');
    // It may be a file of the server.
    expect(await get('http://files.test/../../etc/passwd')).toContain('|502|');
    expect(await get('http://ads.test/x')).toBe('|404|');
    expect((await curl('-x', proxy.url, 'http://gone.test/')).code).toBe(52);
    await proxy.configure({ blockList: [] });
    expect(await get('http://ads.test.invalid/x')).toContain('|502|');
  });
});
