import { expect, it } from 'vitest';
import { Proxy } from '../../../src/proxy/index.js';
import { scriptContext } from '../../../src/proxy/scripts/script-context.js';
import type { ScriptContext } from '../../../src/proxy/index.js';

it('options are read and changed by both of their names', async () => {
  let context: ScriptContext | undefined;
  await using proxy = await Proxy.start({
    addons: [{ name: 'look', running: (_, given) => void (context = scriptContext(given, ['blue'])) }],
  });
  await context?.configure({ body_size_limit: '10k', anticache: true });
  expect(proxy.options).toMatchObject({ bodySizeLimit: 10240, anticache: true });
  expect(context?.options).toMatchObject({ bodySizeLimit: 10240 });
  expect(context?.options['body_size_limit']).toBe(10240);
  expect(context?.arguments).toEqual(['blue']);
  await expect(context?.configure(null as never)).rejects.toThrow(TypeError);
});

it('errors name options as they were given', async () => {
  let context: ScriptContext | undefined;
  await using proxy = await Proxy.start({
    addons: [{ name: 'look', running: (_, given) => void (context = scriptContext(given, [])) }],
  });
  await expect(context?.configure({ tcp_timeout: 'x' })).rejects.toThrow('tcp_timeout takes a whole number');
  await expect(context?.configure({ tcpTimeout: 'x' })).rejects.toThrow('tcpTimeout takes a whole number');
  await expect(context?.configure({ tcp_timeot: 1 })).rejects.toThrow('tcp_timeot, did you mean tcp_timeout?');
  // Code that brings no script has the keys alone.
  await expect(proxy.configure({ tcpTimeout: 'x' })).rejects.toThrow('tcpTimeout takes a whole number');
  await expect(proxy.configure({ tcpTimeot: 1 })).rejects.toThrow('tcpTimeot, did you mean tcpTimeout?');
  await expect(proxy.configure({ listenPort: 1 })).rejects.toThrow('listenPort cannot be changed');
  await expect(Proxy.start({ tcpTimeout: 'x' as never })).rejects.toThrow('tcpTimeout takes a whole number');
});
