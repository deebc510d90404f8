import { describe, expect, it } from 'vitest';
import { AddonError, OptionError } from '../../../src/errors.js';
import { Response } from '../../../src/proxy/index.js';
import type { Addon, AddonContext, Flow, HttpFlow, Loader, LogEntry, TcpFlow } from '../../../src/proxy/index.js';
import { defineCommand } from '../../../src/proxy/hooks/command.js';
import {
  AddonTest,
  ManualClock,
  clientConnection,
  dnsFlow,
  httpFlow,
  tcpFlow,
  udpFlow,
  webSocketFlow,
} from '../../../src/proxy/testing/index.js';
import type { AddonTestSetup } from '../../../src/proxy/testing/index.js';

/** Notes what it is called for. */
class Witness implements Addon {
  readonly options = { limit: { type: 'integer', default: 3, minimum: 1, help: 'How many.' } } as const;
  readonly commands = {
    'witness.count': defineCommand([{ name: 'flows', type: 'flows' }], 'Counts flows.', (_, flows) => flows.length),
  };
  readonly calls: string[] = [];

  load(loader: Loader): void {
    this.calls.push('load');
    loader.addOption('late', { type: 'string', default: 'none', help: 'Declared while it is loaded.' });
  }

  configure(updated: ReadonlySet<string>, { options }: AddonContext): void {
    this.calls.push(`configure ${updated.has('limit') ? String(options['limit']) : 'nothing of mine'}`);
    if (options['limit'] === 13) throw new OptionError('13 is no limit');
    if (options['limit'] === 14) throw new RangeError('14 is worse');
  }

  running(): void {
    this.calls.push('running');
  }

  done(): void {
    this.calls.push('done');
  }
}

/** Writes down the hooks of flows, and what could be seen in each. */
function spy(seen: string[], see: (flow: Flow) => unknown = () => ''): Addon {
  const names = ['requestheaders', 'request', 'responseheaders', 'response', 'error', 'websocketStart'] as const;
  const more = ['websocketMessage', 'websocketEnd'] as const;
  const note = (name: string) => (flow: Flow) => void seen.push(`${name} ${String(see(flow))}`.trim());
  return {
    name: 'spy',
    ...Object.fromEntries([...names, ...more].map((name) => [name, note(name)])),
    tcpStart: note('tcpStart'),
    tcpMessage: note('tcpMessage'),
    tcpEnd: note('tcpEnd'),
    tcpError: note('tcpError'),
  };
}

/** What JavaScript may hand over whatever the types say. */
function started(addon: unknown, setup?: AddonTestSetup): Promise<AddonTest> {
  return AddonTest.start(addon as Addon, setup);
}

describe('the life of an addon', () => {
  it('is that in a proxy', async () => {
    const test = await AddonTest.start(new Witness());
    expect(test.addon.calls).toEqual(['load', 'configure 3', 'running']);
    expect(test.options).toMatchObject({ limit: 3, late: 'none', anticache: false, mode: [{ type: 'regular' }] });
    await test.stop();
    await test.stop();
    expect(test.addon.calls.slice(3)).toEqual(['done']);
  });

  it('ends with the block', async () => {
    const addon = new Witness();
    {
      await using _test = await AddonTest.start(addon);
    }
    expect(addon.calls.at(-1)).toBe('done');
  });

  it.each([
    ['by key', { options: { limit: 5, late: 'x', anticache: true } }],
    ['as text', { settings: ['limit=5', 'late=x', 'anticache=true'] }],
  ])('takes values of options %s', async (_, setup) => {
    await using test = await AddonTest.start(new Witness(), setup);
    expect(test.options).toMatchObject({ limit: 5, late: 'x', anticache: true });
  });

  it.each([
    [{ options: { limi: 5 } }, 'unknown option limi, did you mean limit?'],
    [{ settings: ['limi=5'] }, 'unknown option limi, did you mean limit?'],
    [{ options: { limit: 0 } }, /limit/],
    [{ options: { limit: 13 } }, '13 is no limit'],
    [{ options: { server: 5 } }, /server/],
  ])('ends at once with %j', async (setup, message) => {
    await expect(AddonTest.start(new Witness(), setup)).rejects.toThrow(message);
    await expect(AddonTest.start(new Witness(), setup)).rejects.toThrow(OptionError);
  });

  it('calls done of what it could not start', async () => {
    const addon = new Witness();
    await expect(AddonTest.start(addon, { options: { unknown: 1 } })).rejects.toThrow(OptionError);
    expect(addon.calls.at(-1)).toBe('done');
  });

  it.each(['load', 'configure', 'running'] as const)('fails when %s does', async (hook) => {
    const fails: Addon = {
      name: 'broken',
      [hook]: () => {
        throw new RangeError('not today');
      },
    };
    await expect(AddonTest.start(fails)).rejects.toThrow(`addon broken failed in ${hook}: not today (at `);
  });

  it('fails when done does', async () => {
    const test = await AddonTest.start({ done: () => Promise.reject(new Error('stuck')) });
    await expect(test.stop()).rejects.toThrow('addon addon failed in done: stuck');
  });

  it('refuses what is no addon, and an option that there is', async () => {
    await expect(started(5)).rejects.toThrow('an addon is an object with functions for hooks, not number');
    await expect(started({ requets: () => undefined })).rejects.toThrow('did you mean request?');
    const setup = { option: {} } as AddonTestSetup;
    await expect(started({}, setup)).rejects.toThrow('an AddonTest has no option, did you mean options?');
    const taken = { type: 'boolean', help: 'Taken.' } as const;
    await expect(AddonTest.start({ options: { anticache: taken } })).rejects.toThrow(TypeError);
    await expect(AddonTest.start({ options: { sslInsecure: taken } })).rejects.toThrow(TypeError);
  });
});

