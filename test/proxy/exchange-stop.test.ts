import { describe, expect, it } from 'vitest';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';
import type { Peer } from '../kit/peer.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Proxy } from '../../src/proxy/proxy.js';

/** A proxy before a server that never answers, a request that it got, and what became of flows. */
async function waiting(
  addon: object = {},
  request = 'GET / HTTP/1.1\r\n\r\n',
): Promise<[Proxy, Peer, string[], RawServer]> {
  const server = await rawServer();
  const hooks: string[] = [];
  const watch = Object.fromEntries(
    ['requestheaders', 'request', 'response', 'error'].map((hook) => [hook, () => void hooks.push(hook)]),
  );
  const proxy = await Proxy.start({
    mode: `reverse:http://127.0.0.1:${String(server.port)}`,
    addons: [watch, addon],
  });
  const client = await connect(proxy.port);
  client.send(request);
  return [proxy, client, hooks, server];
}

/** Why the flows failed. */
function errorsOf(proxy: Proxy): (string | undefined)[] {
  return proxy.flows().map(({ error }) => error?.message);
}

describe('a proxy that stops', () => {
  it('ends exchanges that wait for the server', async () => {
    const [proxy, client, hooks, server] = await waiting();
    await (await server.peer()).until('\r\n\r\n');
    await proxy.stop();
    await client.closed();
    expect(errorsOf(proxy)).toEqual(['The proxy was stopped.']);
    expect(hooks.filter((hook) => hook === 'response' || hook === 'error')).toEqual(['error']);
  });

  it('ends those whose response is on its way', async () => {
    const [proxy, client, , server] = await waiting({
      responseheaders: ({ response }: HttpFlow) => {
        if (response !== undefined) response.stream = true;
      },
    });
    const peer = await server.peer();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na');
    await client.until('\r\n\r\na');
    await proxy.stop();
    await client.closed();
    expect(errorsOf(proxy)).toEqual(['The proxy was stopped.']);
  });

  it('ends those whose flow is held', async () => {
    let held: () => void = () => undefined;
    const holding = new Promise<void>((resolve) => {
      held = resolve;
    });
    const [proxy, client, hooks] = await waiting({
      request: (flow: HttpFlow) => {
        flow.intercept();
        held();
      },
    });
    await holding;
    await proxy.stop();
    await client.closed();
    expect(errorsOf(proxy)).toEqual(['The proxy was stopped.']);
    expect(hooks).toEqual(['requestheaders', 'request', 'error']);
  });

  it('ends those that an addon does not let go on', async () => {
    let held: () => void = () => undefined;
    const holding = new Promise<void>((resolve) => {
      held = resolve;
    });
    const [proxy, client, hooks] = await waiting({
      requestheaders: () => {
        held();
        return new Promise(() => undefined);
      },
    });
    await holding;
    await proxy.stop();
    await client.closed();
    expect(errorsOf(proxy)).toEqual(['The proxy was stopped.']);
    expect(hooks).toEqual(['requestheaders', 'error']);
  });

  it('ends those that wait for the rest of a request', async () => {
    const [proxy, client, hooks] = await waiting({}, 'POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na');
    await new Promise((resolve) => setImmediate(resolve));
    await proxy.stop();
    await client.closed();
    expect(errorsOf(proxy)).toEqual(hooks.includes('requestheaders') ? ['The proxy was stopped.'] : []);
    expect(hooks.filter((hook) => hook === 'requestheaders')).toHaveLength(
      hooks.filter((hook) => hook === 'error').length,
    );
  });
});
