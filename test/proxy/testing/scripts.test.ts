import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OptionError, ScriptError } from '../../../src/errors.js';
import type { Addon } from '../../../src/proxy/index.js';
import { AddonTest, httpFlow } from '../../../src/proxy/testing/index.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

function scriptOf(text: string): string {
  const file = join(temporaryDirectory(), 'script.ts');
  writeFileSync(file, text);
  return file;
}

describe('startScript', () => {
  it('runs a script with functions for hooks, in snake case too', async () => {
    const file = scriptOf(`
      export function load(loader: { add_option: (...given: unknown[]) => void }): void {
        loader.add_option('tag_value', String, 'none', 'What X-Tag says.');
      }
      export function request(flow: any, ctx: any): void {
        flow.request.headers.set('X-Tag', ctx.options.tag_value);
      }
      export const client_connected = (client: any): void => {
        client.error = 'not you';
      };
    `);
    await using test = await AddonTest.startScript(file, { settings: ['tag_value=blue'] });
    const flow = await test.fire('request', httpFlow());
    expect(flow.request.headers.get('x-tag')).toBe('blue');
    expect((await test.fire('clientConnected', flow.clientConn)).error).toBe('not you');
  });

  it('runs a script with several addons, in their order', async () => {
    const file = scriptOf(`
      class Note {
        constructor(private readonly word: string) {}
        request(flow: any): void {
          flow.comment += this.word;
        }
        done(): void {
          throw new Error(this.word + ' does not want to');
        }
      }
      export const addons = [new Note('a'), new Note('b')];
    `);
    const test = await AddonTest.startScript(file);
    expect((await test.fire('request', httpFlow())).comment).toBe('ab');
    await expect(test.stop()).rejects.toThrow('a does not want to');
  });

  it('tells what is wrong with a script', async () => {
    await expect(AddonTest.startScript('no-such-script.ts')).rejects.toThrow(OptionError);
    await expect(AddonTest.startScript(scriptOf('export const request = (;'))).rejects.toThrow(ScriptError);
    const broken = scriptOf('export function request(): void {\n  throw new Error("not today");\n}');
    await using test = await AddonTest.startScript(broken);
    await expect(test.fire('request', httpFlow())).rejects.toThrow(/not today \(at .*script\.ts:2:\d+\)/);
  });
});

describe('start', () => {
  it('takes a module that was imported', async () => {
    const module = (await import('./tagging-script.js')) satisfies Addon;
    await using test = await AddonTest.start(module, { options: { tagValue: 'red' } });
    expect((await test.fire('request', httpFlow())).request.headers.get('x-tag')).toBe('red');
  });
});
