import { describe, expect, it } from 'vitest';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { HeldFlows } from '../../src/proxy/held-flows.js';
import { Log } from '../../src/proxy/hooks/log.js';
import { Request } from '../../src/proxy/message/request.js';
import { ManualClock } from '../kit/manual-clock.js';

/** The holding of flows, without a proxy. */
function holding() {
  const clock = new ManualClock(5_000);
  const stop = new AbortController();
  const lines: string[] = [];
  const told: Flow[] = [];
  const log = new Log(
    () => clock.now(),
    ({ message }) => lines.push(message),
  );
  const held = new HeldFlows({
    ...{ clock, log, signal: stop.signal },
    flows: () => [],
    update: (flows) => told.push(...flows),
  });
  return { held, stop, lines, told };
}

function intercepted(path = '/'): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', `http://a.test${path}`));
  flow.live = true;
  flow.intercept();
  return flow;
}

describe('flows that are held', () => {
  it('are bounded: that which was held longest is killed', async () => {
    const { held, lines } = holding();
    const first = intercepted('/first');
    const over = held.untilResumed(first);
    for (let i = 0; i < 10_000; i++) void held.untilResumed(intercepted());
    await over;
    expect([first.error?.message, first.error?.timestamp]).toEqual(['Connection killed.', 5]);
    expect(held.list()).toHaveLength(10_000);
    expect(lines).toEqual(['GET http://a.test/first was killed: more than 10000 flows are held']);
  });

  it('are not listed any more as soon as they are resumed, and may be held again', async () => {
    const { held } = holding();
    const flow = intercepted();
    const first = held.untilResumed(flow);
    flow.resume();
    expect(held.list()).toEqual([]);
    await first;
    flow.intercept();
    const second = held.untilResumed(flow);
    expect(held.list()).toEqual([flow]);
    flow.resume();
    await second;
  });

  it('are held in two places at once, and let go in both', async () => {
    const { held, told } = holding();
    const flow = intercepted();
    const both = Promise.all([held.untilResumed(flow), held.untilResumed(flow)]);
    flow.resume();
    await both;
    expect(held.list()).toEqual([]);
    expect(told).toEqual([flow, flow, flow]);
  });

  it('are let go when the proxy stops, those that come later, too', async () => {
    const { held, stop } = holding();
    const [early, late] = [intercepted(), intercepted()];
    const waiting = held.untilResumed(early);
    stop.abort('stop');
    await waiting;
    await held.untilResumed(late);
    expect([early.intercepted, late.intercepted, held.list()]).toEqual([false, false, []]);
  });
});
