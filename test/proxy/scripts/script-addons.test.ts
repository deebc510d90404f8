import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.js';
import { Hooks, nameOf } from '../../../src/proxy/hooks/hooks.js';
import { hookNames } from '../../../src/proxy/hooks/hook-table.js';
import { Log } from '../../../src/proxy/hooks/log.js';
import { Commands } from '../../../src/proxy/hooks/commands.js';
import { noFlows } from '../../../src/proxy/hooks/flow-port.js';
import type { Addon, AddonContext } from '../../../src/proxy/index.js';
import { OptionStore } from '../../../src/proxy/option-store.js';
import { scriptAddons } from '../../../src/proxy/scripts/script-addons.js';
import { httpFlow } from '../../../src/proxy/testing/index.js';

const lines: string[] = [];
const context: AddonContext = {
  log: new Log(
    () => 0,
    ({ message }) => lines.push(message),
  ),
  options: new OptionStore({ flowDetail: undefined, listenPort: 81 }).values,
  commands: new Commands(() => context),
  flows: noFlows,
  now: () => 0,
  wait: () => Promise.resolve(),
  configure: () => Promise.resolve(),
};

function addonsOf(exported: unknown, words: readonly string[] = []): Promise<readonly Addon[]> {
  return scriptAddons(exported, { name: 'tag.ts', words }, context);
}

/** What addons noted of a request, in their order. */
async function seen(addons: readonly Addon[]): Promise<string> {
  const hooks = new Hooks(context);
  for (const addon of addons) hooks.add(addon);
  const flow = httpFlow();
  await hooks.fire('request', flow);
  return flow.comment;
}

type Noted = { comment: string };

class Note {
  constructor(private readonly word = 'class') {}
  request(flow: Noted): void {
    flow.comment += `${this.word} `;
  }
}

const request = (flow: Noted): void => {
  flow.comment += 'module ';
};

describe('the addons of a script', () => {
  it.each<[string, unknown, string]>([
    ['its module', { request }, 'module '],
    ['an object', { default: { request } }, 'module '],
    ['a class', { default: Note }, 'class '],
    ['an instance', { default: new Note('instance') }, 'instance '],
    ['a list', { default: [Note, new Note('instance')] }, 'class instance '],
    ['those of addons', { addons: [Note, { request }] }, 'class module '],
    ['all of these', { request, default: Note, addons: [new Note('last')] }, 'module class last '],
    ['a class of CommonJS', Note, 'class '],
    ['what start gives, as in mitmproxy 1.0', { start: () => new Note('started'), request }, 'started '],
    ['the module, when start gives nothing', { start: () => undefined, request }, 'module '],
  ])('are %s', async (_, exported, noted) => {
    expect(await seen(await addonsOf(exported))).toBe(noted);
  });

  it('are called by their own name, or by that of the file', async () => {
    const addons = await addonsOf({ request, default: Note, addons: [{ name: 'mine', request }, { request }] });
    expect(addons.map(nameOf)).toEqual(['tag.ts', 'Note', 'mine', 'tag.ts']);
  });

  it('bring options and commands', async () => {
    const options = { mine: { type: 'string', help: 'What it is.' } };
    const [addon] = await addonsOf({ options, commands: {}, keepsServersAway: true });
    expect(addon).toMatchObject({ options, commands: {}, keepsServersAway: true });
  });

  it('may have any function and any value besides, and nothing is called but hooks', async () => {
    const [addon] = await addonsOf({ request, helper: () => 1, Response: class {}, pattern: /x/, update: undefined });
    expect(Object.keys(addon ?? {}).filter((key) => hookNames.some((hook) => hook === key))).toEqual(['request']);
  });

  it.each([
    ['websocket_message', 'websocketMessage'],
    ['websocketMessage', 'websocketMessage'],
    ['tls_clienthello', 'tlsClienthello'],
    ['http_connect_upstream', 'httpConnectUpstream'],
    ['clientconnect', 'clientConnected'],
    ['tcp_close', 'tcpEnd'],
  ])('have %s called for the hook %s', async (name, hook) => {
    const [addon] = await addonsOf({ [name]: () => undefined });
    expect(Object.keys(addon ?? {})).toContain(hook);
  });

  it.each<[string, unknown, string]>([
    ['a near miss', { respones: () => undefined }, 'there is no hook respones, did you mean response?'],
    [
      'a near miss in a class',
      {
        default: class {
          request_headers(): void {}
        },
      },
      'there is no hook request_headers, did you mean requestheaders?',
    ],
    ['a hook that is no function', { request: 5 }, 'the script has something in request that is no function'],
    [
      'a function',
      { default: () => undefined },
      'a script exports functions by the names of hooks, an object, or a class',
    ],
    ['nothing', null, 'an addon is an object with functions for hooks, not null'],
    ['numbers', { addons: [1] }, 'an addon is an object with functions for hooks, not number'],
  ])('are not %s', async (_, exported, message) => {
    await expect(addonsOf(exported)).rejects.toThrow(new TypeError(message));
  });
});

describe('the context of a script', () => {
  it('has its words, and options by either name', async () => {
    const told: unknown[] = [];
    const response = (_: unknown, ctx: { arguments: string[]; options: Record<string, unknown> }): void => {
      told.push(ctx.arguments, ctx.options['listen_port'], ctx.options['listenPort'], ctx.options['no_such']);
      told.push('listen_port' in ctx.options, 'no_such' in ctx.options);
    };
    const hooks = new Hooks(context);
    for (const addon of await addonsOf({ response }, ['blue'])) hooks.add(addon);
    await hooks.fire('response', httpFlow());
    expect(told).toEqual([['blue'], 81, 81, undefined, true, false]);
  });

  it('tells by either name which options have changed', async () => {
    const told: boolean[] = [];
    const configure = (updated: ReadonlySet<string>): void => {
      told.push(updated.has('listen_port'), updated.has('listenPort'), updated.has('mode'));
    };
    const hooks = new Hooks(context);
    for (const addon of await addonsOf({ configure })) hooks.add(addon);
    await hooks.fire('configure', new Set(['listenPort']));
    expect(told).toEqual([true, true, false]);
  });

  it('lets errors of options through', async () => {
    const configure = (): void => {
      throw new OptionError('not this one');
    };
    const [addon] = await addonsOf({ configure });
    await expect(new Hooks(context).fireOne(addon as Addon, 'configure', new Set())).rejects.toThrow(
      new OptionError('not this one'),
    );
  });
});