describe('configure', () => {
  it('changes options and tells the addon', async () => {
    await using test = await AddonTest.start(new Witness());
    await test.configure({ limit: 7 });
    expect(test.options['limit']).toBe(7);
    expect(test.addon.calls.at(-1)).toBe('configure 7');
    await test.configure({ limit: undefined });
    expect(test.options['limit']).toBe(3);
  });

  it.each([
    [{ limit: 13 }, OptionError, '13 is no limit'],
    [{ limit: 14 }, AddonError, 'addon Witness failed in configure: 14 is worse'],
    [{ limit: 'x' }, OptionError, 'limit'],
    [{ limti: 1 }, OptionError, 'unknown option limti, did you mean limit?'],
  ])('is undone when it is refused: %j', async (changes, kind, message) => {
    await using test = await AddonTest.start(new Witness(), { options: { limit: 4 } });
    await expect(test.configure(changes)).rejects.toThrow(message);
    await expect(test.configure(changes)).rejects.toThrow(kind);
    expect(test.options['limit']).toBe(4);
    // Whoever took the new value was given the former one again.
    expect(test.addon.calls.at(-1)).not.toContain('13');
  });
});

describe('fire', () => {
  const tag: Addon = {
    request: (flow) => {
      flow.request.headers.set('X-Tag', 'blue');
    },
    async response(flow, { wait, now }) {
      await wait(2);
      flow.comment = new Date(now() * 1000).toISOString();
    },
    clientConnected: (client) => {
      client.error = 'not you';
    },
  };

  it('calls a hook, and gives what it was about', async () => {
    await using test = await AddonTest.start(tag);
    const flow = await test.fire('request', httpFlow());
    expect(flow.request.headers.get('x-tag')).toBe('blue');
    const client = await test.fire('clientConnected', clientConnection());
    expect(client.error).toBe('not you');
    // A hook that the addon has no function for.
    await test.fire('requestheaders', flow);
  });

  it.each([
    ['response', undefined, 'fire takes an HttpFlow for response, not undefined'],
    ['request', tcpFlow(), 'fire takes an HttpFlow for request, not a TcpFlow'],
    ['tcpMessage', {}, 'fire takes a TcpFlow for tcpMessage, not a value of type object'],
    ['udpEnd', null, 'fire takes a UdpFlow for udpEnd, not null'],
    ['dnsError', 'a.test', 'fire takes a DnsFlow for dnsError, not "a.test"'],
    ['update', httpFlow(), 'fire takes a list of flows for update, not an HttpFlow'],
    ['clientConnected', undefined, 'fire takes a ClientConnection for clientConnected, not undefined'],
    ['tlsFailedServer', 5, 'fire takes a TlsData for tlsFailedServer, not 5'],
  ] as const)('says what it takes for %s', async (hook, subject, message) => {
    await using test = await AddonTest.start(spy([]));
    await expect(test.fire(hook, subject as never)).rejects.toThrow(new TypeError(message));
  });

  it('keeps its time', async () => {
    await using test = await AddonTest.start(tag);
    const flow = httpFlow({ response: true });
    const fired = test.fire('response', flow);
    expect(flow.comment).toBe('');
    test.clock.advance(2000);
    await fired;
    expect(flow.comment).toBe('2024-01-01T00:00:02.000Z');
  });

  it('takes another clock', async () => {
    const clock = new ManualClock(1000);
    let time = 0;
    await using test = await AddonTest.start({ request: (_, { now }) => void (time = now()) }, { clock });
    await test.fire('request', httpFlow());
    expect(time).toBe(1);
  });

  it('does not wait for what ends with the test', async () => {
    const test = await AddonTest.start(tag);
    const fired = test.fire('response', httpFlow({ response: true }));
    await test.stop();
    await fired;
  });

  const broken: Addon = {
    name: 'broken',
    request: async () => {
      await Promise.resolve();
      throw new RangeError('not today');
    },
    response: () => {
      throw new OptionError('not so');
    },
  };

  it('throws what the addon throws', async () => {
    await using test = await AddonTest.start(broken);
    const failure = await test.fire('request', httpFlow()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AddonError);
    expect(failure).toMatchObject({ addon: 'broken', hook: 'request', cause: new RangeError('not today') });
    expect(String(failure)).toMatch(/addon-test\.test\.ts:\d+/);
    await expect(test.fire('response', httpFlow())).rejects.toThrow(new OptionError('not so'));
    expect(test.log.entries).toEqual([]);
  });

  it('writes it to the log when asked to', async () => {
    await using test = await AddonTest.start(broken, { logsFailures: true });
    await test.fire('request', httpFlow());
    expect(test.log.messages('error')).toEqual([expect.stringContaining('addon broken failed in request: not today')]);
  });

  it('does not wait for an intercepted flow', async () => {
    await using test = await AddonTest.start({
      request: (flow) => {
        flow.intercept();
      },
    });
    const flow = await test.fire('request', httpFlow());
    expect(flow.intercepted).toBe(true);
    await test.fire('requestheaders', flow);
    expect(test.flows.held()).toEqual([flow]);
    flow.resume();
    expect(test.flows.held()).toEqual([]);
  });

  it('lets an idle addon be', async () => {
    const options = { counting: { type: 'boolean', help: 'Count.' } } as const;
    let count = 0;
    await using test = await AddonTest.start({
      options,
      isIdle: (context) => context.options['counting'] !== true,
      request: () => void count++,
    });
    await test.fire('request', httpFlow());
    await test.configure({ counting: true });
    await test.fire('request', httpFlow());
    expect(count).toBe(1);
  });

  it.each([
    ['requets', 'there is no hook requets, did you mean request?'],
    ['running', 'running is called by the AddonTest itself'],
  ])('refuses %s', async (hook, message) => {
    await using test = await AddonTest.start(tag);
    await expect(test.fire(hook as 'request', httpFlow())).rejects.toThrow(new TypeError(message));
  });
});

describe('cycle', () => {
  it.each([
    [() => httpFlow(), ['requestheaders', 'request']],
    [() => httpFlow({ response: true }), ['requestheaders', 'request', 'responseheaders', 'response']],
    [() => httpFlow({ error: true }), ['requestheaders', 'request', 'error']],
    [() => tcpFlow(), ['tcpStart', 'tcpMessage', 'tcpMessage', 'tcpEnd']],
    [() => udpFlow({ messages: [], error: true }), ['udpStart', 'udpError']],
    [() => dnsFlow({ response: true }), ['dnsRequest', 'dnsResponse']],
    [() => dnsFlow({ error: true }), ['dnsRequest', 'dnsError']],
  ])('calls the hooks in their order: %o', async (make, hooks) => {
    await using test = await AddonTest.start({});
    expect(await test.cycle(make())).toEqual(hooks);
  });

  it('shows messages one by one', async () => {
    const seen: string[] = [];
    const countMessages = (flow: Flow): number => (flow as TcpFlow).messages.length;
    await using test = await AddonTest.start(spy(seen, countMessages));
    await test.cycle(tcpFlow());
    expect(seen).toEqual(['tcpStart 0', 'tcpMessage 1', 'tcpMessage 2', 'tcpEnd 2']);
    await using other = await AddonTest.start(spy(seen, (flow) => (flow as HttpFlow).websocket?.messages.length));
    seen.length = 0;
    await other.cycle(webSocketFlow());
    expect(seen.slice(4)).toEqual([
      'websocketStart 0',
      ...['websocketMessage 1', 'websocketMessage 2', 'websocketMessage 3', 'websocketEnd 3'],
    ]);
  });

  const status = (flow: Flow): unknown => (flow as HttpFlow).response?.statusCode ?? '-';

  it('shows a live flow as it passes, and another as it was read', async () => {
    const seen: string[] = [];
    await using test = await AddonTest.start(spy(seen, status));
    await test.cycle(httpFlow({ response: true }));
    expect(seen).toEqual(['requestheaders -', 'request -', 'responseheaders 200', 'response 200']);
    seen.length = 0;
    await test.cycle(httpFlow({ response: true, live: false }));
    expect(seen).toEqual(['requestheaders 200', 'request 200', 'responseheaders 200', 'response 200']);
  });

  it('asks no server when the addon answers', async () => {
    await using test = await AddonTest.start({
      request: (flow) => {
        flow.response = Response.make(418);
      },
    });
    const flow = httpFlow({ response: true, error: true });
    expect(await test.cycle(flow)).toEqual(['requestheaders', 'request', 'response']);
    expect(status(flow)).toBe(418);
    expect(flow.error).toBeUndefined();
  });

  it('stops where a flow is held', async () => {
    await using test = await AddonTest.start({
      request: (flow) => {
        flow.intercept();
      },
    });
    const flow = httpFlow({ response: true });
    expect(await test.cycle(flow)).toEqual(['requestheaders', 'request']);
    expect(flow.response).toBeUndefined();
    flow.resume();
  });

  it('tells of the end of what was killed', async () => {
    const kill: Addon = {
      request: (flow) => {
        flow.kill();
      },
      tcpMessage: (flow) => {
        flow.kill();
      },
    };
    await using test = await AddonTest.start(kill);
    expect(await test.cycle(httpFlow({ response: true }))).toEqual(['requestheaders', 'request', 'error']);
    expect(await test.cycle(tcpFlow())).toEqual(['tcpStart', 'tcpMessage', 'tcpError']);
  });

  const shout: Addon = {
    name: 'shout',
    requestheaders({ request }) {
      request.stream = true;
    },
    responseheaders({ response }) {
      if (response === undefined) return;
      let held = '';
      response.stream = (piece) => {
        if (piece.length === 0) return [held.toUpperCase(), '!'];
        held += piece.toString();
        return [];
      };
    },
  };

  it('passes a body on as it arrives, through the function that the addon gives', async () => {
    const seen: unknown[] = [];
    const response = ({ request, response: got }: HttpFlow): void => {
      seen.push(request.text, got?.text, got?.headers.has('content-length'));
    };
    const make = (): HttpFlow => httpFlow({ request: { content: 'a' }, response: { statusCode: 200, content: 'b' } });
    await using test = await AddonTest.start({ ...shout, response });
    const flow = make();
    expect(await test.cycle(flow)).toEqual(['requestheaders', 'request', 'responseheaders', 'response']);
    expect(seen.splice(0)).toEqual([undefined, undefined, false]);
    expect([flow.request.text, flow.response?.text]).toEqual(['a', 'B!']);
    await test.configure({ storeStreamedBodies: true });
    await test.cycle(make());
    expect(seen).toEqual(['a', 'B!', false]);
    const old = httpFlow({ response: true, live: false });
    await test.cycle(old);
    expect(old.response?.text).toBe('hello');
  });

  it('tells of a function for a body that fails', async () => {
    const broken: Addon = {
      name: 'broken',
      responseheaders({ response }) {
        if (response === undefined) return;
        response.stream = () => {
          throw new RangeError('not this');
        };
      },
    };
    await using test = await AddonTest.start(broken);
    const failure = 'addon broken failed in the stream function of GET http://example.com/: not this';
    const failing = test.cycle(httpFlow({ response: true }));
    await expect(failing).rejects.toThrow(failure);
    await expect(failing).rejects.toThrow(AddonError);
    await using logging = await AddonTest.start(broken, { logsFailures: true });
    const flow = httpFlow({ response: true });
    expect(await logging.cycle(flow)).toEqual(['requestheaders', 'request', 'responseheaders', 'error']);
    expect(logging.log.messages('error')).toEqual([expect.stringContaining(failure)]);
    expect(flow.error?.message).toContain('the stream function of the message failed: not this');
  });

  it('throws what the addon throws', async () => {
    await using test = await AddonTest.start({ request: () => Promise.reject(new Error('no')) });
    await expect(test.cycle(undefined as never)).rejects.toThrow(new TypeError('cycle takes a flow, not undefined'));
    await expect(test.cycle(httpFlow())).rejects.toThrow('addon addon failed in request: no');
  });
});

describe('the log', () => {
  it('is kept', async () => {
    const heard: string[] = [];
    await using test = await AddonTest.start({
      running: (_, { log }) => {
        log.info('I run');
      },
      request: (flow, { log }) => {
        log.warn(`strange: ${flow.request.path}`);
      },
      addLog: ({ message }: LogEntry) => void heard.push(message),
    });
    await test.fire('request', httpFlow({ request: 'http://a.test/x' }));
    expect(test.log.messages()).toEqual(['I run', 'strange: /x']);
    expect(test.log.messages('warn')).toEqual(['strange: /x']);
    expect(test.log.entries[0]).toEqual({ level: 'info', message: 'I run', timestamp: 1_704_067_200 });
    expect(heard).toEqual(['I run', 'strange: /x']);
    test.log.clear();
    expect(test.log.messages()).toEqual([]);
  });
});

describe('commands', () => {
  it('are called', async () => {
    await using test = await AddonTest.start(new Witness(), { flows: [httpFlow(), httpFlow({ response: 404 })] });
    expect(await test.call('witness.count', [])).toBe(0);
    expect(await test.call('witness.count', '~c 404')).toBe(1);
    await test.fire('requestheaders', httpFlow());
    expect(await test.call('witness.count', '~all')).toBe(3);
    await expect(test.call('witness.cont', [])).rejects.toThrow('unknown command witness.cont');
    await expect(test.call('witness.count', 5)).rejects.toThrow(OptionError);
  });
});

describe('what an addon does with flows', () => {
  it('is refused where a proxy would not send a request again', async () => {
    const refused: unknown[] = [];
    const addon: Addon = {
      websocketEnd: async (flow, { flows }) => {
        await flows.replay(flow.copy()).catch((error: unknown) => refused.push(error));
      },
    };
    await using test = await AddonTest.start(addon);
    await test.fire('websocketEnd', webSocketFlow({ url: 'ws://a.test/chat' }));
    expect(refused).toEqual([new TypeError('GET http://a.test/chat is not sent again: it opened a WebSocket')]);
    expect(test.flows.replayed).toEqual([]);
  });

  it('is written down', async () => {
    const loaded = tcpFlow({ live: false });
    const addon: Addon = {
      async response(flow, { flows }) {
        if (flow.response?.statusCode !== 503) return;
        const again = flow.copy();
        await flows.replay(again);
        flow.response = again.response;
        flows.update([flow]);
        await flows.load(loaded);
      },
      websocketMessage: (flow, { flows }) => {
        flows.inject(flow, true, 'text');
        flows.inject(flow, false, Buffer.from([0]));
        flows.closeWebSocket(flow, 1001, 'gone');
      },
      tcpMessage: (flow, { flows }) => {
        flows.inject(flow, true, 'bytes');
      },
    };
    await using test = await AddonTest.start(addon, {
      replay: (flow) => {
        expect(flow).toMatchObject({ isReplay: 'request', response: undefined });
        flow.response = Response.make(200, 'better');
      },
    });
    const flow = await test.fire('response', httpFlow({ response: 503 }));
    expect(flow.response?.text).toBe('better');
    expect(test.flows.replayed).toHaveLength(1);
    expect(test.flows.loaded).toEqual([loaded]);
    expect(test.flows.updated).toEqual([flow]);

    const chat = await test.fire('websocketMessage', webSocketFlow());
    expect(test.flows.injected).toEqual([
      { flow: chat, toClient: true, content: Buffer.from('text'), isText: true },
      { flow: chat, toClient: false, content: Buffer.from([0]), isText: false },
    ]);
    expect(test.flows.closed).toEqual([{ flow: chat, status: 1001, reason: 'gone' }]);
    await expect(test.fire('websocketMessage', chat)).rejects.toThrow('the flow has no open WebSocket');
    await expect(test.fire('tcpMessage', tcpFlow({ live: false }))).rejects.toThrow('the flow is not live');
    await test.fire('tcpMessage', tcpFlow());
    expect(test.flows.injected.at(-1)?.content.toString()).toBe('bytes');
  });

  it('sees the flows that have passed', async () => {
    const before = httpFlow({ response: 404 });
    await using test = await AddonTest.start({}, { flows: [before] });
    const flow = httpFlow({ response: true });
    await test.cycle(flow);
    expect(test.flows.list()).toEqual([before, flow]);
    expect(test.flows.list('~c 404')).toEqual([before]);
    expect(() => test.flows.list('~')).toThrow();
  });
});
